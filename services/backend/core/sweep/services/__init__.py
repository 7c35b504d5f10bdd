"""Writes: do what is due, take it back, try again what failed."""

from core.sweep.services.operate import run_retry_items, run_undo
from core.sweep.services.run import sweep_run

__all__ = ["run_retry_items", "run_undo", "sweep_run"]

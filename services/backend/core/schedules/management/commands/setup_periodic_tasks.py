"""The name under which event platforms know `sync_schedules`: the same command."""

from core.schedules.management.commands.sync_schedules import Command

__all__ = ["Command"]

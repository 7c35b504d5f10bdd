"""Writes: everything that changes a run."""

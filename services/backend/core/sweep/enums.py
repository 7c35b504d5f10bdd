"""Words shared by the services and the task."""

UNDO_TASK = "sweep.undo_run"

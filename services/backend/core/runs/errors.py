"""What a task raises to say how it ends, and why a run cannot be changed."""

from typing import Any


class RecoverableError(Exception):
    """Try again later, as the task's policy says."""


class NonRecoverableError(Exception):
    """Do not try again: another attempt would end the same."""


class RunCancelledError(Exception):
    """Raised at a safe point after somebody asked to cancel; let it pass, what is committed stays."""


class RunOutOfTimeError(RunCancelledError):
    """Raised at a safe point when a run that somebody waits for has had its time; what is committed stays."""


class RunSkippedError(Exception):
    """Raised before the first change: this run is left out. The message, for people, says why."""


class RunHeldError(Exception):
    """The run would change unusually much: it waits for a person, who sees the preview."""

    def __init__(self, why: str, preview: dict[str, Any]) -> None:
        super().__init__(why)
        self.preview = preview


class RunRefusedError(Exception):
    """The run's state forbids it. The message is for people."""

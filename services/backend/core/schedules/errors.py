"""Why a schedule is not what was asked for. The messages are for people."""


class JobSpecError(ValueError):
    """A declaration in a `jobs.py` contradicts itself: correct it there."""


class ScheduleRefusedError(Exception):
    """The schedule's state forbids it."""

"""When: what an app declares in its `jobs.py`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.apps import apps
from django.conf import settings

from core.schedules.enums import CatchUp
from core.schedules.errors import JobSpecError
from core.schedules.intervals import parsed, shortest_interval_seconds


@dataclass(frozen=True)
class JobSpec:
    """One scheduled task: when it is due, and what is unusual for a run of it.

    How it runs (limits, retry policy, singleton, fairness) is said once, by the task's decorator. `crontab` has the
    five usual fields, read in `zone`; a job that is due every so many seconds has `every_seconds` in its place.
    """

    key: str
    task: str
    crontab: str = ""
    expire_seconds: int = 0
    description: str = ""
    queue: str = "default"
    zone: str = "UTC"
    every_seconds: int = 0
    # What beat does about slots at which no beat ran.
    catch_up: CatchUp = CatchUp.ONCE
    # What is late, too long, too quick and too little: alarms, not limits.
    start_grace_seconds: int = 300
    run_limit_seconds: int | None = None
    min_seconds: float | None = None
    min_changed: int | None = None

    def __post_init__(self) -> None:
        for wrong in faults(self):
            raise JobSpecError(f"The job {self.key!r} is refused: {wrong}.")

    @property
    def interval_seconds(self) -> int:
        """Return the shortest time between two of its slots; 0 when there is only one."""
        return self.every_seconds or shortest_interval_seconds(self.crontab)


def faults(spec: JobSpec) -> Iterator[str]:
    """Yield what is wrong with the declaration in itself; what depends on the rest is the checks' business."""
    if bool(spec.crontab) == bool(spec.every_seconds) or spec.every_seconds < 0:
        yield "give it either a crontab or every_seconds"
        return
    yield from _crontab_faults(spec) if spec.crontab else ()
    interval = spec.interval_seconds
    if spec.expire_seconds <= 0 or (interval and spec.expire_seconds >= interval):
        below = f"it comes round every {interval} s" if interval else "it comes round once"
        yield (
            f"expire_seconds is {spec.expire_seconds} and {below}; choose a number from 1 to below that, so that"
            " what waited for so long is the next run's work"
        )


def _crontab_faults(spec: JobSpec) -> Iterator[str]:
    try:
        parsed(spec.crontab)
    except ValueError as error:
        yield str(error).rstrip(".")
    if not _is_zone(spec.zone):
        yield f"there is no zone {spec.zone!r}; use a name such as Europe/London"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def declared_jobs() -> Iterator[JobSpec]:
    """Yield the JOBS of each installed app's `jobs` module."""
    for config in apps.get_app_configs():
        if config.name.startswith(("apps.", "core.")):
            yield from _jobs_of(config.name)


def jobs_off() -> Iterator[JobSpec]:
    """Yield the JOBS of the apps that MODULES leaves out. Such an app is not loaded, so its `jobs` names no model."""
    for module in settings.MODULES_OFF:
        yield from _jobs_of(f"apps.{module}")


def _jobs_of(app: str) -> Iterable[JobSpec]:
    jobs: Iterable[JobSpec] = import_module(f"{app}.jobs").JOBS if find_spec(f"{app}.jobs") else ()
    return jobs


JOBS = [
    JobSpec(
        key="clean-up-task-results",
        task="celery.backend_cleanup",
        crontab="0 4 * * *",
        expire_seconds=12 * 3600,
        description="Deletes the results of tasks that are older than a day.",
    )
]

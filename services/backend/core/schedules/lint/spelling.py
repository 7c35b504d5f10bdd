"""Rules about settings that Celery ignores, or that overwrite what operators edit."""

from collections.abc import Iterator
from difflib import get_close_matches

from celery.app.defaults import DEFAULTS
from django.core.checks import CheckMessage, Error, Warning

from core.schedules.lint.facts import Facts

KNOWN = {f"CELERY_{name.upper()}" for name in DEFAULTS}
# Ours: from it the transport option of the same meaning is made.
OURS = {"CELERY_VISIBILITY_SECONDS"}
# Where a name of Celery 3 has gone; the rest is guessed by likeness.
GONE = {
    "CELERY_QUEUES": "CELERY_TASK_QUEUES",
    "CELERY_DEFAULT_QUEUE": "CELERY_TASK_DEFAULT_QUEUE",
    "CELERY_DEFAULT_EXCHANGE": "CELERY_TASK_DEFAULT_EXCHANGE",
    "CELERY_DEFAULT_ROUTING_KEY": "CELERY_TASK_DEFAULT_ROUTING_KEY",
    "CELERY_ROUTES": "CELERY_TASK_ROUTES",
}


def settings_celery_ignores(facts: Facts) -> Iterator[CheckMessage]:
    ours = {name for name in facts.setting_names if name.startswith(("CELERY_", "CELERYD_", "CELERYBEAT_"))}
    for name in sorted(ours - KNOWN - OURS):
        yield Warning(
            f"{name} is no setting of Celery: it is ignored, or read by the rules of old names.",
            hint=f"Write {_meant(name)}.",
            id="schedules.W013",
        )


def _meant(name: str) -> str:
    if name in GONE:
        return GONE[name]
    new = name.replace("CELERYD_TASK_", "CELERY_TASK_").replace("CELERYD_", "CELERY_WORKER_")
    new = new.replace("CELERYBEAT_", "CELERY_BEAT_")
    return next(iter(get_close_matches(new, KNOWN, 1)), "the name that Celery's documentation gives it")


def schedule_in_settings(facts: Facts) -> Iterator[CheckMessage]:
    if facts.beat_schedule:
        yield Error(
            f"CELERY_BEAT_SCHEDULE declares {', '.join(sorted(facts.beat_schedule))}: a database scheduler overwrites"
            " what an operator edited there at each start.",
            hint="Declare a JobSpec in the app's jobs.py: a sync keeps operators' edits.",
            id="schedules.E009",
        )

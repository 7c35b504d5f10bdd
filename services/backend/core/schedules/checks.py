"""The schedule linter's door: `manage.py check`, and with `--database default` also what operators edited."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.checks import CheckMessage, Warning, run_checks
from django.db import ProgrammingError
from django.utils.module_loading import autodiscover_modules

from core.schedules.jobs import declared_jobs
from core.schedules.lint import limits, queues, spelling, timing
from core.schedules.lint.database import database_entries, operators_edits
from core.schedules.lint.facts import Facts, facts

TAG = "schedules"
Rule = Callable[[Facts], Iterator[CheckMessage]]
# Of each schedule, whoever wrote it.
OF_ENTRIES: tuple[Rule, ...] = (
    queues.unknown_tasks,
    timing.uneven_steps,
    timing.messages_outlive_the_interval,
    timing.runs_overlap,
    timing.heavy_together,
    queues.queues_without_consumer,
)
# Of the project.
OF_CODE: tuple[Rule, ...] = (
    queues.worker_types_without_queues,
    queues.routes_to_nothing,
    queues.chores_not_scheduled,
    queues.long_tasks_wait_behind_prefetch,
    limits.limits_beyond_visibility,
    limits.waits_beyond_visibility,
    limits.roles_share_a_database,
    spelling.settings_celery_ignores,
    spelling.schedule_in_settings,
)


def own_facts() -> Facts:
    """Gather the facts of this project; the tasks are found here, as Celery itself may be just starting."""
    autodiscover_modules("tasks")
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy of werkzeug's kind
    return facts(app=app, settings=settings, jobs=declared_jobs(), worker_types=settings.WORKER_TYPES)


def messages(found: Facts, rules: Sequence[Rule]) -> list[CheckMessage]:
    return [message for rule in rules for message in rule(found)]


def schedules_are_sound(**_: Any) -> list[CheckMessage]:
    return messages(own_facts(), (*OF_ENTRIES, *OF_CODE))


def edited_schedules_are_sound(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn of what operators edited: an error would stop the next deploy, which checks before it migrates."""
    if not databases:
        return []
    declared = own_facts()
    try:
        stored = replace(declared, entries=tuple(database_entries()))
        edits = list(operators_edits())
    except ProgrammingError:
        return []  # Before the migration that makes or changes the tables.
    of_the_code = messages(declared, OF_ENTRIES)
    return [*map(_as_warning, (each for each in messages(stored, OF_ENTRIES) if each not in of_the_code)), *edits]


def _as_warning(message: CheckMessage) -> CheckMessage:
    return Warning(message.msg, hint=message.hint, id=message.id)


def schedule_problems() -> list[CheckMessage]:
    """Return everything that the linter finds, in the code and in the database."""
    return run_checks(tags=[TAG], databases=["default"])

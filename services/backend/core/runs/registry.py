"""What a task says of itself: the limits and the policy that its runs go by."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from celery import current_app
from celery.exceptions import NotRegistered
from django.conf import settings

from core.runs.policies import policy


@dataclass(frozen=True)
class Traits:
    """A task's options, as its decorator names them; the defaults are for a task that is not installed here."""

    ledger: bool = True
    policy: str = "default"
    max_attempts: int = 1
    singleton: bool = False
    per_organisation: int = 0
    limit_seconds: float = 0


@cache
def _import_tasks() -> None:
    """Import the apps' tasks, once: looking through all apps again takes 50 ms, and beat asks every few seconds."""
    current_app.loader.import_default_modules()


def task_named(name: str) -> Any | None:
    """Return the task of this name, or None. The web imports the tasks' modules when it first asks."""
    if name not in current_app.tasks:
        _import_tasks()
    try:
        return current_app.tasks[name]
    except NotRegistered:
        return None


def task_names() -> list[str]:
    """Return the names of all tasks that the installed apps register."""
    _import_tasks()
    return list(current_app.tasks)


def own_name(name: str) -> str:
    """Return the name that the task goes by on record: of another name it is known by, its own."""
    return str(getattr(task_named(name), "name", name))


def traits(name: str) -> Traits:
    task = task_named(name)
    hard = getattr(task, "time_limit", None) or settings.CELERY_TASK_TIME_LIMIT
    if task is None:
        return Traits(limit_seconds=hard)
    named = getattr(task, "policy", "default")
    return Traits(
        ledger=getattr(task, "ledger", True),
        policy=named,
        max_attempts=policy(named).retries + 1,
        singleton=getattr(task, "singleton", False),
        per_organisation=getattr(task, "per_organisation", 0),
        limit_seconds=hard,
    )


def queue_for(name: str, asked: str | None = None) -> str:
    """Return the queue: the one asked for, else the one that CELERY_TASK_ROUTES names, else the default."""
    route = current_app.amqp.router.route({"queue": asked} if asked else {}, name)
    return str(getattr(route["queue"], "name", route["queue"]))

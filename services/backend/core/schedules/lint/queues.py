"""Rules about where tasks go, and who takes them."""

import re
from collections.abc import Iterator

from django.core.checks import CheckMessage, Error, Warning

from core.schedules.lint.facts import Facts
from core.schedules.lint.timing import is_heavy

# Chores that a project writes and then forgets to schedule; compared without their module, as aliases share the rest.
FORGOTTEN = ("cleanup", "clean_up", "health_check", "heartbeat", "expire", "purge", "prune")


def unknown_tasks(facts: Facts) -> Iterator[CheckMessage]:
    for entry in facts.entries:
        if entry.task not in facts.tasks:
            yield Error(
                f"The schedule {entry.key!r} names the task {entry.task!r}, which no installed app registers.",
                hint="Correct the name, as in the task's @shared_task(name=...), or install the app.",
                id="schedules.E001",
            )


def queues_without_consumer(facts: Facts) -> Iterator[CheckMessage]:
    taken = {queue for kind in facts.worker_types.values() for queue in kind.queues}
    for queue, who in sorted(_used_queues(facts).items()):
        if queue not in facts.declared_queues:
            yield Error(
                f"{who} goes to the queue {queue!r}, which is not declared: a worker that is given no"
                " queues does not take it.",
                hint="Add it to config/queues.py.",
                id="schedules.E003",
            )
        elif queue not in taken:
            yield Error(
                f"{who} goes to the queue {queue!r}, which no type of worker takes.",
                hint="Give it to a type in config/queues.py and in deploy/stack.toml.",
                id="schedules.E003",
            )


def _used_queues(facts: Facts) -> dict[str, str]:
    """Return each queue that something is sent to, with the name of what is."""
    by_task = {task.queue: f"The task {task.name}" for task in facts.tasks.values()}
    by_route = {queue: f"What is routed by {pattern!r}" for pattern, queue in facts.routes.items()}
    by_schedule = {entry.queue: f"The schedule {entry.key!r}" for entry in facts.entries if entry.queue}
    return by_task | by_route | by_schedule


def worker_types_without_queues(facts: Facts) -> Iterator[CheckMessage]:
    for name, kind in facts.worker_types.items():
        if not kind.queues:
            yield Error(
                f"The worker type {name!r} names no queues: what it takes depends on what others leave.",
                hint="List its queues, as `celery worker --queues` does.",
                id="schedules.E016",
            )


def routes_to_nothing(facts: Facts) -> Iterator[CheckMessage]:
    for pattern, queue in facts.routes.items():
        if not any(task.queue == queue and _matches(pattern, task.name) for task in facts.tasks.values()):
            yield Warning(
                f"The route {pattern!r} to {queue!r} matches no registered task.",
                hint="Routes go by a task's registered name, not by its module: write the name down.",
                id="schedules.W015",
            )


def _matches(pattern: str, name: str) -> bool:
    return pattern == name or ("(" in pattern and re.match(pattern, name) is not None)


def chores_not_scheduled(facts: Facts) -> Iterator[CheckMessage]:
    scheduled = {_bare(entry.task) for entry in facts.entries}
    for name in sorted(facts.tasks):
        if _bare(name).startswith(FORGOTTEN) and _bare(name) not in scheduled:
            yield Warning(
                f"The task {name!r} is a chore by its name, and no schedule starts it.",
                hint="Declare a JobSpec for it in the app's jobs.py.",
                id="schedules.W014",
            )


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def long_tasks_wait_behind_prefetch(facts: Facts) -> Iterator[CheckMessage]:
    if "CELERY_WORKER_PREFETCH_MULTIPLIER" not in facts.setting_names:
        yield Warning(
            "CELERY_WORKER_PREFETCH_MULTIPLIER is not set, and Celery's default of 4 lets messages wait behind a long"
            " task while other workers idle.",
            hint="Set it to 1, and higher for types of worker with short tasks only.",
            id="schedules.W012",
        )
    for entry in facts.entries:
        for name, kind in facts.worker_types.items():
            if entry.queue in kind.queues and kind.prefetch > 1 and is_heavy(facts, entry):
                yield Warning(
                    f"{entry.key!r} is long, and the worker type {name!r} that takes its queue {entry.queue!r} fetches"
                    f" {kind.prefetch} messages at a time: the others wait behind it while other workers idle.",
                    hint="Move it to a queue of a type with prefetch 1.",
                    id="schedules.W012",
                )

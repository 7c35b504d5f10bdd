"""Tasks: known, routed to a queue that exists, taken, done."""

from collections.abc import Iterator

from celery import current_app
from django.conf import settings
from django_celery_beat.models import PeriodicTask

from core.clock import database_now
from core.health.findings import Finding, Group, Level, counted, runbook
from core.health.looks import brought, failures, limits
from core.health.looks import queues as queue_rules
from core.health.queues import declared, queue_states
from core.runs.enums import State
from core.runs.models import Run


def tasks() -> Iterator[Finding | str]:
    """A queue's length is Redis's word, the runs are the rows': both are shown, as they may differ for a reason."""
    current_app.loader.import_default_modules()
    known = [name for name in current_app.tasks if not name.startswith("celery.")]
    yield f"{counted(len(known), 'task')} registered: {', '.join(sorted(known))}"
    yield from _unknown()
    yield from _misrouted()
    now = database_now()
    states = queue_states(now)
    for queue in states:
        if queue.waiting or queue.messages or not queue.takers:
            takers = ", ".join(queue.takers) or "NOBODY"
            messages = "?" if queue.messages is None else queue.messages
            yield f"queue {queue.name}: {counted(queue.waiting, 'run')} due, {messages} messages, taken by {takers}"
    yield f"{counted(len(states), 'queue')} in all; the others are empty, and taken"
    active = Run.objects.filter(finished_at__isnull=True, state=State.RUNNING)
    for run in active.order_by("started_at")[:20]:
        yield f"at work: {run.name} {run.id} on {run.worker} since {run.started_at:%H:%M:%S}"
    yield from queue_rules.look(now)
    yield from failures.look(now)
    yield from limits.look(now)
    yield from brought.look(now)


def _unknown() -> Iterator[Finding]:
    for task in PeriodicTask.objects.filter(enabled=True).exclude(task__in=list(current_app.tasks)):
        sentence = f"Schedule {task.name} asks for {task.task}, and no such task is registered."
        yield Finding(Level.ERROR, Group.SCHEDULES, task.name, sentence, runbook("task-unknown"))


def _misrouted() -> Iterator[Finding]:
    queues = set(declared())
    asked = {name: str(route["queue"]) for name, route in settings.CELERY_TASK_ROUTES.items()}
    enabled = PeriodicTask.objects.filter(enabled=True, queue__isnull=False)
    asked |= {f"schedule {task.name}": str(task.queue) for task in enabled}
    for what, queue in asked.items():
        if queue not in queues:
            sentence = f"{what} goes to queue {queue}, which is not declared in config/queues.py."
            yield Finding(Level.ERROR, Group.QUEUES, queue, sentence, runbook("queue-without-consumer"))

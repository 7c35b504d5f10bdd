"""Schedules: what beat was last seen to send, what it should have, and what the linter says of them."""

from collections.abc import Iterator

from django.core.checks import ERROR, WARNING
from django_celery_beat.models import PeriodicTask

from core.clock import database_now
from core.health.findings import Finding, Group, Level
from core.health.looks import schedules as schedule_rules
from core.schedules.checks import schedule_problems


def schedules() -> Iterator[Finding | str]:
    for task in PeriodicTask.objects.order_by("name"):
        last = f"{task.last_run_at:%Y-%m-%d %H:%M:%S}" if task.last_run_at else "never"
        yield f"{task.name} ({task.task}): {'enabled' if task.enabled else 'DISABLED'}, last sent {last}"
    yield from schedule_rules.look(database_now())
    yield from lint()


def lint() -> Iterator[Finding | str]:
    """Say what is unsound in schedules, as declared and as edited; an operator's edit in itself is no trouble."""
    for message in schedule_problems():
        sentence = f"{message.msg} {message.hint}"
        if message.level < WARNING:
            yield sentence
            continue
        level = Level.ERROR if message.level >= ERROR else Level.WARNING
        yield Finding(level, Group.SCHEDULES, str(message.id), sentence, "docs/how-to/schedules.md")

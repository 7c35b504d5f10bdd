"""What breaks: an installation that is well, and the means to hurt it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from config.queues import SHARED_QUEUES
from core.clock import database_now
from core.effects.tests.conftest import mailbox, receiver  # noqa: F401  # fixtures: an SMTP server, an HTTP server
from core.health.report import health_report
from core.heartbeat.models import Heartbeat
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.runs.tests.conftest import app, broker, work  # noqa: F401  # fixtures: a queue and a worker
from core.schedules.models import Schedule


@pytest.fixture
def now(db) -> datetime:
    return database_now()


@pytest.fixture
def worker(now) -> Heartbeat:
    """A worker that stamps and takes every queue."""
    return Heartbeat.objects.create(node="one", stamped_at=now, queues=list(SHARED_QUEUES), processes=2, pid=7)


@pytest.fixture
def well(broker, worker) -> Heartbeat:  # noqa: F811  # the fixture
    """An installation in which nothing is wrong; its worker."""
    assert health_report() == []
    return worker


@pytest.fixture
def schedule(db) -> Schedule:
    every, _ = IntervalSchedule.objects.get_or_create(every=10, period="minutes")
    task = PeriodicTask.objects.create(name="sweep", task="any.task", interval=every, last_run_at=timezone.now())
    return Schedule.objects.create(periodic_task=task, key="sweep")


@pytest.fixture
def put(now) -> Callable[..., Run]:
    """Put a run on record as it stands after what the test says happened."""

    def put_run(state: State = State.QUEUED, *, minutes: float = 0, **fields: object) -> Run:
        then = now - timedelta(minutes=minutes)
        ended = {"finished_at": then} if state not in (State.QUEUED, State.RUNNING, State.HELD) else {}
        values = {"name": "any.task", "queue": "default", "trigger": Trigger.CODE, "policy": "none", "state": state}
        values |= {"id": uuid4(), "queued_at": then, "published_at": then, **ended, **fields}
        return Run.objects.create(**values)

    return put_run


@pytest.fixture
def said() -> Callable[[], list[tuple[str, str, str]]]:
    """Return a function: level, group and subject of what is wrong now."""
    return lambda: [(finding.level, finding.group, finding.subject) for finding in health_report()]


@pytest.fixture
def sentence() -> Callable[[], str]:
    """Return a function: what is said first of what is wrong now."""
    return lambda: health_report()[0].sentence

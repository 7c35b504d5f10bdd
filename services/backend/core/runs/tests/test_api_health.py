"""The health page of the API: who may read it, what it names, and what only staff see."""

from datetime import timedelta

import pytest
from django.test import Client

from config.queues import SHARED_QUEUES
from core.clock import database_now
from core.heartbeat.models import Heartbeat
from core.runs.enums import State
from core.runs.tests.calling import caller
from core.runs.tests.factories import run_make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("broker")]


@pytest.fixture(autouse=True)
def worker() -> Heartbeat:
    return Heartbeat.objects.create(node="one", stamped_at=database_now(), queues=list(SHARED_QUEUES), processes=2)


def named(answer) -> list[tuple[str, str, str]]:
    return [(found["level"], found["group"], found["subject"]) for found in answer.json()["findings"]]


def test_nobody_is_told_how_the_installation_is(worker):
    answer = caller(Client())("GET", "/health")

    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("Sign in first")


def test_nothing_is_wrong_for_everybody(viewer, staff):
    for call in (viewer, staff):
        assert call("GET", "/health").json() == {"healthy": True, "findings": []}


def test_what_is_broken_is_named_with_since_when_and_what_to_do_until_it_is_mended(viewer, worker):
    Heartbeat.objects.update(stamped_at=database_now() - timedelta(minutes=5))
    answer = viewer("GET", "/health")
    [found] = answer.json()["findings"]

    assert (answer.status_code, answer.json()["healthy"]) == (200, False)
    assert (found["group"], found["subject"], found["remedy"]) == (
        "workers",
        "one",
        "docs/runbooks/worker-unhealthy.md",
    )
    assert found["since"] is not None
    Heartbeat.objects.update(stamped_at=database_now())
    assert viewer("GET", "/health").json() == {"healthy": True, "findings": []}


def test_what_is_only_to_be_looked_at_leaves_it_healthy(staff):
    run_make(State.HELD)
    answer = staff("GET", "/health")

    assert (answer.json()["healthy"], named(answer)) == (True, [("warning", "runs", "tests.nothing")])


def test_whose_work_failed_is_for_staff_alone(viewer, owner, staff):
    run_make(State.FAILED, error="ValueError: the reason")

    assert [named(call("GET", "/health")) for call in (viewer, owner)] == [[], []]
    assert named(staff("GET", "/health")) == [("error", "runs", "tests.nothing")]

"""A run in the process that asks: on record like every other, and once for each idempotency key."""

import pytest

from core.runs.enums import State
from core.runs.models import Run
from core.runs.services.here import run_here
from core.runs.services.request import Request

pytestmark = pytest.mark.django_db

ASKED = {"name": "celery.backend_cleanup", "idempotency_key": "monday"}


def test_a_key_that_was_used_meanwhile_gives_the_run_that_took_it():
    done: list[int] = []

    first, first_is_new = run_here(request=Request(**ASKED), work=lambda: done.append(1), seconds=60)
    second, second_is_new = run_here(request=Request(**ASKED), work=lambda: done.append(2), seconds=60)

    assert (first.id, first_is_new, second_is_new) == (second.id, True, False)
    assert (done, second.state, Run.objects.count()) == ([1], State.SUCCEEDED, 1)

"""The deploy step can be run at any time, by many at once."""

import pytest

from core.deployment.services import deploy, migrations_pending
from core.runs.tests.apart import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def run() -> list[str]:
    said: list[str] = []
    deploy(said.append)
    return said


def test_nothing_is_pending_after_the_migrations():
    assert migrations_pending() is False


def test_a_deploy_without_migrations_says_so():
    assert run()[0] == "No migration is pending."


def test_deploys_that_start_together_do_the_work_once():
    said = at_once(run, times=3)

    changes = [line for lines in said for line in lines if line != "No migration is pending."]
    assert len(changes) == len(set(changes))

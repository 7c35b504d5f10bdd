"""The deploy step can be run at any time, by many at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.deployment.services import deploy, migrations_pending

pytestmark = pytest.mark.django_db(transaction=True)


def run() -> list[str]:
    said: list[str] = []
    try:
        deploy(said.append)
    finally:
        connection.close()
    return said


def test_nothing_is_pending_after_the_migrations():
    assert migrations_pending() is False


def test_a_deploy_without_migrations_says_so():
    assert run()[0] == "No migration is pending."


def test_deploys_that_start_together_do_the_work_once():
    with ThreadPoolExecutor(3) as pool:
        said = [future.result() for future in [pool.submit(run) for _ in range(3)]]

    changes = [line for lines in said for line in lines if line != "No migration is pending."]
    assert len(changes) == len(set(changes))

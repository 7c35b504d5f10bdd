"""One organisation's batch does not stand in another's way."""

import pytest
from celery import shared_task

from core.organisations.tests.factories import OrganisationFactory
from core.runs.enums import State
from core.runs.models import Run
from core.runs.services.reconcile import runs_reconcile
from core.runs.services.request import Request, run_request
from core.runs.task import LedgerTask
from tests.waiting import poll

pytestmark = pytest.mark.django_db(transaction=True)
ORDER: list[str] = []


@shared_task(base=LedgerTask, name="tests.fair", per_organisation=2)
def fair(who: str) -> None:
    ORDER.append(who)


def ask(organisation, times: int) -> None:
    for _ in range(times):
        run_request(Request(name="tests.fair", args=[organisation.slug], organisation=organisation))


def test_only_a_few_of_one_organisation_are_in_the_queue(broker):
    ask(OrganisationFactory(), 10)

    assert (Run.objects.count(), broker.llen("default")) == (10, 2)


def test_another_organisation_stands_behind_those_few(work, broker):
    ORDER.clear()
    big, small = OrganisationFactory(slug="big"), OrganisationFactory(slug="small")
    ask(big, 20)
    ask(small, 1)

    with work():
        poll(lambda: not Run.objects.exclude(state=State.SUCCEEDED).exists(), what="all done", every=0.1)

    assert len(ORDER) == 21
    assert ORDER.index("small") == 2


def test_beat_lets_in_whoever_waits_when_a_worker_died_before_it_could(broker):
    ask(OrganisationFactory(), 3)
    Run.objects.filter(published_at__isnull=False).delete()

    runs_reconcile()

    assert Run.objects.get().published_at is not None


def test_runs_of_nobody_are_not_counted(broker):
    for _ in range(5):
        fair.delay("nobody")

    assert broker.llen("default") == 5

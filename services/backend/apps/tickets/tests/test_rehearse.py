"""`rehearse --data` says how many tickets each run to come will archive, from the rows as they stand."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from apps.tickets import services
from apps.tickets.jobs import JOBS
from apps.tickets.models import Ticket
from apps.tickets.tests.factories import DoneFactory, TicketFactory
from core.clock import database_now
from core.schedules.jobs import JobSpec
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def first():
    """The next full hour; three tickets to be archived then, one an hour later, and one that nobody will."""
    other = JobSpec("water", "plants.water", "30 * * * *", 60, "No sweep.")
    schedules_sync(specs=[*JOBS, other], now=database_now())
    hour = database_now().replace(minute=0, second=0, microsecond=0) + HOUR
    done = DoneFactory(board__archive_after_hours=24)
    for entered in (hour - 30 * HOUR, hour - 25 * HOUR, hour - 24.5 * HOUR, hour - 23.5 * HOUR):
        TicketFactory(column=done, entered_column_at=entered)
    TicketFactory(entered_column_at=hour - 99 * HOUR)
    return hour


def rehearsed(first, *words: str) -> str:
    out, end = StringIO(), first + 3 * HOUR
    call_command("rehearse", "--from", first.isoformat(), "--to", end.isoformat(), "--data", *words, stdout=out)
    return out.getvalue()


def test_each_run_is_told_with_the_tickets_that_it_will_archive_and_none_is_archived(first):
    told = [json.loads(line) for line in rehearsed(first, "--json").splitlines()]

    assert [(one["schedule"], one.get("changes")) for one in told] == [
        ("archive-old-done-tickets", 3),
        ("water", None),
        ("archive-old-done-tickets", 1),
        ("water", None),
        ("archive-old-done-tickets", 0),
        ("water", None),
    ]
    assert Ticket.objects.filter(is_archived=True).count() == 0


def test_the_runs_then_archive_what_was_told(first):
    told = [json.loads(line).get("changes") for line in rehearsed(first, "--json").splitlines()]

    done = [services.tickets_archive_due(now=first + number * HOUR).archived for number in range(3)]

    assert done == [changes for changes in told if changes is not None]


def test_a_line_for_people_ends_with_the_number(first):
    lines = rehearsed(first).splitlines()

    assert lines[0].endswith("archive-old-done-tickets  tickets.tasks.archive_old_done_tickets  changes 3")
    assert lines[1].endswith("water  plants.water")

import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from apps.tickets import services
from apps.tickets.models import Board, Column, Ticket, TicketEvent
from apps.tickets.tests.factories import BoardFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.organisations.models import Organisation

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


def test_archive_done_tickets_archives_and_says_how_many() -> None:
    TicketFactory.create_batch(2, column=DoneFactory(), hours=25)

    assert run("archive_done_tickets") == ["Archived 2 tickets (2 examined, 0 failed)."]
    assert Ticket.objects.filter(is_archived=True).count() == 2


def test_dry_run_lists_ticket_board_time_and_reason_and_changes_nothing() -> None:
    board = BoardFactory(name="Desk", organisation__slug="harbour", archive_after_hours=2)
    ticket = TicketFactory(column=DoneFactory(board=board), hours=5, number=7, title="Lift")

    header, row, summary = run("archive_done_tickets", "--dry-run")

    assert header.split() == ["TICKET", "TITLE", "BOARD", "DUE", "SINCE", "(UTC)", "WHY"]
    since, due = (f"{moment:%Y-%m-%d %H:%M}" for moment in (ticket.entered_column_at, ticket.archive_at))
    assert " ".join(row.split()) == f"#7 Lift harbour / Desk {due} in Done since {since}, more than 2 h"
    assert summary == "1 tickets would be archived now; nothing was changed."
    assert (Ticket.objects.get().is_archived, TicketEvent.objects.count()) == (False, 0)


@pytest.mark.django_db(transaction=True)
def test_manual_archive_script_is_the_same_command() -> None:
    TicketFactory(column=DoneFactory(), hours=25)
    script = settings.BASE_DIR.parent / "celery" / "manual_archive.py"
    environment = os.environ | {"DB_NAME": connection.settings_dict["NAME"]}

    answer = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)

    assert answer.stdout.splitlines()[-1] == "Archived 1 tickets (1 examined, 0 failed)."
    assert Ticket.objects.get().is_archived


def test_dry_run_with_nothing_due_says_so() -> None:
    assert run("archive_done_tickets", "--dry-run") == ["0 tickets would be archived now; nothing was changed."]


def test_seed_demo_makes_tickets_that_are_due_now_and_soon() -> None:
    run("seed_demo")

    now = database_now()
    soon = Ticket.objects.filter(
        archive_at__gte=now, archive_at__lt=now.replace(microsecond=0) + timedelta(hours=3)
    ).count()
    assert (Board.objects.count(), Organisation.objects.count(), soon) == (4, 2, 4)
    assert services.tickets_archive_due(now=now).archived == 7


def test_seed_demo_twice_adds_nothing() -> None:
    run("seed_demo")
    before = list(Ticket.objects.values_list("pk", "title", "entered_column_at").order_by("pk"))

    assert "The demo's tickets are all there; --reset puts them back." in run("seed_demo")
    assert list(Ticket.objects.values_list("pk", "title", "entered_column_at").order_by("pk")) == before


def test_seed_demo_mends_a_board_that_somebody_has_rearranged() -> None:
    run("seed_demo")
    Column.objects.filter(board__name="IT desk", name="Done").update(name="Finished")

    run("seed_demo", "--reset")

    columns = Column.objects.filter(board__name="IT desk").values_list("name", "position")
    assert list(columns)[-2:] == [("Finished", 4), ("Done", 5)]


def test_seed_demo_reset_makes_the_archived_ones_due_again() -> None:
    run("seed_demo")
    services.tickets_archive_due()

    run("seed_demo", "--reset")

    assert services.tickets_archive_due().archived == 7

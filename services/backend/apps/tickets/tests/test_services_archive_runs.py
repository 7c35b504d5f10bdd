"""An archive run as an operator meets it: previewed, held, undone, its failed tickets tried again."""

from collections.abc import Callable
from functools import partial

import pytest
from pytest_django import Settings

from apps.tickets import services
from apps.tickets.enums import ARCHIVE_TASK
from apps.tickets.models import Board, Ticket, TicketEvent
from apps.tickets.services import ARCHIVE, Actor, Outcome
from apps.tickets.tests.factories import BoardFactory, DoneFactory, TicketFactory
from core.clock import database_now
from core.runs.errors import RunHeldError
from core.runs.models import Run, RunItem
from core.sweep.preview import sweep_preview
from core.sweep.registry import sweep_for
from core.sweep.services.undo import changes_undo
from core.sweep.tests.curses import curse, lift_curse
from core.sweep.walk import Tally

pytestmark = pytest.mark.django_db

AtWork = Callable[..., Run]


@pytest.fixture
def at_work(at_work: AtWork) -> AtWork:
    """Return a function that makes this code the work of a run that eve asked for, of the archive unless named."""
    return partial(at_work, name=ARCHIVE_TASK, requested_by="eve")


def test_sweep_is_found_by_the_task() -> None:
    assert sweep_for(ARCHIVE_TASK) is ARCHIVE


def test_preview_names_the_tickets_that_the_run_then_archives() -> None:
    board = BoardFactory(name="Desk", organisation__slug="harbour", archive_after_hours=2)
    ticket = TicketFactory(column=DoneFactory(board=board), hours=5, number=7, title="Lift")
    TicketFactory(column=ticket.column, hours=1)
    now = database_now()

    preview = sweep_preview(sweep=ARCHIVE, now=now)

    (row,) = preview.rows
    assert (preview.count, row.subject, row.what) == (
        1,
        f"tickets.ticket:{ticket.pk}",
        "Archive #7 'Lift' of harbour / Desk",
    )
    assert row.why == f"in Done since {ticket.entered_column_at:%Y-%m-%d %H:%M}, more than 2 h"
    assert services.tickets_archive_due(now=now).archived == 1


def test_a_threshold_set_to_nothing_by_mistake_is_held_before_it_empties_the_board(at_work: AtWork) -> None:
    tickets_make(ARCHIVE.guard.rows + 1, hours=1)
    Board.objects.update(archive_after_hours=0)
    at_work()

    with pytest.raises(RunHeldError, match="1,001 rows would be archived, more than the limit of 1,000"):
        services.tickets_archive_due()

    assert Ticket.objects.filter(is_archived=True).count() == 0


def test_history_knows_the_run(at_work: AtWork) -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=25)
    run = at_work()

    services.tickets_archive_due()

    assert ticket.events.get().run_id == run.id


def test_undo_restores_with_history_and_a_new_clock(at_work: AtWork) -> None:
    ticket = TicketFactory(column=DoneFactory(name="Sorted"), hours=25)
    run = at_work()
    services.tickets_archive_due()
    undo = at_work(name="sweep.undo_run")

    assert changes_undo(run_id=run.id) == Tally(examined=1, changed=1)

    back = Ticket.objects.get()
    assert (back.is_archived, back.entered_column_at > ticket.entered_column_at) == (False, True)
    archived, restored = back.events.all()
    assert (archived.undone_at is not None, restored.kind, restored.new, restored.actor_name, restored.run_id) == (
        True,
        "restored",
        "Sorted",
        "eve",
        undo.id,
    )


def test_undo_in_batches_takes_them_all(at_work: AtWork) -> None:
    tickets_make(1000, hours=25)
    run = at_work()
    services.tickets_archive_due()
    at_work(name="sweep.undo_run")

    assert changes_undo(run_id=run.id) == Tally(examined=1000, changed=1000)
    assert Ticket.objects.filter(is_archived=True).count() == 0


def test_undo_leaves_what_a_person_archived_again_and_says_who(at_work: AtWork) -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=25)
    run = at_work()
    services.tickets_archive_due(now=database_now().replace(microsecond=1))
    place = {"organisation": ticket.organisation, "ids": [ticket.pk], "actor": Actor(name="ann")}
    services.tickets_restore(**place)
    services.tickets_archive(**place)
    undo = at_work(name="sweep.undo_run")

    assert changes_undo(run_id=run.id) == Tally(examined=1, failed=1)

    item = RunItem.objects.get(run=undo)
    assert (Ticket.objects.get().is_archived, item.subject) == (True, f"tickets.ticket:{ticket.pk}")
    assert item.error == f"Changed since by ann: archived at {database_now():%Y-%m-%d %H:%M} UTC."


def test_failed_tickets_alone_are_tried_again(at_work: AtWork) -> None:
    column = DoneFactory()
    bad = TicketFactory(column=column, hours=25, title="Cursed")
    run = at_work()
    curse("tickets_ticket", "archived_at")
    assert services.tickets_archive_due() == Outcome(examined=1, archived=0, failed=1)
    lift_curse()
    TicketFactory(column=column, hours=25)
    at_work()

    assert services.tickets_archive_due(failed_of=str(run.id)) == Outcome(examined=1, archived=1, failed=0)
    assert list(Ticket.objects.filter(is_archived=True)) == [bad]


def test_a_new_default_that_is_not_worked_in_yet_is_in_the_preview(settings: Settings) -> None:
    ticket = TicketFactory(column=DoneFactory(), hours=5)
    settings.TICKET_ARCHIVE_AFTER_HOURS = 3

    (row,) = sweep_preview(sweep=ARCHIVE, now=database_now(), organisation=ticket.organisation).rows

    assert row.subject == f"tickets.ticket:{ticket.pk}"


def tickets_make(count: int, *, hours: float) -> None:
    """Make many on one board, quicker than one by one."""
    one = TicketFactory(column=DoneFactory(), hours=hours)
    place = {"column": one.column, "board": one.board, "organisation": one.organisation}
    more = (Ticket(**place, number=one.number + n, entered_column_at=one.entered_column_at) for n in range(1, count))
    Ticket.objects.bulk_create(more)
    assert TicketEvent.objects.count() == 0

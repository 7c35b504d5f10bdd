"""An archive run is taken back from its page in the admin: asked first, done by a worker, told on the page."""

import pytest
from celery import current_app
from celery.result import AsyncResult
from django.test import Client

from apps.tickets.enums import ARCHIVE_TASK
from apps.tickets.models import Ticket
from apps.tickets.tests.factories import DoneFactory, TicketFactory
from core.audit.models import Audit
from core.runs.enums import State
from core.runs.models import Run
from core.runs.tests.pages import operate, page, shown

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def archived(work) -> Run:
    """A run that archived two tickets."""
    done = DoneFactory()
    TicketFactory(column=done, hours=25, title="Lift")
    TicketFactory(column=done, hours=25, title="Door")
    with work():
        AsyncResult(current_app.tasks[ARCHIVE_TASK].delay().id).get(timeout=30)
    assert Ticket.objects.filter(is_archived=True).count() == 2
    return Run.objects.get(name=ARCHIVE_TASK)


def test_an_undo_puts_the_tickets_back_and_the_page_says_so(admin: Client, archived: Run, work):
    assert "is put back" in operate(admin, archived, "undo")
    assert Run.objects.count() == 1

    assert "See the new run" in operate(admin, archived, "undo", sure="yes")
    undo = Run.objects.exclude(pk=archived.pk).get()
    with work():
        AsyncResult(str(undo.pk)).get(timeout=30)

    undo.refresh_from_db()
    archived.refresh_from_db()
    assert (undo.state, undo.changed, archived.undone_by_id) == (State.SUCCEEDED, 2, undo.pk)
    assert Ticket.objects.filter(is_archived=True).count() == 0
    assert list(Audit.objects.values_list("verb", "actor_name")) == [("run.undo", "admin")]
    assert str(undo.pk) in shown(admin, page(archived))

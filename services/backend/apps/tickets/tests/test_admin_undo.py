"""An archive run is taken back from its page in the admin: asked first, done by a worker, told on the page."""

import pytest
from celery import current_app
from celery.result import AsyncResult
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from apps.tickets.enums import ARCHIVE_TASK
from apps.tickets.models import Ticket
from apps.tickets.tests.factories import DoneFactory, TicketFactory
from core.audit.models import Audit
from core.runs.enums import State
from core.runs.models import Run

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


def press(client: Client, run: Run, **more: str) -> str:
    answer = client.post(reverse("admin:runs_run_operate", args=[run.pk]), {"verb": "undo", **more}, follow=True)
    return answer.content.decode()


def test_an_undo_puts_the_tickets_back_and_the_page_says_so(client: Client, admin_user: User, archived: Run, work):
    client.force_login(admin_user)
    assert "is put back" in press(client, archived)
    assert Run.objects.count() == 1

    assert "See the new run" in press(client, archived, sure="yes")
    undo = Run.objects.exclude(pk=archived.pk).get()
    with work():
        AsyncResult(str(undo.pk)).get(timeout=30)

    undo.refresh_from_db()
    archived.refresh_from_db()
    assert (undo.state, undo.changed, archived.undone_by_id) == (State.SUCCEEDED, 2, undo.pk)
    assert Ticket.objects.filter(is_archived=True).count() == 0
    assert list(Audit.objects.values_list("verb", "actor_name")) == [("run.undo", "admin")]
    assert str(undo.pk) in client.get(reverse("admin:runs_run_change", args=[archived.pk])).content.decode()

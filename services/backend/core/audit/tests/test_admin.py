"""The audit's page is read, narrowed and followed to what it speaks of; nobody writes there."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.audit import admin as audit_admin
from core.audit.models import Audit
from core.audit.services import Operator, audit_write
from core.clock import database_now
from core.organisations.tests.factories import OrganisationFactory
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db
LIST = reverse("admin:audit_audit_changelist")


def listed(client: Client, **narrowed: str) -> list[str]:
    return [action.verb for action in client.get(LIST, narrowed).context["cl"].result_list]


def test_an_action_leads_to_its_subject(admin: Client) -> None:
    run = run_make()
    audit_write(operator=Operator(name="robot"), verb="run.cancel", subject=run, state="QUEUED")

    text = admin.get(LIST).content.decode()

    assert reverse("admin:runs_run_change", args=[run.pk]) in text
    assert "state: QUEUED" in text


@pytest.mark.parametrize("subject", ["gone.model:1", "nonsense", "sessions.session:1"])
def test_a_subject_without_a_page_is_only_named(subject: str) -> None:
    assert audit_admin.subject_link(subject) is None


def test_actions_are_narrowed_by_verb_actor_time_and_subject(admin: Client, admin_user: User) -> None:
    ours = OrganisationFactory()
    audit_write(operator=Operator(name="admin", user=admin_user), verb="board.edit", subject=ours)
    audit_write(operator=Operator(name="robot"), verb="board.add", subject=ours)
    Audit.objects.filter(verb="board.add").update(at=database_now() - timedelta(days=2), subject="a.b:1")

    assert listed(admin) == ["board.edit", "board.add"]
    assert listed(admin, verb="board.add") == listed(admin, by="program") == listed(admin, q="a.b:1") == ["board.add"]
    assert listed(admin, by=str(admin_user.pk)) == listed(admin, time="day") == ["board.edit"]


def test_the_list_ends_somewhere_and_its_queries_do_not_grow(
    admin: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries
) -> None:
    monkeypatch.setattr(audit_admin, "WINDOW", 3)
    ours, now = OrganisationFactory(), database_now()
    Audit.objects.bulk_create(
        Audit(verb="x", organisation=ours, subject="a.b:1", at=now - timedelta(hours=n)) for n in range(9)
    )

    with django_assert_max_num_queries(8):
        assert listed(admin) == ["x"] * 4


def test_an_empty_audit_says_what_comes_here(admin: Client) -> None:
    assert "Nobody did anything yet" in admin.get(LIST).content.decode()


def test_nobody_writes_the_audit_by_hand(admin: Client) -> None:
    audit_write(operator=Operator(name="robot"), verb="x", subject=OrganisationFactory())
    row = Audit.objects.get()

    assert admin.get(reverse("admin:audit_audit_add")).status_code == 403
    assert admin.post(reverse("admin:audit_audit_change", args=[row.pk]), {"verb": "y"}).status_code == 403
    assert admin.post(reverse("admin:audit_audit_delete", args=[row.pk]), {"post": "yes"}).status_code == 403

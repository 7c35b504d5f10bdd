"""Recomputes by hand: the installation's staff ask for them, in a worker or at once, and follow them."""

import pytest
from django.test import Client

from apps.pricing import services
from apps.pricing.models import Batch, PricePoint
from apps.pricing.services import asking
from apps.pricing.tests.factories import BatchFactory, RuleFactory
from core.audit.models import Audit
from core.organisations.tests.factories import UserFactory
from core.runs.models import Run
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db

TRIGGER = "/admin/discounts/trigger-recompute"


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(UserFactory(username="chief", is_staff=True))
    return client


@pytest.fixture
def due(organisation) -> list[Batch]:
    RuleFactory(organisation=organisation)
    batches = [BatchFactory(product__organisation=organisation, days=days) for days in (1, 3, 7)]
    services.due_times_refresh()
    Batch.objects.update(reprice_at="2026-01-01T00:00Z")
    return batches


def ask(staff, query: str = "", **headers: str):
    return staff.post(f"/api/v1{TRIGGER}{query}", headers=headers)


def test_a_recompute_is_asked_for_and_followed(staff, due):
    answer = ask(staff, "?days_threshold=5&async_task=true", **{"Idempotency-Key": "monday"})

    told = answer.json()
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/tasks/status/{told['id']}")
    assert (told["name"], told["queue"]) == ("recompute_all_discounts", "discounts")
    assert Run.objects.get().kwargs == {"days_threshold": 5}
    again = ask(staff, "?days_threshold=5", **{"Idempotency-Key": "monday"})
    assert (again.json()["id"], Run.objects.count()) == (told["id"], 1)
    assert ask(staff, "?days_threshold=6", **{"Idempotency-Key": "monday"}).status_code == 422

    status = staff.get(f"/api/v1/admin/discounts/task-status/{told['id']}").json()
    assert status == staff.get(f"/api/v1/tasks/status/{told['id']}").json()


def test_a_recompute_in_the_request_is_done_and_on_record(staff, due):
    answer = ask(staff, "?async_task=false")

    told = answer.json()
    assert (answer.status_code, told["state"], told["changed"]) == (200, "SUCCEEDED", 3)
    assert {str(run) for run in PricePoint.objects.values_list("run_id", flat=True)} == {told["id"]}
    assert Audit.objects.get().verb == "discounts.recompute"


def test_what_is_too_much_for_a_request_is_refused_untouched(staff, due, monkeypatch):
    monkeypatch.setattr(asking, "MOST_ROWS", 2)

    answer = ask(staff, "?async_task=false")

    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "More than 2 batches are due, and none of them was touched. Ask with async_task=true: a worker takes as many as"
        " there are.",
    )
    assert (PricePoint.objects.count(), Run.objects.count()) == (0, 0)


def test_what_takes_too_long_for_a_request_stops_and_says_what_stays(staff, due, monkeypatch):
    monkeypatch.setattr(asking, "MOST_SECONDS", 0.0)

    answer = ask(staff, "?async_task=false")

    run = Run.objects.get()
    assert (answer.status_code, run.state) == (409, "CANCELLED")
    assert answer.json()["detail"].startswith(f"Run {run.id} ended as CANCELLED: It was out of time.")
    assert "0 batches were repriced and stay so." in answer.json()["detail"]


def test_only_staff_may_ask_and_follow(owner):
    run = run_make("SUCCEEDED", name="recompute_all_discounts")

    assert owner("POST", TRIGGER)[0] == 403
    assert owner("GET", f"/admin/discounts/task-status/{run.id}")[0] == 404


def test_runs_of_other_chores_are_not_followed_here(staff):
    run = run_make("SUCCEEDED", name="tests.send_parcels")

    assert staff.get(f"/api/v1/admin/discounts/task-status/{run.id}").status_code == 404

"""The admin's first page answers, in a few bounded queries, how the installation stands."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from core.clock import database_now
from core.heartbeat.models import Heartbeat
from core.overview.cards import COUNTED, Card
from core.runs.enums import State
from core.runs.tests.factories import run_make
from core.schedules.jobs import JobSpec
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db
INDEX = reverse("admin:index")


def card(client: Client, title: str) -> Card:
    return next(card for card in client.get(INDEX).context["cards"] if card.title == title)


def test_a_new_installation_is_told_what_to_do_next(admin: Client) -> None:
    text = admin.get(INDEX).content.decode()

    assert "Start the stack: make up." in text
    assert "make manage CMD=&quot;sync_schedules&quot;" in text


def test_health_tells_working_nodes_from_silent_ones(admin: Client) -> None:
    now = database_now()
    Heartbeat.objects.create(node="a", stamped_at=now)
    assert card(admin, "Health").figure == "healthy"

    Heartbeat.objects.create(node="b", stamped_at=now - timedelta(hours=1))
    assert (card(admin, "Health").figure, card(admin, "Health").lines[0].text) == ("1 of 2 silent", "b")

    Heartbeat.objects.filter(node="a").delete()
    assert card(admin, "Health").figure == "nobody works"


def test_next_runs_are_the_enabled_schedules(admin: Client) -> None:
    schedules_sync(specs=[JobSpec("sweep", "sweep.task", "0 4 * * *", 60, "Sweeps.")], now=database_now())

    assert [line.text for line in card(admin, "Next runs").lines] == ["sweep"]


def test_each_figure_is_the_length_of_the_list_it_links_to(admin: Client) -> None:
    old = database_now() - timedelta(days=2)
    run_make(State.HELD, note="900 tickets")
    for state in (State.FAILED, State.MISSED, State.SUCCEEDED):
        run_make(state)
    run_make(State.FAILED, queued_at=old, finished_at=old)

    for title, figure in (("Waits for a decision", "1"), ("Failed in the last day", "2")):
        shown = card(admin, title)
        listed = admin.get(shown.link).context["cl"].result_list
        assert (shown.figure, len(listed)) == (figure, int(figure))


def test_figures_stop_counting(admin: Client) -> None:
    for _ in range(COUNTED + 1):
        run_make(State.FAILED)

    assert card(admin, "Failed in the last day").figure == f"more than {COUNTED}"


def test_the_page_asks_as_much_for_many_rows_as_for_few(admin: Client, django_assert_max_num_queries) -> None:
    for state in (State.FAILED, State.HELD) * 20:
        run_make(state)

    with django_assert_max_num_queries(20):
        admin.get(INDEX)


def test_each_sees_what_they_may(client: Client) -> None:
    user = User.objects.create_user("looker", is_staff=True)
    client.force_login(user)
    assert "ask whoever made your account for permissions" in client.get(INDEX).content.decode()

    user.user_permissions.add(Permission.objects.get(codename="view_run"))
    assert [card.title for card in client.get(INDEX).context["cards"]] == [
        "Waits for a decision",
        "Failed in the last day",
    ]

"""What was asked for is on record, can be followed, stopped, repeated and taken back, also when workers die."""

import pytest

from tests.integration.ledger.conftest import MENDED_SECONDS, Ledger

pytestmark = pytest.mark.usefixtures("empty_board")

# More than the guard lets through, and one batch less.
MANY, FEW = 1200, 700


def test_a_run_is_followed_from_asking_to_its_end(ledger: Ledger):
    ledger.play("due(3)")

    run = ledger.reaches(ledger.ask(), "SUCCEEDED")

    assert (run["status"], run["changed"], run["result"]["archived"]) == ("SUCCESS", 3, 3)
    assert "SUCCEEDED" in ledger.page(run["id"]).upper()


def test_a_run_survives_the_worker_that_died_at_it(ledger: Ledger):
    ledger.play(f"due({FEW})")
    with ledger.hindered(0.01):
        run_id = ledger.ask()
        ledger.reaches(run_id, "RUNNING")
        ledger.stack.restart_worker()

    run = ledger.reaches(run_id, "SUCCEEDED", seconds=MENDED_SECONDS)

    assert (run["attempt"], run["changed"]) == (2, FEW)
    assert ledger.archived() == FEW


def test_a_run_that_is_cancelled_while_it_waits_never_starts(ledger: Ledger):
    """Its message is out already, and outlives the worker; the one behind it tells when its time has passed."""
    waiting, behind = ledger.ask_each({"countdown": 20}, {"countdown": 25})

    assert ledger.act("cancel", waiting).json()["state"] == "CANCELLED"
    ledger.stack.restart_worker()

    ledger.reaches(behind, "SUCCEEDED", seconds=MENDED_SECONDS)
    assert (ledger.run(waiting)["state"], ledger.run(waiting)["attempt"]) == ("CANCELLED", 0)
    assert "CANCELLED" in ledger.page(waiting).upper()


def test_a_run_that_is_cancelled_at_work_stops_between_two_batches(ledger: Ledger):
    ledger.play(f"due({FEW})")
    with ledger.hindered(0.01):
        run_id = ledger.ask()
        ledger.reaches(run_id, "RUNNING")

        assert ledger.act("cancel", run_id).json()["cancel_requested_at"]
        run = ledger.reaches(run_id, "CANCELLED")

    assert 0 < run["changed"] < FEW
    assert ledger.archived() == run["changed"]


def test_the_wish_to_cancel_outlives_the_worker(ledger: Ledger):
    ledger.play(f"due({FEW})")
    with ledger.hindered(0.02):
        run_id = ledger.ask()
        ledger.reaches(run_id, "RUNNING")
        ledger.act("cancel", run_id)
        ledger.stack.restart_worker()

        ledger.reaches(run_id, "CANCELLED", seconds=MENDED_SECONDS)


def test_a_run_that_does_not_stop_is_ended_by_a_second_act(ledger: Ledger):
    ledger.play("due(20)")
    with ledger.hindered(1):
        run_id = ledger.ask()
        ledger.reaches(run_id, "RUNNING")

        assert ledger.act("terminate", run_id).status_code == 409
        ledger.act("cancel", run_id)
        assert ledger.act("terminate", run_id).is_success
        ledger.reaches(run_id, "CANCELLED", seconds=20)

    assert ledger.archived() == 0


def test_a_cancelled_run_is_asked_for_again(ledger: Ledger):
    ledger.play("due(3)")
    run_id = ledger.ask(countdown=3600)
    ledger.act("cancel", run_id)

    again = ledger.act("retry", run_id)
    ledger.stack.restart_worker()

    assert (again.status_code, again.json()["retry_of"]) == (202, run_id)
    run = ledger.reaches(again.json()["id"], "SUCCEEDED", seconds=MENDED_SECONDS)
    assert (run["changed"], ledger.archived()) == (3, 3), run


def test_only_what_failed_is_tried_again(ledger: Ledger):
    ledger.play("due(5); due(2, 'broken')")
    with ledger.hindered(0):
        run = ledger.reaches(ledger.ask(), "PARTIAL")
    items = ledger.browser.get(f"/api/v1/tasks/{run['id']}/items", params={"outcome": "failed"}).json()["items"]

    again = ledger.act("retry-items", run["id"]).raise_for_status().json()
    ledger.stack.restart_worker()

    assert (run["changed"], run["failed"], len(items)) == (5, 2, 2)
    assert "the archive refuses it" in items[0]["error"]
    assert ledger.reaches(again["id"], "SUCCEEDED", seconds=MENDED_SECONDS)["changed"] == 2
    assert ledger.archived() == 7


@pytest.mark.parametrize(("verb", "state", "archived"), [("approve", "SUCCEEDED", MANY), ("reject", "CANCELLED", 0)])
def test_a_run_that_would_change_unusually_much_waits_for_a_person(ledger: Ledger, verb, state, archived):
    ledger.stack.python("from core.runs.models import Run; Run.objects.all().delete()")
    ledger.play(f"due({MANY})")
    run = ledger.reaches(ledger.ask(), "HELD")
    ledger.stack.restart_worker()

    assert (run["result"]["count"] > 1000, ledger.archived()) == (True, 0)
    assert "HELD" in ledger.page(run["id"]).upper()
    assert ledger.act(verb, run["id"]).is_success
    ledger.reaches(run["id"], state, seconds=MENDED_SECONDS)
    assert ledger.archived() == archived


def test_a_run_is_taken_back_but_for_what_was_touched_since(ledger: Ledger):
    ledger.play("due(5)")
    run = ledger.reaches(ledger.ask(), "SUCCEEDED")
    ledger.play(
        "acme, *_ = scene(); one = [Ticket.objects.first().pk]; actor = services.Actor(name='somebody');"
        "services.tickets_restore(organisation=acme, ids=one, actor=actor);"
        "services.tickets_archive(organisation=acme, ids=one, actor=actor)"
    )

    undo = ledger.act("undo", run["id"]).raise_for_status().json()
    ledger.stack.restart_worker()

    done = ledger.reaches(undo["id"], "PARTIAL", seconds=MENDED_SECONDS)
    assert (done["changed"], done["failed"]) == (4, 1)
    assert ledger.archived() == 1
    assert ledger.run(run["id"])["undone_by"] == undo["id"]


def test_a_dead_letter_is_replayed(ledger: Ledger):
    dead = ledger.ask(kwargs={"failed_of": "no such run"})
    ledger.reaches(dead, "FAILED")
    letters = ledger.browser.get("/api/v1/tasks/dead-letters").raise_for_status().json()["items"]

    again = ledger.act("dead-letters", f"{dead}/replay").raise_for_status().json()
    ledger.stack.restart_worker()

    assert dead in [letter["id"] for letter in letters]
    assert ledger.reaches(again["id"], "FAILED", seconds=MENDED_SECONDS)["retry_of"] == dead

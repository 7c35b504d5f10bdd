"""Slots at which no beat ran: each is on record, and made up for as its schedule says, also when workers die."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any

import pytest

from tests.integration.ledger.conftest import ARCHIVE, MENDED_SECONDS, Ledger
from tests.waiting import poll

EVERY = timedelta(seconds=2)
# So many at least: starting again takes some more.
MISSED = 3
# Each way to catch up is a schedule of its own.
WAYS = ("skip", "once", "all")
STORY = "and was not sent then. Retry it to do the work now."
GIVEN_UP, MADE_UP_FOR = ("MISSED", "schedule"), ("SUCCEEDED", "catch-up")


@dataclass
class Outage:
    """A time without worker and beat."""

    ledger: Ledger
    began: datetime
    ended: datetime

    def slots(self, key: str) -> list[dict[str, Any]]:
        """Return what is on record for the slots that beat found when it came back, but for the one just due."""
        runs = self.ledger.listed(schedule=key, name=ARCHIVE)
        later = sorted((run for run in runs if slot_of(run) > self.began), key=slot_of)
        return list(takewhile(lambda run: run["trigger"] == "catch-up" or run["state"] == "MISSED", later))

    def settled(self, key: str) -> list[dict[str, Any]]:
        """Return them when all that is made up for has ended."""

        def ended() -> list[dict[str, Any]]:
            slots = self.slots(key)
            return slots if all(run["finished_at"] for run in slots) else []

        return poll(ended, what=f"the runs of {key}", seconds=MENDED_SECONDS)


def slot_of(run: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(run["slot"])


@pytest.fixture(scope="module")
def outage(ledger: Ledger) -> Iterator[Outage]:
    """Kill worker and beat for some slots of all schedules; and the worker again as soon as beat is back."""
    ledger.play(f"clear(); every({EVERY.seconds}, *{WAYS})")
    try:
        for key in WAYS:
            poll(lambda key=key: edited(ledger, key), what=f"beat sees {key}")
            poll(lambda key=key: last_slot(ledger, key), what=f"a slot of {key}")
        with ledger.stack.outage():
            began = datetime.now(UTC)
            poll(lambda: datetime.now(UTC) > began + (MISSED + 1) * EVERY, what="some slots pass")
            ended = datetime.now(UTC)
        for key in WAYS:
            poll(lambda key=key: (last_slot(ledger, key) or ended) > ended, what=f"a slot of {key} after the outage")
        ledger.stack.restart_worker()
        yield Outage(ledger, began, ended)
    finally:
        ledger.play(f"never(*{WAYS})")


def edited(ledger: Ledger, key: str) -> bool:
    """Set the way to catch up as an operator does; beat must have seen the schedule before."""
    return ledger.ask_api("PATCH", f"/schedules/{key}", catch_up=key).is_success


def last_slot(ledger: Ledger, key: str) -> datetime | None:
    slot = ledger.browser.get(f"/api/v1/tasks/schedules/{key}").raise_for_status().json()["last_slot"]
    return datetime.fromisoformat(slot) if slot else None


@pytest.mark.parametrize("way", WAYS)
def test_a_slot_at_which_no_beat_ran_is_on_record_and_made_up_for(outage: Outage, way):
    found = outage.settled(way)

    slots, last = [slot_of(run) for run in found], len(found) - 1
    expected = {
        "skip": [GIVEN_UP] * len(found),
        "once": [GIVEN_UP] * last + [MADE_UP_FOR],
        "all": [MADE_UP_FOR] * len(found),
    }
    assert [(run["state"], run["trigger"]) for run in found] == expected[way]
    assert {later - slot for slot, later in pairwise(slots)} == {EVERY}
    assert slots[0] <= outage.began + EVERY
    assert slots[-1] > outage.ended - 2 * EVERY
    assert len(found) >= MISSED - 1


@pytest.mark.parametrize("way", WAYS)
def test_what_became_of_a_slot_is_shown_to_who_looks_for_it(outage: Outage, way):
    ledger, found = outage.ledger, outage.settled(way)
    missed = [run["id"] for run in found if run["state"] == "MISSED"]
    made_up_for = [run["id"] for run in found if run["trigger"] == "catch-up"]

    def among(shown: Collection[str]) -> list[str]:
        return [run["id"] for run in found if run["id"] in shown]

    assert among(ids(ledger.listed(schedule=way, name=ARCHIVE, state="MISSED"))) == missed
    assert among(ids(ledger.listed("/failed"))) == missed
    assert among(ids(ledger.listed(schedule=way, name=ARCHIVE, trigger="catch-up"))) == made_up_for
    assert among(ledger.admin("runs/run/", group="MISSED", name=ARCHIVE)) == missed
    assert among(ledger.admin("runs/run/", trigger__exact="catch-up", name=ARCHIVE)) == made_up_for
    for run in found:
        assert (STORY in ledger.page(run["id"])) == (run["id"] in missed)
    poll(
        lambda: missed_on_page(ledger, found[0]["id"]) == newest_missed(ledger, way), what="the schedule's page says so"
    )


def ids(runs: list[dict[str, Any]]) -> set[str]:
    return {run["id"] for run in runs}


def newest_missed(ledger: Ledger, key: str) -> str:
    """Return it in the admin's words; before the schedule was edited, some may have been missed in any case."""
    slots = [slot_of(run) for run in ledger.listed(schedule=key, name=ARCHIVE, state="MISSED")]
    return f"{max(slots):%Y-%m-%d %H:%M} UTC" if slots else "-"


def missed_on_page(ledger: Ledger, run_id: str) -> str:
    """Follow the link from a run to its schedule, and return which slot that page names as missed."""
    link = re.search(r"/admin/(django_celery_beat/periodictask/\d+/change/)", ledger.page(run_id))
    assert link is not None
    said = re.search(r"Missed in 7 days</label>.*?readonly[^>]*>([^<]*)<", ledger.admin(link[1]), re.DOTALL)
    assert said is not None
    return said[1].strip()

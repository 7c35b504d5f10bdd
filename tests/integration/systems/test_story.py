"""Events begin, end and are archived, reminders leave once, prices fall: by the clock alone, and true without it."""

from datetime import datetime
from decimal import Decimal

from tests.integration.systems.story import CHORES, DAY, Story

# In the order in which the clock is turned to them.
LOOKS = ("before", "first", "second", "stopped", "after", "archived")
WORKING = tuple(name for name in LOOKS if name != "stopped")
STRIKES = ("first", "second")
TWO, TENTH_OFF, HALF = Decimal(2), Decimal("1.80"), Decimal(1)


def test_the_schedule_starts_every_chore_at_its_time(story: Story):
    for number, name in enumerate(STRIKES):
        runs = story.looks[name].runs

        assert {task: run[:2] for task, run in runs.items()} == dict.fromkeys(CHORES, ("SUCCEEDED", "schedule"))
        assert min(began for _, _, began in runs.values()) >= story.strike + number * DAY


def test_an_event_is_confirmed_ongoing_completed_and_archived(story: Story):
    looks = [story.looks[name] for name in WORKING]

    stored = [look.stored["events"]["harvest"] for look in looks]
    assert stored == ["CONFIRMED", "ONGOING", *["COMPLETED"] * 3]
    assert [look.shown["events"]["harvest"] for look in looks] == stored
    assert [look.stored["archived"] for look in looks] == [[], [], [], [], ["harvest"]]


def test_what_has_ended_is_in_no_public_list(story: Story):
    assert ["harvest" in story.looks[name].shown["public"] for name in LOOKS] == [True, True, *[False] * 4]


def test_a_reminder_is_delivered_once_to_each_although_its_event_was_moved_twice(story: Story):
    assert story.looks["before"].mails == []
    assert [story.looks[name].mails for name in LOOKS[1:]] == [["ada@example.org", "grace@example.org"]] * 5


def test_a_price_steps_down_until_the_batch_is_not_for_sale(story: Story):
    shown = [story.looks[name].shown["prices"] for name in LOOKS]
    stored = [story.looks[name].stored["prices"] for name in WORKING[1:]]

    assert [amounts(prices) for prices in shown] == [[TWO], [TENTH_OFF], [HALF], [None], [None], [None]]
    assert [amounts(prices) for prices in stored] == [[TENTH_OFF], [HALF], [None], [None]]


def test_the_price_is_kept_every_six_hours_as_it_is_then(story: Story):
    kept = {datetime.fromisoformat(at): Decimal(price) for at, price in story.looks["second"].stored["snapshots"]}

    assert (kept[story.strike], kept[story.strike + DAY]) == (TENTH_OFF, HALF)
    assert {at.hour % 6 for at in kept} == {0}


def amounts(prices: list[str | None]) -> list[Decimal | None]:
    return [None if price is None else Decimal(price) for price in prices]


def test_the_pages_say_what_the_api_says_with_and_without_worker_and_beat(story: Story):
    looks = [story.looks[name] for name in LOOKS]

    assert [look.pages["events"] for look in looks] == [look.shown["events"] for look in looks]
    assert [amounts(look.pages["prices"]) for look in looks] == [amounts(look.shown["prices"]) for look in looks]


def test_without_worker_and_beat_the_api_says_what_is_so(story: Story):
    second, stopped, after = (story.looks[name].shown for name in ("second", "stopped", "after"))

    # The chore has written nothing down, and yet:
    assert stopped["completed"] == second["completed"] == ["harvest"]
    assert (second["events"]["concert"], second["events"]["fair"]) == ("ONGOING", "CONFIRMED")
    assert (stopped["events"]["concert"], stopped["events"]["fair"]) == ("COMPLETED", "ONGOING")
    assert stopped["public"] == ["fair"]
    assert stopped == {**after, "completed": ["harvest"]}
    assert sorted(after["completed"]) == ["concert", "harvest"]

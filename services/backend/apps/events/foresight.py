"""What will happen next to an event, when, and why: said from the rule and the schedules, before it happens."""

from datetime import datetime

from apps.events.enums import ARCHIVE_SCHEDULE, END_SCHEDULE, Status
from apps.events.models import Event
from core.clock import database_now
from core.schedules.foresight import NextAction, schedule_slots
from core.schedules.slots import INSTANT, Slots

WAITS = {
    Status.DRAFT: "A draft: nothing happens to it until it is published.",
    Status.CANCELLED: "Cancelled: nothing happens to it any more.",
    Status.ONGOING: "Ongoing, and without an end: it is completed once it has one.",
}


def next_action(*, event: Event, slots: dict[str, Slots | None], now: datetime) -> NextAction:
    """Explain an event that was read `with_effective_status`; by its stored status, as the run does."""
    if event.archived_at:
        return NextAction("none", None, f"Archived on {_time(event.archived_at)}.", None)
    if event.status == Status.COMPLETED and event.archive_at:
        why = f"Completed on {_time(_set(event.completed_at))}; events are archived after 90 days"
        return _planned("archive", event.archive_at, why, ARCHIVE_SCHEDULE, slots, now)
    if event.transition_at is None:
        return NextAction("none", None, WAITS[Status(event.status)], None)
    return _transition(event, slots, now)


def _transition(event: Event, slots: dict[str, Slots | None], now: datetime) -> NextAction:
    # Later than the rule, a hint is another try after a failure.
    hint, ends = _set(event.transition_at), getattr(event, "ends")  # noqa: B009  # an annotation
    start = _planned("start", hint, f"Begins on {_time(event.begins)}", END_SCHEDULE, slots, now)  # type: ignore[attr-defined]
    if ends is None or (event.status == Status.CONFIRMED and (start.at is None or start.at < ends)):
        return start
    return _planned("complete", hint, f"Ends on {_time(ends)}", END_SCHEDULE, slots, now)


def _planned(
    what: str, due: datetime, why: str, schedule: str, slots: dict[str, Slots | None], now: datetime
) -> NextAction:
    times = slots[schedule]
    if times is None:
        return NextAction("none", None, f"{why}; but the schedule {schedule} is switched off.", None)
    # The run of a slot begins after it, and so takes what is due at the slot itself: most events begin at a full hour.
    return NextAction(what, times.next(max(due - INSTANT, now)), f"{why}.", schedule)


def foretell(events: list[Event]) -> list[Event]:
    """Give each event its `next_action`; all of them share one look at the schedules and the clock."""
    if not events:
        return []
    slots, now = {key: schedule_slots(key) for key in (END_SCHEDULE, ARCHIVE_SCHEDULE)}, database_now()
    for event in events:
        event.next_action = next_action(event=event, slots=slots, now=now)  # type: ignore[attr-defined]
    return events


def _set(moment: datetime | None) -> datetime:
    assert moment is not None  # noqa: S101  # the database keeps it with the status
    return moment


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"

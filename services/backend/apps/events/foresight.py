"""What will happen next to an event, when, and why: said from the rule and the schedules, before it happens."""

from datetime import datetime

from apps.events.enums import ARCHIVE_SCHEDULE, END_SCHEDULE, Status
from apps.events.models import Event
from core.clock import database_now
from core.schedules.foresight import NextAction, nothing, planned, said, schedule_slots
from core.schedules.slots import Slots

WAITS = {
    Status.DRAFT: "A draft: nothing happens to it until it is published.",
    Status.CANCELLED: "Cancelled: nothing happens to it any more.",
    Status.ONGOING: "Ongoing, and without an end: it is completed once it has one.",
}


def next_action(*, event: Event, slots: dict[str, Slots | None], now: datetime) -> NextAction:
    """Explain an event that was read `with_effective_status`; by its stored status, as the run does."""
    if event.archived_at:
        return nothing(f"Archived on {said(event.archived_at)}.")
    if event.status == Status.COMPLETED and event.archive_at:
        why = f"Completed on {said(_set(event.completed_at))}; events are archived after 90 days"
        return planned("archive", event.archive_at, why, ARCHIVE_SCHEDULE, slots[ARCHIVE_SCHEDULE], now)
    if event.transition_at is None:
        return nothing(WAITS[Status(event.status)])
    return _transition(event, slots[END_SCHEDULE], now)


def _transition(event: Event, slots: Slots | None, now: datetime) -> NextAction:
    # Later than the rule, a hint is another try after a failure.
    hint, ends = _set(event.transition_at), event.ends
    start = planned("start", hint, f"Begins on {said(event.begins)}", END_SCHEDULE, slots, now)
    if ends is None or (event.status == Status.CONFIRMED and (start.at is None or start.at < ends)):
        return start
    return planned("complete", hint, f"Ends on {said(ends)}", END_SCHEDULE, slots, now)


def foretell(events: list[Event]) -> list[Event]:
    """Give each event its `next_action`; all of them share one look at the schedules and the clock."""
    if not events:
        return []
    slots, now = {key: schedule_slots(key) for key in (END_SCHEDULE, ARCHIVE_SCHEDULE)}, database_now()
    for event in events:
        event.next_action = next_action(event=event, slots=slots, now=now)
    return events


def _set(moment: datetime | None) -> datetime:
    assert moment is not None  # noqa: S101  # the database keeps it with the status
    return moment

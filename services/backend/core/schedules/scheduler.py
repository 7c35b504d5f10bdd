"""Beat's scheduler: django-celery-beat's schedules, claimed slot by slot, by as many beats as there are."""

import time
from datetime import datetime, timedelta
from typing import Any

from celery.beat import ScheduleEntry, SchedulingError
from celery.schedules import schedule
from celery.utils.log import get_logger
from django.conf import settings
from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    close_old_connections,
    connection,
)
from django_celery_beat.schedulers import DatabaseScheduler

from core.clock import database_now
from core.heartbeat.routing import TASK, queue_of
from core.runs.services.reconcile import runs_reconcile
from core.schedules.services.claim import slots_claim
from core.schedules.services.plan import slots_plan

logger = get_logger(__name__)

HEARTBEAT = "heartbeat"
RETRY_SECONDS = 1.0
# Another beat holds a schedule for milliseconds.
TURN = timedelta(seconds=0.2)
# What is wrong with one schedule is an operator's to mend; it is named once a minute until then.
FAULTY = timedelta(minutes=1)
READ_SECONDS = 300.0
MEND_SECONDS = 5.0


class SlotScheduler(DatabaseScheduler):
    """Put each slot of each schedule on record exactly once, whatever else is running or away.

    Measured on django-celery-beat 2.9.0, and mended here: it exits when PostgreSQL is away at start or reload; a tick
    is lost when Redis is away for 0.7 s at the due moment; two beats send everything twice. So a slot is a row, unique
    by its schedule and its nominal time, and its message is only a hint: what does not reach the broker, and what it
    loses, any beat sends again. The clock is the database's.
    """

    sends_heartbeat = True
    _last_timestamp: datetime | None = None
    _plan: dict[int, datetime] | None = None
    _read_at = _mended_at = _heartbeat_at = float("-inf")
    _mend_error = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._away: dict[str, str] = {}
        super().__init__(*args, **kwargs)
        self._heartbeat = self._heartbeat_entry()

    @property
    def waiting(self) -> str:
        """Name what is away, or nothing."""
        return " and ".join(self._away)

    def _heartbeat_entry(self) -> ScheduleEntry:
        """Build the entry that is sent to this node's own worker; it lives in memory, as it proves this node only."""
        every = settings.HEARTBEAT_INTERVAL_SECONDS
        options = {"queue": queue_of(settings.NODE_NAME), "expires": 3 * every}
        when = schedule(timedelta(seconds=every))
        return ScheduleEntry(HEARTBEAT, TASK, schedule=when, options=options, app=self.app)

    def setup_schedule(self) -> None:
        """Read nothing yet: the first tick does, and survives when PostgreSQL is not there."""

    def sync(self) -> None:
        """Write nothing: a claim has written it already."""

    def schedule_changed(self) -> bool:
        """Tell whether an edit was saved since the last look."""
        last, self._last_timestamp = self._last_timestamp, self.Changes.last_change()
        return self._last_timestamp != last

    def tick(self, *_: Any, **__: Any) -> float:
        """Do what is due, and return how long nothing will be."""
        beat_seconds = self._beat_heart() if self.sends_heartbeat else float(self.max_interval)
        try:
            seconds = self._claim_due()
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            self._plan = None
            self._wait_for("the database", error)
            return RETRY_SECONDS
        self._resume("the database")
        self._mend()
        return max(0.0, min(seconds, beat_seconds, float(self.max_interval)))

    def _beat_heart(self) -> float:
        """Send the heartbeat when it is due (at once at the start), and return the seconds to the next."""
        if (left := self._heartbeat_at - time.monotonic()) > 0:
            return left
        try:
            # Without a producer of its own it takes the pool's, which gives up after a second; beat's waits for ever.
            self.apply_async(self._heartbeat, advance=False)
        except SchedulingError as error:
            self._wait_for("the broker", error.__cause__ or error)
            seconds = RETRY_SECONDS
        else:
            self._resume("the broker")
            seconds = float(settings.HEARTBEAT_INTERVAL_SECONDS)
        self._heartbeat_at = time.monotonic() + seconds
        return seconds

    def _claim_due(self) -> float:
        """Claim the slots that have come, and return the seconds to the next one."""
        close_old_connections()
        plan, now = self._read(), database_now()
        for task_id in sorted((pk for pk, at in plan.items() if at <= now), key=plan.__getitem__):
            self._claim(task_id, plan, now)
        if not plan:
            return float(self.max_interval)
        return (min(plan.values()) - database_now()).total_seconds()

    def _read(self) -> dict[int, datetime]:
        """Return the plan, read anew after an edit, and every few minutes for edits that told nobody."""
        is_old = self.schedule_changed() or time.monotonic() > self._read_at + READ_SECONDS
        if self._plan is None or is_old:
            self._plan = slots_plan()
            self._read_at = time.monotonic()
        return self._plan

    def _claim(self, task_id: int, plan: dict[int, datetime], now: datetime) -> None:
        try:
            claim = slots_claim(task_id=task_id)
        except (OperationalError, InterfaceError, InternalError):
            raise
        except Exception:
            # One schedule at fault must not stop beat, and every other schedule with it.
            logger.exception("beat: cannot claim the slots of schedule %s", task_id)
            plan[task_id] = now + FAULTY
            return
        if claim is None:
            plan[task_id] = now + TURN
        elif claim.next_at is None:
            del plan[task_id]
        else:
            plan[task_id] = claim.next_at

    def _mend(self) -> None:
        """Send again what got lost, every few seconds; a fault there never stops the slots."""
        if time.monotonic() < self._mended_at + MEND_SECONDS:
            return
        self._mended_at, fault = time.monotonic(), ""
        try:
            runs_reconcile()
        except Exception as error:
            connection.close()
            fault = f"{type(error).__name__}: {error}"
            if fault != self._mend_error:
                logger.warning("beat: cannot mend runs: %s", fault)
        self._mend_error = fault

    def _wait_for(self, what: str, error: BaseException) -> None:
        if what not in self._away:
            logger.warning("beat: waiting for %s: %s", what, error)
            self._away[what] = str(error)

    def _resume(self, what: str) -> None:
        if self._away.pop(what, None) is not None:
            logger.info("beat: %s is back", what)

"""Beat's scheduler: django-celery-beat's, made to outlive outages and to share the clock with other beats."""

from datetime import UTC, datetime, timedelta
from typing import Any

from celery.beat import ScheduleEntry, SchedulingError
from celery.schedules import schedule
from celery.utils.log import get_logger
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction
from django.db.models import F, QuerySet
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from core.heartbeat.routing import TASK, queue_of

logger = get_logger(__name__)

RETRY_SECONDS = 1.0
HEARTBEAT = "heartbeat"


class TickRefusedError(Exception):
    """The due entry was not sent: another beat was first, or the broker is away. Read the schedule and look again."""


class PatientScheduler(DatabaseScheduler):
    """Send each due entry once, whatever else is running or away.

    Measured on django-celery-beat 2.9.0, and mended here: it exits when PostgreSQL is away at start or reload; a tick
    is lost when Redis is away for 0.7 s at the due moment; two beats send everything twice. So the row of the entry is
    claimed by compare-and-set on its run count, in one transaction with the publish: a second beat waits for the row
    and finds the count moved on, and what cannot be published is rolled back and tried again.
    """

    _last_timestamp: datetime | None = None
    _claimed_count = 0
    _waiting = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._heartbeat = self._heartbeat_entry(kwargs["app"] if "app" in kwargs else args[0])
        super().__init__(*args, **kwargs)

    @staticmethod
    def _heartbeat_entry(app: Any) -> ScheduleEntry:
        """Build the entry that is sent to this node's own worker; it lives in memory, as it proves this node only."""
        every = timedelta(seconds=settings.HEARTBEAT_INTERVAL_SECONDS)
        options = {"queue": queue_of(settings.NODE_NAME), "expires": 3 * settings.HEARTBEAT_INTERVAL_SECONDS}
        return ScheduleEntry(
            HEARTBEAT,
            TASK,
            # Due at once: health is known seconds after the start.
            last_run_at=datetime(2000, 1, 1, tzinfo=UTC),
            schedule=schedule(every),
            options=options,
            app=app,
        )

    def setup_schedule(self) -> None:
        """Read nothing yet: the first tick does, and survives when PostgreSQL is not there."""

    def all_as_schedule(self) -> dict[str, ScheduleEntry]:
        return {HEARTBEAT: self._heartbeat, **super().all_as_schedule()}

    def enabled_models_qs(self) -> QuerySet[PeriodicTask]:
        """Take every enabled task: upstream's filter by hour uses the UTC offset of 1 January (its issue 885)."""
        enabled: QuerySet[PeriodicTask] = self.Model.objects.enabled()
        return enabled

    def schedule_changed(self) -> bool:
        """Tell whether an edit was saved since the last look; `tick` handles a database that is away."""
        close_old_connections()
        last, changed = self._last_timestamp, self.Changes.last_change()
        self._last_timestamp = changed
        return bool(changed and changed > (last or changed))

    def sync(self) -> None:
        """Write nothing: a claim has written the entry already."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        try:
            seconds: float = super().tick(*args, **kwargs)
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            return self._look_again("the database", error)
        except TickRefusedError as refusal:
            return self._look_again("the broker", refusal.__cause__)
        self._resume()
        return seconds

    def reserve(self, entry: Any) -> Any:
        """Advance the entry in memory only; `apply_entry` claims it in the database."""
        if entry.name != HEARTBEAT:
            self._claimed_count = entry.model.total_run_count
            return next(entry)
        self._heartbeat = self._schedule[HEARTBEAT] = next(entry)
        return self._heartbeat

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        if entry.name == HEARTBEAT:
            self._publish(entry, producer)
            return
        with transaction.atomic():
            if not self._claim(entry.model):
                raise TickRefusedError
            self._publish(entry, producer)
            logger.info("Scheduler: Sending due task %s (%s)", entry.name, entry.task)

    def _claim(self, model: PeriodicTask) -> bool:
        untouched = PeriodicTask.objects.filter(pk=model.pk, enabled=True, total_run_count=self._claimed_count)
        # QuerySet.update sends no signal, so that other beats are not told to reload at every tick.
        rows: int = untouched.update(last_run_at=model.last_run_at, total_run_count=F("total_run_count") + 1)
        return rows == 1

    def _publish(self, entry: ScheduleEntry, producer: Any) -> None:
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            raise TickRefusedError from error

    def _look_again(self, what: str, error: BaseException | None) -> float:
        if error is not None and self._waiting != what:
            logger.warning("beat: waiting for %s: %s", what, error)
            self._waiting = what
        self._initial_read, self._heap = True, None
        return RETRY_SECONDS

    def _resume(self) -> None:
        if self._waiting:
            logger.info("beat: %s is back", self._waiting)
            self._waiting = ""

"""Events, who comes to them, what reminds of them, and each event's history.

What an event is now (`effective_status`) is a function of its row and the time, asked of the database by
`with_effective_status`: the stored `status` lags behind it until the chore has run, so no view reads that. The rule and
the triggers that keep the due hints, whoever writes, are in migrations/0002.
"""

from datetime import UTC, datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from apps.events.enums import LONGEST_AHEAD, OPEN, Kind, RegistrationState, Status
from core.database_kept import DatabaseKeptModel
from core.organisations.models import Organisation, validate_zone
from core.schedules.foresight import NextAction

FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
PUBLIC = Q(is_public=True, status__in=OPEN, archived_at__isnull=True)


class EventQuerySet(models.QuerySet["Event"]):
    def with_effective_status(self, now: datetime) -> Self:
        """Annotate what the event is at that time, and the moments at which it begins and ends (None: never)."""
        times = (F("tz"), F("all_day"))
        begins = Func(F("starts_at"), *times, function="events_begins", output_field=models.DateTimeField())
        ends = Func(F("end_date"), *times, function="events_ends", output_field=models.DateTimeField())
        moment = Value(now, output_field=models.DateTimeField())
        status = Func(
            F("status"), F("begins"), F("ends"), moment, function="events_status", output_field=models.CharField()
        )
        return self.annotate(begins=begins, ends=ends).annotate(effective_status=status)

    def ended(self, now: datetime) -> Self:
        return self.with_effective_status(now).filter(effective_status=Status.COMPLETED)

    def next_due(self) -> Self:
        """Return what time moves on next, in the order of the hints' index."""
        return self.filter(status__in=OPEN, transition_at__isnull=False).order_by("transition_at", "id")

    def discoverable(self, now: datetime) -> Self:
        """Return what the public list shows: ended events are gone at once, whether or not a worker is there."""
        # The stored status is the partial index of the list; the rule has the last word.
        return self.with_effective_status(now).filter(PUBLIC, effective_status__in=OPEN)


class Event(DatabaseKeptModel):
    DATABASE_KEPT = frozenset(
        {"created_at", "status", "sequence", "completed_at", "archived_at", "transition_at", "archive_at"}
    )

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="events", db_index=False)
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100, db_index=False)
    description = models.TextField(blank=True)
    place = models.CharField(max_length=200, blank=True)
    tz = models.CharField(
        "time zone", max_length=64, validators=[validate_zone], help_text="IANA name, such as Europe/London"
    )
    starts_at = models.DateTimeField(help_text="For an all-day event: any time of its first day, in its time zone")
    end_date = models.DateTimeField(
        null=True, blank=True, help_text="All day: any time of its last day; empty: it never ends by itself"
    )
    all_day = models.BooleanField("all day", default=False, help_text="It ends with the local day of its time zone")
    is_public = models.BooleanField("public", default=False, help_text="In the public list and the calendar feed")
    # The database's default, too: SQL and the code of before make events without naming it.
    contact = models.EmailField(
        blank=True, default="", db_default="", help_text="Who is told by mail when it has ended; empty: nobody"
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False)
    created_at = models.DateTimeField(db_default=TransactionNow(), editable=False)
    # For caches, calendars and the alarm of events that lag behind: no rule reads it.
    updated_at = models.DateTimeField(auto_now=True)
    sequence = models.PositiveIntegerField(default=0, editable=False, help_text="Grows with each change of its times")
    completed_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    transition_at = models.DateTimeField(null=True, editable=False, help_text="When it starts or ends next (hint)")
    archive_at = models.DateTimeField(null=True, editable=False, help_text="When it may be archived (hint)")

    # No columns: there when it was read `with_effective_status`, and told by `foretell`.
    begins: datetime
    ends: datetime | None
    effective_status: str
    next_action: NextAction

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="one_event_per_slug"),
            models.CheckConstraint(
                condition=Q(end_date__isnull=True)
                | Q(end_date__gt=F("starts_at"))
                | Q(all_day=True, end_date=F("starts_at")),
                name="event_ends_after_it_starts",
                violation_error_message="An event ends after it starts.",
            ),
            # What a due hint is computed of must not lie where Python knows no time.
            models.CheckConstraint(
                condition=Q(starts_at__gte=FIRST, starts_at__lt=LAST)
                & (Q(end_date__isnull=True) | Q(end_date__lt=LAST)),
                name="event_is_of_our_time",
                violation_error_message="An event lies between the years 1900 and 2999.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["transition_at", "id"],
                condition=Q(status__in=OPEN, transition_at__isnull=False),
                name="event_transition_due",
            ),
            models.Index(
                fields=["archive_at", "id"],
                condition=Q(archived_at__isnull=True, archive_at__isnull=False),
                name="event_archive_due",
            ),
            models.Index(fields=["organisation", "starts_at", "id"], name="event_organisation"),
            models.Index(fields=["starts_at", "id"], condition=PUBLIC, name="event_public"),
            models.Index(fields=["organisation", "starts_at", "id"], condition=PUBLIC, name="event_public_of"),
        ]

    def __str__(self) -> str:
        return self.title


class Registration(models.Model):
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="registrations", db_index=False)
    email = models.EmailField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=RegistrationState.choices, default=RegistrationState.REGISTERED)
    created_at = models.DateTimeField(db_default=TransactionNow(), editable=False)

    class Meta:
        ordering = ["event", "id"]
        constraints = [models.UniqueConstraint("event", Lower("email"), name="one_registration_per_address")]
        indexes = [
            models.Index(fields=["event", "id"], name="registration_event"),
            models.Index(fields=["user"], condition=Q(user__isnull=False), name="registration_user"),
        ]

    def __str__(self) -> str:
        return self.email


class Reminder(models.Model):
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="reminders", db_index=False)
    offset = models.DurationField(
        help_text="How long before the event begins", validators=[MinValueValidator(timedelta())]
    )
    template = models.TextField(blank=True, help_text="The mail's text, with $title, $start, $place; empty: our own")
    due_at = models.DateTimeField(null=True, editable=False, help_text="When it is sent (hint)")
    sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["event", "-offset"]
        constraints = [
            models.UniqueConstraint(fields=["event", "offset"], name="one_reminder_per_offset"),
            models.CheckConstraint(
                condition=Q(offset__gte=timedelta(), offset__lte=LONGEST_AHEAD), name="reminder_within_a_year"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(sent_at__isnull=True, due_at__isnull=False), name="reminder_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.offset} before {self.event}"


class EventHistory(models.Model):
    """One line of an event's history; the lines of a run are its change-set."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="history", db_index=False)
    at = models.DateTimeField(db_default=TransactionNow())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    actor_name = models.CharField(max_length=150, blank=True, help_text="A person, a token or a schedule")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    automatic = models.BooleanField(default=False, help_text="Done by a schedule, not by a person")
    # No foreign key: its check would cost each row, and the run is forgotten before the history is.
    run_id = models.UUIDField(null=True, editable=False, help_text="The run that did it")
    undone_at = models.DateTimeField(null=True, editable=False, help_text="When that run was undone, for this event")

    class Meta:
        ordering = ["event", "id"]
        verbose_name_plural = "history"
        indexes = [
            models.Index(fields=["event", "id"], name="history_event"),
            models.Index(fields=["run_id", "id"], condition=Q(run_id__isnull=False), name="history_run"),
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="history_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.old} {self.new}".strip()

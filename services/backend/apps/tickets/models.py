"""Boards with columns, tickets on them, and each ticket's history.

PostgreSQL keeps some columns by triggers (migrations/0002): `Ticket.entered_column_at` and the due hint
`Ticket.archive_at` follow every move, pin and restore, whoever writes it (a service, the admin, QuerySet.update, SQL
by hand), and a column that becomes or stops being a Done column marks its board's hints as stale.
"""

from typing import Any

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from apps.tickets.enums import MAX_ARCHIVE_HOURS, EventKind, Priority
from core.database_kept import DatabaseKeptModel
from core.organisations.models import Organisation


class Board(DatabaseKeptModel):
    DATABASE_KEPT = frozenset({"effective_hours", "hints_stale_since"})

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="boards", db_index=False)
    name = models.CharField(max_length=100)
    archive_after_hours = models.PositiveIntegerField(
        "archive after (hours)",
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_ARCHIVE_HOURS)],
        help_text="Hours in a Done column after which tickets leave the board; empty means the installation's default",
    )
    # What the tickets' hints are computed with. It lags behind the setting until `services.hints` has caught up.
    effective_hours = models.PositiveIntegerField(null=True, editable=False)
    hints_stale_since = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["organisation", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_board_per_name"),
            models.CheckConstraint(
                condition=Q(archive_after_hours__isnull=True) | Q(archive_after_hours__lte=MAX_ARCHIVE_HOURS),
                name="archive_after_hours_within_a_century",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(hints_stale_since__isnull=False), name="board_hints_stale")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.effective_hours = self.threshold_hours
        super().save(*args, **kwargs)

    @property
    def threshold_hours(self) -> int:
        """Hours in a Done column after which a ticket leaves: the board's own setting, or the default."""
        default: int = settings.TICKET_ARCHIVE_AFTER_HOURS
        return default if self.archive_after_hours is None else self.archive_after_hours

    @property
    def hints_are_current(self) -> bool:
        return self.hints_stale_since is None and self.effective_hours == self.threshold_hours


class Column(models.Model):
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="columns", db_index=False)
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()
    is_done_column = models.BooleanField("Done column", default=False)

    class Meta:
        ordering = ["board", "position"]
        constraints = [
            # Deferrable, so that two columns can change places in one transaction.
            models.UniqueConstraint(
                fields=["board", "position"], name="one_column_per_position", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return f"{self.board} / {self.name}"


class TicketQuerySet(models.QuerySet["Ticket"]):
    def with_due_at(self) -> "TicketQuerySet":
        """Annotate `due_at`: when the rule (not the stored hint) lets the ticket leave, or None."""
        threshold = Coalesce("board__archive_after_hours", models.Value(settings.TICKET_ARCHIVE_AFTER_HOURS))
        inputs = F("column__is_done_column"), F("pinned"), F("entered_column_at"), threshold
        rule = models.Func(*inputs, function="tickets_archive_due", output_field=models.DateTimeField())
        return self.annotate(due_at=models.Case(models.When(archived_at=None, then=rule)))


class Ticket(DatabaseKeptModel):
    DATABASE_KEPT = frozenset({"created_at", "entered_column_at", "archived_at", "archive_at"})

    # Without an index of its own where another index begins with the column or serves the same question.
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    column = models.ForeignKey(Column, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    number = models.PositiveIntegerField(editable=False)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    requester = models.CharField(max_length=200, blank=True, help_text="Who asked: a name or an address")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_tickets",
        db_index=False,
    )
    pinned = models.BooleanField(default=False, help_text="A pinned ticket never leaves the board by itself")
    created_at = models.DateTimeField(db_default=TransactionNow(), editable=False)
    # For people only: no rule reads it, because every comment or label would restart the clock.
    updated_at = models.DateTimeField(auto_now=True)
    entered_column_at = models.DateTimeField(db_default=TransactionNow(), editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    is_archived = models.GeneratedField(
        expression=Q(archived_at__isnull=False),  # type: ignore[arg-type]  # a Q is fine, the stubs do not know
        output_field=models.BooleanField(),
        db_persist=True,
    )
    archive_at = models.DateTimeField(null=True, editable=False, help_text="When the next run may archive it (hint)")

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["organisation", "number"], name="one_ticket_per_number")]
        indexes = [
            models.Index(
                fields=["archive_at", "id"],
                condition=Q(archived_at__isnull=True, archive_at__isnull=False),
                name="ticket_archive_due",
            ),
            models.Index(
                fields=["column", "entered_column_at", "id"],
                condition=Q(archived_at__isnull=True),
                name="ticket_open_column",
            ),
            models.Index(fields=["assignee", "number"], condition=Q(assignee__isnull=False), name="ticket_assignee"),
            models.Index(fields=["board", "number"], name="ticket_board"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"


class TicketEvent(models.Model):
    """One line of a ticket's history; `old` and `new` are words for people."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField(db_default=TransactionNow())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    actor_name = models.CharField(max_length=150, blank=True, help_text="A person, a token or a schedule")
    kind = models.CharField(max_length=10, choices=EventKind.choices)
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    automatic = models.BooleanField(default=False, help_text="Done by a schedule, not by a person")
    # No foreign key: its check would cost each row, and the run is forgotten before the history is.
    run_id = models.UUIDField(null=True, editable=False, help_text="The run that did it")
    undone_at = models.DateTimeField(null=True, editable=False, help_text="When that run was undone, for this ticket")

    class Meta:
        ordering = ["ticket", "at", "id"]
        indexes = [
            models.Index(fields=["ticket", "at"], name="event_ticket"),
            models.Index(fields=["run_id", "id"], condition=Q(run_id__isnull=False), name="event_run"),
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.old} {self.new}".strip()

"""What was asked for, and what became of it: a row from the moment of asking, whatever happens to its message."""

from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q

from core.organisations.models import Organisation
from core.runs.arguments import ArgumentDecoder, ArgumentEncoder, hidden
from core.runs.enums import Outcome, State, Trigger


class Run(models.Model):
    """Its id is the Celery task's.

    Written twice where indexes see it: when it is asked for, and when it ends (`finished_at`). Start, progress and
    heartbeat touch no indexed column, so PostgreSQL can keep them within the row's page.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField("task", max_length=200)
    queue = models.CharField(max_length=100)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    requested_by = models.CharField(max_length=150, blank=True, help_text="A person, a token or a schedule")
    schedule = models.ForeignKey(
        "schedules.Schedule", on_delete=models.SET_NULL, null=True, related_name="runs", db_index=False
    )
    slot = models.DateTimeField(null=True, help_text="The due time that the schedule alone determines")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    args = models.JSONField(default=list, encoder=ArgumentEncoder, decoder=ArgumentDecoder)
    kwargs = models.JSONField(default=dict, encoder=ArgumentEncoder, decoder=ArgumentDecoder)
    # What else its message carries (a chain's next tasks), so that a lost one can be sent again whole.
    options = models.JSONField(default=dict, encoder=ArgumentEncoder, decoder=ArgumentDecoder)
    policy = models.CharField(max_length=20, help_text="The retry policy's name")
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=1)
    singleton = models.BooleanField(default=False, help_text="Only one of its task runs at a time")
    progress_done = models.PositiveBigIntegerField(null=True)
    progress_total = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=500, blank=True)
    examined = models.PositiveBigIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0)
    queued_at = models.DateTimeField(db_default=TransactionNow())
    not_before = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True, help_text="When its message was last sent; empty: not yet")
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=255, blank=True)
    result = models.JSONField(null=True, encoder=ArgumentEncoder, decoder=ArgumentDecoder)
    error_type = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=200, null=True)  # noqa: DJ001  # many rows without one, each unique
    retry_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="retries", db_index=False)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="children", db_index=False)
    undone_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="undoes", db_index=False)
    cancel_requested_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=150, blank=True, help_text="Who let it change unusually much")

    class Meta:
        ordering = ["-queued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "slot"],
                condition=Q(schedule__isnull=False, slot__isnull=False),
                name="one_run_per_slot",
            ),
            models.UniqueConstraint(
                fields=["organisation", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                nulls_distinct=False,
                name="one_run_per_idempotency_key",
            ),
        ]
        indexes = [
            models.Index(fields=["queued_at", "id"], condition=Q(finished_at__isnull=True), name="run_open"),
            models.Index(fields=["finished_at", "id"], condition=Q(finished_at__isnull=False), name="run_finished"),
            models.Index(fields=["name", "-queued_at"], name="run_name"),
            models.Index(
                fields=["organisation", "-queued_at"], condition=Q(organisation__isnull=False), name="run_organisation"
            ),
            # The installation's own chores, for its staff: a run is in this one or in the one above, and neither's
            # columns ever change. 9 ms in the place of 450 for their list of a million runs (measured).
            models.Index(fields=["-queued_at"], condition=Q(organisation__isnull=True), name="run_installation"),
            models.Index(fields=["retry_of"], condition=Q(retry_of__isnull=False), name="run_retry_of"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="run_parent"),
            models.Index(fields=["undone_by"], condition=Q(undone_by__isnull=False), name="run_undone_by"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"

    @property
    def is_open(self) -> bool:
        return self.finished_at is None

    @property
    def shown_arguments(self) -> dict[str, Any]:
        """Return the arguments for people: what looks like a secret is hidden."""
        return {"args": hidden(self.args), "kwargs": hidden(self.kwargs)}


class RunItem(models.Model):
    """One row that a run changed or failed at: what undo, history and a partial retry are made from."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items", db_index=False)
    subject = models.CharField(max_length=100, help_text="Such as tickets.ticket:123")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    error = models.TextField(blank=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["run", "id"]
        indexes = [
            models.Index(fields=["run", "outcome"], name="item_run"),
            models.Index(fields=["subject"], name="item_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.outcome}"

"""What is to leave the product: a row in the transaction that wants it, sent after the commit."""

from typing import Any

from django.contrib.postgres.functions import TransactionNow
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from core.effects.channels import channel_choices
from core.effects.enums import EffectState
from core.organisations.models import Organisation
from core.runs.arguments import hidden
from core.runs.models import Run


class Effect(models.Model):
    """Pending rows are the outbox, dead ones the dead letters: there is no other table and no queue of them."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=20, choices=channel_choices)
    dedupe_key = models.CharField(max_length=200, help_text="Asked for twice under one key, it leaves once")
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=10, choices=EffectState.choices, default=EffectState.PENDING)
    urgent = models.BooleanField(default=False, help_text="Leaves in quiet hours, too")
    not_before = models.DateTimeField(help_text="When it is due, or due again")
    policy = models.CharField(max_length=20, help_text="The retry policy's name")
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=1)
    error = models.TextField(blank=True, help_text="Why the last attempt failed, or whom the mail server refused")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="effects", db_index=False)
    created_at = models.DateTimeField(db_default=TransactionNow())
    claimed_at = models.DateTimeField(null=True, help_text="Since when a worker is sending it")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["dedupe_key"], name="one_effect_per_dedupe_key")]
        indexes = [
            # By channel first: what waits for a mail server must not be walked over to find a webhook.
            models.Index(fields=["channel", "not_before", "id"], condition=Q(state="PENDING"), name="effect_due"),
            models.Index(fields=["state", "-created_at"], name="effect_state"),
            models.Index(
                fields=["organisation", "-created_at"],
                condition=Q(organisation__isnull=False),
                name="effect_organisation",
            ),
            models.Index(fields=["run"], condition=Q(run__isnull=False), name="effect_run"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"

    @property
    def shown_payload(self) -> Any:
        """Return the payload for people: what looks like a secret is hidden."""
        return hidden(self.payload)

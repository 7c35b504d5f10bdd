"""Who did what: one row for each action of an operator, by whichever door."""

from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import models

from core.organisations.models import Organisation


class Audit(models.Model):
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(db_default=TransactionNow())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    actor_name = models.CharField(max_length=150, help_text="A person, a token or a command")
    verb = models.CharField(max_length=50, help_text="What was done, such as run.cancel")
    subject = models.CharField(max_length=150, help_text="To what, such as runs.run:<id>")
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "audit"
        indexes = [
            models.Index(fields=["subject", "-at"], name="audit_subject"),
            models.Index(fields=["-at"], name="audit_at"),
            models.Index(fields=["organisation", "-at"], name="audit_organisation"),
            models.Index(fields=["actor"], condition=models.Q(actor__isnull=False), name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.verb} {self.subject}"

"""What is known of a periodic task beside django-celery-beat's row: its promises, its slots, what a deploy wrote."""

from django.db import models
from django_celery_beat.models import PeriodicTask

from core.schedules.enums import CatchUp


class Schedule(models.Model):
    """One for each periodic task: made by a deploy for what the code declares, by beat for what was made by hand."""

    periodic_task = models.OneToOneField(PeriodicTask, on_delete=models.CASCADE, related_name="declared")
    key = models.CharField(max_length=200, unique=True)
    declared = models.BooleanField(default=True, help_text="By the code; one made by hand is never an orphan")
    synced = models.JSONField(default=dict, help_text="Field values as the last deploy wrote them")
    edited = models.JSONField(default=list, help_text="Fields an operator changed since: a deploy keeps them")
    orphaned_at = models.DateTimeField(null=True, help_text="When the code stopped declaring it; it is disabled since")
    off_at = models.DateTimeField(null=True, help_text="When its app was left out of MODULES; it is disabled since")
    catch_up = models.CharField(
        max_length=10, choices=CatchUp.choices, default=CatchUp.ONCE, help_text="What becomes of missed slots"
    )
    start_grace_seconds = models.PositiveIntegerField(
        default=300, help_text="A slot that is claimed later than this was missed"
    )
    run_limit_seconds = models.PositiveIntegerField(null=True, help_text="A run that takes longer took too long")
    min_seconds = models.FloatField(null=True, help_text="A run that takes less was too quick")
    min_changed = models.PositiveBigIntegerField(null=True, help_text="A run that changes fewer rows did too little")
    snoozed_until = models.DateTimeField(null=True, help_text="Slots until then are left out, and are not missed")
    handled_until = models.DateTimeField(null=True, help_text="Every slot until then is on record or was not owed")
    times = models.TextField(blank=True, help_text="When it was due as beat last saw it; empty: it was switched off")

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key

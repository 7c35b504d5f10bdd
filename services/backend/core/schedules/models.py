"""What a deploy last wrote into each periodic task, so that an operator's edit can be told from it."""

from django.db import models
from django_celery_beat.models import PeriodicTask


class Schedule(models.Model):
    periodic_task = models.OneToOneField(PeriodicTask, on_delete=models.CASCADE, related_name="declared")
    key = models.CharField(max_length=200, unique=True)
    synced = models.JSONField(default=dict, help_text="Field values as the last deploy wrote them")
    edited = models.JSONField(default=list, help_text="Fields an operator changed since: a deploy keeps them")
    orphaned_at = models.DateTimeField(null=True, help_text="When the code stopped declaring it; it is disabled since")

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key

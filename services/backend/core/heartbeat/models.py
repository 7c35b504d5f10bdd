"""When each node last proved that beat, Redis, its worker and the database work together."""

from django.db import models


class Heartbeat(models.Model):
    node = models.CharField(max_length=255, primary_key=True)
    stamped_at = models.DateTimeField()
    # What the node's worker said when it started; empty where no worker wrote the stamp.
    queues = models.JSONField(null=True, help_text="What its worker takes, besides its own heartbeat")
    processes = models.PositiveSmallIntegerField(null=True, help_text="How many tasks it runs at a time")
    pid = models.PositiveIntegerField(null=True, help_text="The worker's main process")
    version = models.CharField(max_length=50, blank=True, help_text="Celery's, to be seen during an upgrade")

    class Meta:
        ordering = ["node"]

    def __str__(self) -> str:
        return self.node

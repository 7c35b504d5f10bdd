"""When each node last proved that beat, Redis, its worker and the database work together."""

from django.db import models


class Heartbeat(models.Model):
    node = models.CharField(max_length=255, primary_key=True)
    stamped_at = models.DateTimeField()

    class Meta:
        ordering = ["node"]

    def __str__(self) -> str:
        return self.node

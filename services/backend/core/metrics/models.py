"""What has been counted for good: a counter must not fall when old runs are forgotten."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class RunTotal(models.Model):
    """Every ended run of one task and state, since the installation. The counts are cumulative: at most so long."""

    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10)
    runs = models.BigIntegerField(default=0)
    started = models.BigIntegerField(default=0, help_text="Those of them that were started at all")
    wait_seconds = models.FloatField(default=0)
    work_seconds = models.FloatField(default=0)
    waits = ArrayField(models.BigIntegerField())
    works = ArrayField(models.BigIntegerField())

    class Meta:
        ordering = ["name", "state"]
        constraints = [models.UniqueConstraint(fields=["name", "state"], name="one_total_per_task_and_state")]

    def __str__(self) -> str:
        return f"{self.name} {self.state} {self.runs}"


class Folded(models.Model):
    """The last run that the totals hold, in the order of their ends. One row."""

    finished_at = models.DateTimeField()
    run = models.UUIDField(help_text="No foreign key: the run may be forgotten")

    def __str__(self) -> str:
        return str(self.finished_at)

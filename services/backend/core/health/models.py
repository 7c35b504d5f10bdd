"""What people have been told is broken."""

from django.db import models

from core.health.findings import Finding, Group, Level


class Alert(models.Model):
    """A finding that was told and is not over: its row goes when people are told that it is over."""

    key = models.CharField(max_length=300, unique=True, help_text="What is broken and how")
    level = models.CharField(max_length=10)
    group = models.CharField(max_length=20)
    subject = models.CharField(max_length=200)
    sentence = models.TextField()
    remedy = models.CharField(max_length=100)
    since = models.DateTimeField(null=True)
    raised_at = models.DateTimeField(help_text="When it was first told")
    told_at = models.DateTimeField(help_text="When it was last told")
    seen_at = models.DateTimeField(help_text="When a look last found it")

    class Meta:
        ordering = ["raised_at", "id"]

    def __str__(self) -> str:
        return self.key

    @property
    def finding(self) -> Finding:
        return Finding(Level(self.level), Group(self.group), self.subject, self.sentence, self.remedy, since=self.since)

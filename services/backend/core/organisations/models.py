"""Whose: organisations, their members, and the tokens that programs sign in with."""

from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from core.organisations.enums import Role


def validate_zone(name: str) -> None:
    # Some hosts have a zone of this name, which is another one on each.
    if name not in available_timezones() - {"localtime"}:
        raise ValidationError(f"There is no time zone {name!r}: use an IANA name, such as Europe/London.")


class Organisation(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    tz = models.CharField(
        "time zone",
        max_length=64,
        default="UTC",
        validators=[validate_zone],
        help_text="IANA name, such as Europe/London",
    )
    quiet_from = models.TimeField(
        "quiet from", null=True, blank=True, help_text="Mail that is not urgent waits from this local time ..."
    )
    quiet_until = models.TimeField(
        "quiet until", null=True, blank=True, help_text="... to this one, which may be on the next day"
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Off: its members and tokens are refused by the API"
    )

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=models.F("quiet_until"))),
                name="quiet_hours_have_two_ends",
                violation_error_message="Quiet hours have a beginning and another end: give both, or neither.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="members")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)

    class Meta:
        ordering = ["organisation", "user"]
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="one_membership_per_organisation")]

    def __str__(self) -> str:
        return f"{self.user} in {self.organisation}"


class ApiToken(models.Model):
    """A program's sign-in. Only the digest is stored: the token itself is shown once, when it is made."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="tokens")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    name = models.CharField(max_length=100, help_text="Who uses it")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["organisation", "name"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} ({self.role})"

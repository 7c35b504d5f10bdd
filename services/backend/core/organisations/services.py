"""Writes: making and using API tokens."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.postgres.functions import TransactionNow
from django.db.models import Q, QuerySet

from core.organisations.enums import Role
from core.organisations.models import ApiToken, Organisation

# How exact "last used" is: a busy token writes its row once in this time, not at every request.
LAST_USED_EVERY = timedelta(minutes=5)


def token_create(*, organisation: Organisation, role: Role, name: str) -> str:
    """Make a token and return it; it cannot be shown again.

    A plain SHA-256 is enough for the digest: the token is 256 random bits, so there is nothing to guess from it.
    """
    token = f"deskbeat_{secrets.token_urlsafe(32)}"
    ApiToken.objects.create(organisation=organisation, role=role, name=name, digest=_digest(token))
    return token


def token_use(*, token: str, now: datetime) -> ApiToken | None:
    """Return the live token's row and note the use, or None when it is unknown, revoked or its organisation is off."""
    live = ApiToken.objects.select_related("organisation").filter(revoked_at__isnull=True, organisation__is_active=True)
    row = live.filter(digest=_digest(token)).first()
    if row is not None:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - LAST_USED_EVERY)
        ApiToken.objects.filter(stale, pk=row.pk).update(last_used_at=now)
    return row


def tokens_revoke(*, tokens: QuerySet[ApiToken]) -> int:
    """Refuse the tokens from now on, and return how many were live."""
    return tokens.filter(revoked_at__isnull=True).update(revoked_at=TransactionNow())


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()

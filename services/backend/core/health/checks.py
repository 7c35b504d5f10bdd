"""What `manage.py check` says about whom alerts go to."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from core.effects.channels import CHANNELS

MAIL = {"subject": "alert", "text": "alert"}
HOOK = {"url_setting": "ALERT_WEBHOOK", "body": {}}


def alert_addresses_are_usable(**_: Any) -> list[CheckMessage]:
    return [*_mail(), *_webhook()]


def _mail() -> Iterator[CheckMessage]:
    for address in settings.ALERT_EMAIL:
        try:
            CHANNELS["mail"].check({"to": [address], **MAIL})
        except ValueError:
            yield Error(f"ALERT_EMAIL names {address!r}, which is not an e-mail address.", id="health.E001")
    if settings.ALERT_EMAIL and (why := CHANNELS["mail"].missing()):
        yield Caution(f"ALERT_EMAIL is set, but {why}", hint="Set it, or use ALERT_WEBHOOK.", id="health.W001")


def _webhook() -> Iterator[CheckMessage]:
    try:
        if settings.ALERT_WEBHOOK:
            CHANNELS["webhook"].check(HOOK)
    except ValueError:
        # Not the value: it may hold a token.
        why = "ALERT_WEBHOOK is not an http:// or https:// address in ASCII, without user and password."
        yield Error(why, id="health.E002")

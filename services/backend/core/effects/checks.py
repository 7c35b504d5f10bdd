"""What `manage.py check` says about the settings of what leaves."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from core.effects.channels.signature import signing_key


def webhook_secret_is_usable(**_: Any) -> list[CheckMessage]:
    try:
        signing_key(settings.WEBHOOK_SECRET)
    except ValueError as error:
        hint = "Write it as whsec_ and base64, or as any other text."
        return [Error(f"WEBHOOK_SECRET is not accepted. {error}", hint=hint, id="effects.E001")]
    return []

"""Effects as an app would ask for them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from core.clock import database_now
from core.effects.models import Effect
from core.effects.services.enqueue import effect_enqueue

MAIL = {"to": ["ada@example.org"], "subject": "Hello", "text": "Hello, Ada."}


def mail(key: str = "", *, payload: dict[str, Any] | None = None, **values: Any) -> Effect:
    return effect_enqueue(
        channel="mail", payload={**MAIL, **(payload or {})}, dedupe_key=key or f"mail:{uuid4()}", **values
    )


def hook(url: str, key: str = "", *, body: Any = None, **values: Any) -> Effect:
    return effect_enqueue(
        channel="webhook",
        payload={"url": url, "body": body or {"number": 1}},
        dedupe_key=key or f"hook:{uuid4()}",
        **values,
    )


def make_due(effect: Effect, **values: Any) -> None:
    """Let time pass for the effect alone."""
    Effect.objects.filter(id=effect.id).update(not_before=database_now() - timedelta(seconds=1), **values)

"""What a way out of the product has to say and do."""

import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings

if TYPE_CHECKING:
    from core.effects.models import Effect

# Sends one effect; returns a remark for its row, mostly none. What it raises says how to go on: NonRecoverableError
# (dead at once), RecoverableError (again, as the policy says), TryLaterError (again, as the receiver says).
Send = Callable[["Effect"], str]


class Channel(ABC):
    name: ClassVar[str]
    # The retry policy of an effect that names none.
    policy: ClassVar[str] = "net"
    # Whether it reaches a person, who sleeps.
    is_quiet_at_night: ClassVar[bool] = False

    @abstractmethod
    def check(self, payload: dict[str, Any]) -> None:
        """Raise ValueError, in one sentence, for what could never be sent: where it is asked for, not hours later."""

    @abstractmethod
    def missing(self) -> str:
        """Say, in one sentence, what the installation lacks before anything can leave here; empty: nothing."""

    @abstractmethod
    def session(self) -> AbstractContextManager[Send]:
        """Open what a batch of effects can share, such as a connection."""


def trust() -> ssl.SSLContext:
    """Verify against the well-known authorities, and that of EFFECTS_CA_FILE.

    The system's own list is not asked: a slim image has none.
    """
    import certifi  # noqa: PLC0415  # only who sends needs it

    context = ssl.create_default_context(cafile=certifi.where())
    if settings.EFFECTS_CA_FILE:
        context.load_verify_locations(settings.EFFECTS_CA_FILE)
    return context


def require(payload: dict[str, Any], *, known: dict[str, type | tuple[type, ...]], needed: set[str]) -> None:
    """Raise ValueError unless the payload has what is needed, and nothing but what is known, of its type."""
    if unknown := sorted(payload.keys() - known.keys()):
        raise ValueError(f"The payload has {unknown[0]!r}, which is not known: use {', '.join(known)}.")
    if lacking := sorted(key for key in needed if not payload.get(key)):
        raise ValueError(f"The payload has no {lacking[0]!r}.")
    for key, value in payload.items():
        if not isinstance(value, known[key]):
            raise ValueError(f"The payload's {key!r} is a {type(value).__name__}, which is not accepted.")  # noqa: TRY004  # one kind of refusal

"""Webhooks: one POST of JSON, signed as Standard Webhooks has it, to an address that was checked when resolved."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

from core.effects.channels.base import Channel, Send, require, trust
from core.effects.channels.signature import signature
from core.effects.errors import TryLaterError
from core.runs.errors import NonRecoverableError, RecoverableError

if TYPE_CHECKING:
    from httpcore import ConnectionPool

    from core.effects.models import Effect

# Whoever asks for more patience than this gets it in several answers.
LONGEST_WAIT_SECONDS = 86_400.0
# Addresses that hold a secret: an effect names the setting, so that the address is in no row, no page and no error.
URL_SETTINGS = ("ALERT_WEBHOOK",)
# Beside 5xx: the receiver was slow, or asks for patience.
MAY_PASS = {408, 425, 429}


class WebhookChannel(Channel):
    name = "webhook"

    def check(self, payload: dict[str, Any]) -> None:
        secret_address = "url_setting" in payload
        needed = "url_setting" if secret_address else "url"
        require(payload, known={needed: str, "body": (dict, list)}, needed={needed})
        if "body" not in payload:
            raise ValueError("The payload has no 'body'.")
        if secret_address and payload["url_setting"] not in URL_SETTINGS:
            raise ValueError(f"The payload's 'url_setting' is none of {', '.join(URL_SETTINGS)}.")
        _check_url(getattr(settings, payload[needed]) if secret_address else payload[needed])

    def missing(self) -> str:
        return ""

    @contextmanager
    def session(self) -> Iterator[Send]:
        import httpcore  # noqa: PLC0415  # 5 MB that a worker which sends no webhook is spared

        from core.effects.channels.guarded import GuardedBackend  # noqa: PLC0415  # it imports httpcore

        # No proxy of the environment and no redirect: where it goes is what was checked.
        with httpcore.ConnectionPool(ssl_context=trust(), network_backend=GuardedBackend()) as pool:
            yield _Caller(pool).send


class _Caller:
    """Remembers, for a batch, which hosts did not answer: one of them must not hold up the others' messages."""

    def __init__(self, pool: "ConnectionPool") -> None:
        self._pool = pool
        self._silent: dict[str, str] = {}

    def send(self, effect: "Effect") -> str:
        import httpcore  # noqa: PLC0415  # as above

        url = _url(effect)
        host = urlsplit(url).netloc.rpartition("@")[2]
        if host in self._silent:
            raise RecoverableError(self._silent[host])
        try:
            status, retry_after = self._post(effect, url)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            self._silent[host] = f"{host} did not answer: {error or type(error).__name__}"
            raise RecoverableError(self._silent[host]) from error
        _judge(host, status, retry_after)
        return ""

    def _post(self, effect: "Effect", url: str) -> tuple[int, str]:
        body = json.dumps(effect.payload["body"], cls=DjangoJSONEncoder, separators=(",", ":")).encode()
        with self._pool.stream("POST", url, headers=[*_headers(effect, body).items()], content=body) as response:
            headers = {key.lower(): value.decode("latin-1") for key, value in response.headers}
            return response.status, headers.get(b"retry-after", "")


def _url(effect: "Effect") -> str:
    """Read the address now: one that changed counts for what waits, too."""
    if "url" in effect.payload:
        return str(effect.payload["url"])
    url = str(getattr(settings, effect.payload["url_setting"]))
    try:
        _check_url(url)
    except ValueError:
        raise NonRecoverableError(f"{effect.payload['url_setting']} is no longer a usable address.") from None
    return url


def _headers(effect: "Effect", body: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "deskbeat-webhook",
        "Idempotency-Key": effect.dedupe_key,
        **signature(message_id=f"effect_{effect.id}", body=body, secret=settings.WEBHOOK_SECRET),
        # A connection that was kept may be closed at the other end while we write: was it taken, or not?
        "Connection": "close",
    }


def _judge(host: str, status: int, retry_after: str) -> None:
    if 200 <= status < 300:
        return
    if status in MAY_PASS or status >= 500:
        raise TryLaterError(f"{host} answered {status}.", _seconds(retry_after))
    if 300 <= status < 400:
        raise NonRecoverableError(f"{host} answered {status}, a redirect, and none is followed: name its target.")
    raise NonRecoverableError(f"{host} answered {status}.")


def _seconds(retry_after: str) -> float:
    """Read Retry-After, which is a number of seconds or a date; anything else says nothing."""
    try:
        if retry_after.isdigit():
            seconds = float(retry_after)
        else:
            seconds = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0
    return min(max(seconds, 0), LONGEST_WAIT_SECONDS)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username is not None:
        raise ValueError("The payload's 'url' is not an http:// or https:// address without user and password.")
    if not url.isascii() or any(character.isspace() for character in url):
        raise ValueError("The payload's 'url' has blanks or characters beyond ASCII: encode them.")

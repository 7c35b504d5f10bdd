"""Mail, through the SMTP server of the settings."""

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email

from core.effects.channels.base import Channel, Send, require, trust
from core.runs.errors import NonRecoverableError, RecoverableError

if TYPE_CHECKING:
    from core.effects.models import Effect

KNOWN: dict[str, type | tuple[type, ...]] = {
    "to": list,
    "cc": list,
    "bcc": list,
    "reply_to": list,
    "subject": str,
    "text": str,
    "html": str,
}
# About this mail. Whatever else a server answers is about the server or our account there, and may pass.
ABOUT_THE_MAIL = (smtplib.SMTPSenderRefused, smtplib.SMTPDataError)
# "Authentication required" and its kin: an operator mends it, the mail is sound.
ABOUT_THE_ACCOUNT = {530, 534, 535, 538}


class MailChannel(Channel):
    name = "mail"
    policy = "mail"
    is_quiet_at_night = True

    def check(self, payload: dict[str, Any]) -> None:
        require(payload, known=KNOWN, needed={"to", "subject"})
        if not (payload.get("text") or payload.get("html")):
            raise ValueError("The payload has neither 'text' nor 'html': a mail needs one of them.")
        if len(payload["subject"].splitlines()) > 1:
            raise ValueError("The payload's 'subject' has more than one line.")
        for address in _addresses(payload):
            _check_address(address)

    def missing(self) -> str:
        if not settings.EMAIL_HOST:
            return "EMAIL_HOST is not set: mail waits until it names an SMTP server."
        if not settings.DEFAULT_FROM_EMAIL:
            return "EMAIL_FROM_ADDRESS is not set: mail waits until it has a sender."
        return ""

    @contextmanager
    def session(self) -> Iterator[Send]:
        post = _Post()
        try:
            yield post.send
        finally:
            post.close()


class Backend(EmailBackend):
    """Django's, with our idea of whom to trust."""

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return trust()


class _Post:
    """One connection for a batch; after a failure the next mail opens a new one, or hears at once that none opens."""

    def __init__(self) -> None:
        self._backend = Backend()
        self._away = ""

    def send(self, effect: "Effect") -> str:
        message = _message(effect)
        smtp = self._open()
        try:
            refused = smtp.send_message(message.message(), message.from_email, message.recipients())
        except (OSError, smtplib.SMTPException) as error:  # SMTPException is an OSError; said for the reader
            self.close()
            _explain(error)
        return f"The server refused {_refusals(refused)}; it took the mail for the others." if refused else ""

    def _open(self) -> smtplib.SMTP:
        if self._away:
            raise RecoverableError(self._away)
        try:
            self._backend.open()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            self._away = f"The SMTP server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} is not usable: {error}"
            raise RecoverableError(self._away) from error
        connection: smtplib.SMTP = self._backend.connection  # type: ignore[assignment]  # open
        return connection

    def close(self) -> None:
        self._backend.fail_silently = True
        self._backend.close()
        self._backend.fail_silently = False


def _message(effect: "Effect") -> EmailMultiAlternatives:
    payload = effect.payload
    mail = EmailMultiAlternatives(
        subject=payload["subject"],
        body=payload.get("text") or payload["html"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        **{key: payload[key] for key in ("to", "cc", "bcc", "reply_to") if key in payload},
    )
    mail.extra_headers["Message-ID"] = message_id(effect)
    if payload.get("html") and payload.get("text"):
        mail.attach_alternative(payload["html"], "text/html")
    elif payload.get("html"):
        mail.content_subtype = "html"
    return mail


def message_id(effect: "Effect") -> str:
    """Return the same for each attempt at the effect, so that whoever gets the mail twice can tell."""
    made = hashlib.sha256(f"{effect.id} {effect.created_at.isoformat()} {effect.dedupe_key}".encode()).hexdigest()
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{made[:40]}@{domain}>"


def _explain(error: Exception) -> NoReturn:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        permanent = all(code >= 500 for code, _ in error.recipients.values())
        kind = NonRecoverableError if permanent else RecoverableError
        raise kind(f"The server refused {_refusals(error.recipients)}.") from error
    if isinstance(error, ABOUT_THE_MAIL) and error.smtp_code >= 500 and error.smtp_code not in ABOUT_THE_ACCOUNT:
        answer = f"{error.smtp_code} {_text(error.smtp_error)}"
        raise NonRecoverableError(f"The server refused the mail: {answer}.") from error
    raise RecoverableError(f"The SMTP server did not take the mail: {error}") from error


def _refusals(refused: dict[str, tuple[int, bytes]]) -> str:
    return ", ".join(f"{address} ({code} {_text(why)})" for address, (code, why) in refused.items())


def _text(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def _addresses(payload: dict[str, Any]) -> list[Any]:
    lists = [payload.get(key) or [] for key in ("to", "cc", "bcc", "reply_to")]
    return [address for addresses in lists for address in addresses]


def _check_address(address: Any) -> None:
    """Accept `desk@example.org` and `The Desk <desk@example.org>`."""
    try:
        validate_email(parseaddr(address)[1] if isinstance(address, str) and "\n" not in address else "")
    except ValidationError:
        raise ValueError(f"The payload's address {address!r} is not an e-mail address.") from None

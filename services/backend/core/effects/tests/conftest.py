"""Receivers of this test's own: an SMTP server and an HTTP server; and a worker that sends to them."""

from collections.abc import Iterator

import pytest

from core.effects.tests.receivers import LOOPBACK, Mailbox, Receiver
from core.runs.tests.conftest import app, broker, work  # noqa: F401  # fixtures: a queue and a worker


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    with Mailbox.open() as box:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "Desk <desk@example.org>"
        yield box


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOW_PRIVATE = settings.WEBHOOK_ALLOW_PRIVATE + LOOPBACK
    with Receiver.open() as server:
        yield server

"""A webhook leaves to a real HTTP server: named, signed, bounded, and to checked addresses only."""

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from core.clock import database_now
from core.effects.channels import guarded
from core.effects.channels.guarded import addresses
from core.effects.enums import EffectState
from core.effects.services.deliver import effects_deliver
from core.effects.tests.certificates import certificate
from core.effects.tests.factories import hook, make_due
from core.effects.tests.receivers import LOOPBACK, Receiver
from core.runs.errors import NonRecoverableError
from tests.servers import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


def test_a_webhook_arrives_named_and_signed(receiver, settings):
    settings.WEBHOOK_SECRET = SECRET
    effect = hook(receiver.url, "ticket:7:archived", body={"ticket": 7, "title": "Größe"})
    assert effects_deliver() == {"sent": 1}

    [call] = receiver.calls
    assert (call.path, json.loads(call.body)) == ("/hook", {"ticket": 7, "title": "Größe"})
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["Idempotency-Key"] == "ticket:7:archived"
    assert call.headers["webhook-id"] == f"effect_{effect.id}"
    assert is_genuine(call, key=b"s" * 32)


def is_genuine(call, *, key: bytes) -> bool:
    """Check as a receiver does: docs/how-to/effects.md."""
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(call.headers["webhook-signature"], f"v1,{expected}")


def test_a_secret_of_plain_text_signs_too_and_none_does_not(receiver, settings):
    settings.WEBHOOK_SECRET = "plain text"
    hook(receiver.url)
    effects_deliver()
    settings.WEBHOOK_SECRET = ""
    hook(receiver.url)
    effects_deliver()

    signed, unsigned = receiver.calls
    assert is_genuine(signed, key=b"plain text")
    assert "webhook-signature" not in unsigned.headers


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_pass_is_tried_again(receiver, status):
    receiver.answers = [(status, {}), (204, {})]
    effect = hook(receiver.url)
    assert effects_deliver() == {"retried": 1}
    make_due(effect)
    assert effects_deliver() == {"sent": 1}

    effect.refresh_from_db()
    assert (effect.state, effect.attempts, effect.error) == (EffectState.SENT, 2, "")


@pytest.mark.parametrize(("status", "word"), [(400, "400"), (404, "404"), (410, "410"), (302, "redirect")])
def test_what_cannot_pass_is_dead_at_once(receiver, status, word):
    receiver.answers = [(status, {"Location": "http://127.0.0.1:9/"})]
    effect = hook(receiver.url)
    assert effects_deliver() == {"dead": 1}

    effect.refresh_from_db()
    assert (effect.state, len(receiver.calls)) == (EffectState.DEAD, 1)
    assert word in effect.error


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_it_waits_as_long_as_the_receiver_asks(receiver, form):
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    receiver.answers = [(429, {"Retry-After": "600" if form == "seconds" else date})]
    effect = hook(receiver.url)
    effects_deliver()

    effect.refresh_from_db()
    assert 590 < (effect.not_before - database_now()).total_seconds() <= 600


def test_a_host_that_is_away_is_asked_once_for_a_batch(receiver):
    effects = [hook(f"http://127.0.0.1:{free_port()}/")] * 1 + [hook(receiver.url)]
    assert effects_deliver() == {"retried": 1, "sent": 1}

    effects[0].refresh_from_db()
    assert "did not answer" in effects[0].error


def test_an_answer_that_drips_is_cut_off(settings, monkeypatch):
    settings.WEBHOOK_ALLOW_PRIVATE = LOOPBACK
    monkeypatch.setattr(guarded, "TOTAL_SECONDS", 1.0)
    with dripping() as url:
        effect = hook(url)
        began = time.monotonic()
        assert effects_deliver() == {"retried": 1}

    effect.refresh_from_db()
    assert time.monotonic() - began < 5
    assert "no answer within 1 s" in effect.error or "timed out" in effect.error


class dripping:  # noqa: N801  # read as a word in `with`
    """A server that sends a byte of its answer's head every 0.1 s, for ever."""

    def __enter__(self) -> str:
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self.server.getsockname()[1]}/"

    def _serve(self) -> None:
        connection, _ = self.server.accept()
        try:
            for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
                connection.sendall(bytes([byte]))
                time.sleep(0.1)
        except OSError:
            connection.close()

    def __exit__(self, *_: object) -> None:
        self.server.close()


def test_a_certificate_is_verified(settings, tmp_path):
    settings.WEBHOOK_ALLOW_PRIVATE = LOOPBACK
    ca, context = certificate(tmp_path, "127.0.0.1")
    wrap = lambda plain: context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)  # noqa: E731
    with Receiver.open(wrap=wrap, scheme="https") as receiver:
        stranger = hook(receiver.url)
        effects_deliver()
        settings.EFFECTS_CA_FILE = str(ca)
        hook(receiver.url)
        assert effects_deliver() == {"sent": 1}

    stranger.refresh_from_db()
    assert (stranger.state, len(receiver.calls)) == (EffectState.PENDING, 1)
    assert "certificate verify failed" in stranger.error.lower()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  # not bound to
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:a00:1::",
        "2130706433",
        "0x7f.1",
    ],
)
def test_no_private_address_is_called(host):
    with pytest.raises(NonRecoverableError, match="is not a public address: let WEBHOOK_ALLOW_PRIVATE name"):
        addresses(host, 443)


def test_a_public_address_is_called_and_a_private_one_where_it_is_allowed(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = LOOPBACK

    assert addresses("93.184.215.14", 443) == ["93.184.215.14"]
    assert addresses("::ffff:127.0.0.1", 443) == ["::ffff:127.0.0.1"]


def test_a_private_address_is_dead_at_once_and_nothing_was_called(receiver, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = []
    effect = hook(receiver.url)
    assert effects_deliver() == {"dead": 1}

    effect.refresh_from_db()
    assert (effect.state, receiver.calls) == (EffectState.DEAD, [])

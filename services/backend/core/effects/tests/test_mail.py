"""Mail leaves through a real SMTP server, once, and what the server says decides what comes next."""

from datetime import timedelta

import pytest
from aiosmtpd.smtp import AuthResult

from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.services.deliver import effects_deliver
from core.effects.tests.certificates import certificate
from core.effects.tests.factories import mail, make_due
from core.effects.tests.receivers import Mailbox
from tests.servers import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


def test_a_mail_arrives_as_it_was_written(mailbox):
    effect = mail(payload={"html": "<p>Hello</p>", "cc": ["Bob <bob@example.org>"], "bcc": ["eve@example.org"]})
    assert effects_deliver() == {"sent": 1}

    effect.refresh_from_db()
    [message], [recipients] = mailbox.mails, mailbox.recipients
    assert (effect.state, effect.attempts, effect.error) == (EffectState.SENT, 1, "")
    assert effect.sent_at is not None
    assert (message["From"], message["To"], message["Subject"]) == (
        "Desk <desk@example.org>",
        "ada@example.org",
        "Hello",
    )
    assert recipients == ["ada@example.org", "bob@example.org", "eve@example.org"]
    assert message["Bcc"] is None
    assert [part.get_content_type() for part in message.get_payload()] == ["text/plain", "text/html"]


def test_a_mail_of_html_alone_is_html(mailbox):
    mail(payload={"html": "<p>Grüße</p>", "text": ""})
    effects_deliver()

    [message] = mailbox.mails
    assert message.get_content_type() == "text/html"
    assert message.get_payload(decode=True).decode().strip() == "<p>Grüße</p>"


def test_every_attempt_has_the_same_message_id(mailbox):
    mailbox.answer = "451 later"
    effect = mail()
    effects_deliver()
    mailbox.answer = "250 taken"
    make_due(effect)
    effects_deliver()
    make_due(effect, state=EffectState.PENDING)
    effects_deliver()

    first, second = (message["Message-ID"] for message in mailbox.mails)
    assert first == second
    assert first.endswith("@example.org>")


def test_what_may_pass_is_tried_again_as_the_policy_says(mailbox):
    mailbox.answer = "451 try later"
    effect = mail()
    assert effects_deliver() == {"retried": 1}

    effect.refresh_from_db()
    assert (effect.state, effect.attempts, effect.claimed_at) == (EffectState.PENDING, 1, None)
    assert "try later" in effect.error
    assert 290 < (effect.not_before - database_now()).total_seconds() <= 300


def test_what_is_tried_in_vain_is_dead_and_says_why(mailbox):
    mailbox.answer = "451 try later"
    effect = mail()
    for _ in range(6):
        effects_deliver()
        make_due(effect)

    effect.refresh_from_db()
    assert (effect.state, effect.attempts) == (EffectState.DEAD, 6)
    assert "try later" in effect.error


def test_a_refused_recipient_is_dead_at_once(mailbox):
    mailbox.refused["ada@example.org"] = "550 nobody here"
    effect = mail()
    assert effects_deliver() == {"dead": 1}

    effect.refresh_from_db()
    assert (effect.state, effect.attempts) == (EffectState.DEAD, 1)
    assert effect.error == "The server refused ada@example.org (550 nobody here)."


def test_one_refused_recipient_of_two_is_on_record(mailbox):
    mailbox.refused["bob@example.org"] = "550 nobody here"
    effect = mail(payload={"to": ["ada@example.org", "bob@example.org"]})
    effects_deliver()

    effect.refresh_from_db()
    assert effect.state == EffectState.SENT
    assert effect.error == "The server refused bob@example.org (550 nobody here); it took the mail for the others."
    assert mailbox.recipients == [["ada@example.org"]]


def test_a_refused_mail_does_not_hold_up_the_next_one(mailbox):
    mailbox.refused["bad@example.org"] = "550 nobody here"
    mail(payload={"to": ["bad@example.org"]})
    mail()

    assert effects_deliver() == {"dead": 1, "sent": 1}


def test_without_a_server_mail_waits_and_costs_no_attempt(settings):
    settings.EMAIL_HOST = ""
    effect = mail()
    assert effects_deliver() == {}

    effect.refresh_from_db()
    assert (effect.state, effect.attempts) == (EffectState.PENDING, 0)


def test_a_server_that_is_away_is_asked_once_for_a_batch(mailbox, settings):
    settings.EMAIL_PORT = free_port()
    effects = [mail() for _ in range(3)]
    assert effects_deliver() == {"retried": 3}

    effects[2].refresh_from_db()
    assert effects[2].error.startswith(f"The SMTP server 127.0.0.1:{settings.EMAIL_PORT} is not usable")
    assert effects[2].not_before > database_now() + timedelta(seconds=250)


def test_tls_is_verified_and_the_account_opens_it(settings, tmp_path, mailbox):
    ca, context = certificate(tmp_path, "127.0.0.1")
    options = {
        "tls_context": context,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": lambda *call: AuthResult(success=call[4].password == b"letter"),
    }
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = True, "desk", "letter"
    with Mailbox.open(**options) as box:
        settings.EMAIL_PORT = box.port
        stranger = mail()
        effects_deliver()
        settings.EFFECTS_CA_FILE = str(ca)
        mail()
        assert effects_deliver() == {"sent": 1}

    stranger.refresh_from_db()
    assert stranger.state == EffectState.PENDING
    assert "certificate verify failed" in stranger.error


def test_a_wrong_password_does_not_kill_the_mail(settings, tmp_path, mailbox):
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = True, "desk", "wrong"
    ca, context = certificate(tmp_path, "127.0.0.1")
    settings.EFFECTS_CA_FILE = str(ca)
    with Mailbox.open(tls_context=context, authenticator=lambda *_: AuthResult(success=False, handled=False)) as box:
        settings.EMAIL_PORT = box.port
        effect = mail()
        assert effects_deliver() == {"retried": 1}

    effect.refresh_from_db()
    assert "535" in effect.error

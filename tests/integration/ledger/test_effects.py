"""Mail and webhooks leave after the commit; what is refused is kept, shown and replayed, also when workers die."""

import json
from dataclasses import dataclass
from threading import Event

import pytest

from tests.integration.ledger.conftest import MENDED_SECONDS, Ledger
from tests.waiting import poll


@dataclass
class Webhooks:
    """A receiver that is out of order is tried again until the policy has no attempt left."""

    ledger: Ledger
    channel = "webhook"
    attempts, refusal = (6, 6), "answered 503"

    @property
    def to(self) -> str:
        return self.ledger.receiver.url

    def refuse(self, *, refused: bool) -> None:
        self.ledger.receiver.answers = [(503 if refused else 204, {})]

    def arrived(self) -> list[str]:
        """Return the key of each that was taken."""
        return [json.loads(call.body)["key"] for call in self.ledger.receiver.taken]

    def forget(self) -> None:
        self.ledger.receiver.taken.clear()


@dataclass
class Mails:
    """A server that knows nobody of this name is not asked again."""

    ledger: Ledger
    channel = "mail"
    attempts, refusal = (1, 6), "550 nobody of this name"
    to = "ada@example.org"

    def refuse(self, *, refused: bool) -> None:
        self.ledger.mailbox.refused = {self.to: self.refusal} if refused else {}

    def arrived(self) -> list[str]:
        return [mail["Subject"] for mail in self.ledger.mailbox.mails]

    def forget(self) -> None:
        self.ledger.mailbox.mails.clear()


@pytest.fixture(params=[Webhooks, Mails], ids=["webhook", "mail"])
def way(ledger: Ledger, request: pytest.FixtureRequest) -> Webhooks | Mails:
    chosen: Webhooks | Mails = request.param(ledger)
    chosen.refuse(refused=False)
    chosen.forget()
    return chosen


def arrives(way: Webhooks | Mails, *keys: str) -> None:
    poll(
        lambda: way.arrived() == list(keys),
        what=f"{keys} at the {way.channel}'s end",
        seconds=MENDED_SECONDS,
        every=0.2,
    )


def page(ledger: Ledger, number: int) -> str:
    return ledger.admin(f"effects/effect/{number}/change/")


def test_an_effect_leaves_after_the_commit_or_never(ledger: Ledger, way):
    keys = [f"{way.channel} {number}" for number in (1, 2, 3)]

    ledger.play(f"send_three({way.channel!r}, {way.to!r}, *{keys})")

    assert way.arrived() == [keys[2], keys[1]]


def test_what_is_refused_is_a_dead_letter_until_it_is_replayed(ledger: Ledger, way):
    refused, later = f"{way.channel} refused", f"{way.channel} later"
    way.refuse(refused=True)
    ledger.play(f"send({way.channel!r}, {way.to!r}, {refused!r}); left({refused!r})")
    ledger.stack.restart_worker()

    [letter] = ledger.listed("/dead-letters/effects")
    number = letter["id"]
    assert (letter["channel"], letter["state"]) == (way.channel, "DEAD")
    assert ((letter["attempts"], letter["max_attempts"]), way.refusal in letter["error"]) == (way.attempts, True)
    assert f"/admin/effects/effect/{number}/change/" in ledger.admin("effects/effect/", state="DEAD")
    assert way.refusal in page(ledger, number)

    way.refuse(refused=False)
    assert ledger.act("dead-letters/effects", f"{number}/replay").json()["state"] == "PENDING"
    arrives(way, refused)
    poll(lambda: "It left: the receiver took it." in page(ledger, number), what="the admin says that it left")
    ledger.stack.restart_worker()
    ledger.play(f"send({way.channel!r}, {way.to!r}, {later!r})")

    arrives(way, refused, later)
    assert ledger.listed("/dead-letters/effects") == []


def test_a_webhook_whose_worker_died_before_the_answer_comes_again_under_its_name(ledger: Ledger):
    """At least once: only the receiver can tell whether it has handled it (decision 0017)."""
    way, called, dead = Webhooks(ledger), Event(), Event()
    way.refuse(refused=False)
    way.forget()
    ledger.receiver.before_answer = lambda: (called.set(), dead.wait(60))
    try:
        ledger.play(f"send('webhook', {way.to!r}, 'again')")
        assert called.wait(60)
        ledger.stack.restart_worker()
    finally:
        dead.set()
    arrives(way, "again")

    said = ledger.play("forsake('again'); say([left('again'), Effect.objects.get(dedupe_key='again').attempts])")

    assert json.loads(said) == ["SENT", 2]
    assert way.arrived() == ["again", "again"]
    assert len({(call.headers["Idempotency-Key"], call.headers["webhook-id"]) for call in ledger.receiver.taken}) == 1

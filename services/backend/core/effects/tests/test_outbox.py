"""Nothing leaves twice on its own account, and nothing is forgotten: not by two workers, nor by one that dies."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from celery import current_app
from django.db import connection, transaction

from core.clock import database_now
from core.effects.channels import channel
from core.effects.enums import DELIVER_TASK, EffectState
from core.effects.models import Effect
from core.effects.services import enqueue
from core.effects.services.claim import DIED, STALE_AFTER, effects_claim
from core.effects.services.deliver import effects_deliver
from core.effects.tests.factories import hook, mail, make_due
from core.runs.models import Run
from core.runs.tests.apart import apart, at_once
from tests.waiting import poll

pytestmark = pytest.mark.django_db(transaction=True)
DELIVER = "import django; django.setup(); from core.effects.services.deliver import effects_deliver; effects_deliver()"


def test_a_worker_sends_what_was_committed_and_leaves_no_run(receiver, work):
    with work(), transaction.atomic():
        effect = hook(receiver.url)
        assert receiver.calls == []
    with work():
        poll(lambda: Effect.objects.filter(id=effect.id, state=EffectState.SENT).exists(), what="sent", every=0.1)

    assert (len(receiver.calls), Run.objects.count()) == (1, 0)


def test_what_is_rolled_back_never_leaves(receiver, broker):
    with transaction.atomic():
        hook(receiver.url)
        transaction.set_rollback(True)

    assert (effects_deliver(), receiver.calls) == ({}, [])


def test_two_deliverers_at_once_send_each_once(receiver, broker):
    both = threading.Barrier(2, timeout=20)
    receiver.before_answer = lambda: both.wait() if len(receiver.calls) <= 2 else None
    for number in range(30):
        hook(receiver.url, f"once:{number}")

    done = at_once(effects_deliver)

    assert sum(each["sent"] for each in done) == 30
    assert len({call.headers["Idempotency-Key"] for call in receiver.calls}) == len(receiver.calls) == 30


def test_no_transaction_is_open_while_something_leaves(receiver, broker):
    effect = hook(receiver.url)
    seen = []
    receiver.before_answer = lambda: seen.append(in_a_thread(is_free, effect))
    effects_deliver()

    assert seen == [True]


def in_a_thread(ask, *args):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(apart, ask, *args).result()


def is_free(effect: Effect) -> bool:
    """Tell whether another connection sees the claim, and may lock the row."""
    with transaction.atomic():
        claimed = Effect.objects.select_for_update(skip_locked=True).filter(claimed_at__isnull=False)
        return claimed.filter(id=effect.id).exists()


def test_what_a_killed_worker_was_sending_is_taken_again_after_a_while(receiver, broker):
    arrived, go_on = threading.Event(), threading.Event()
    receiver.before_answer = lambda: (arrived.set(), go_on.wait(20))
    effect = hook(receiver.url, "killed:1")
    worker = subprocess.Popen([sys.executable, "-c", DELIVER], env=environment())
    assert arrived.wait(60)
    worker.kill()
    worker.wait()
    go_on.set()
    too_early = effects_deliver()
    make_due(effect, claimed_at=database_now() - STALE_AFTER - timedelta(seconds=1))

    assert (too_early, effects_deliver()) == ({}, {"sent": 1})
    effect.refresh_from_db()
    assert (effect.state, effect.attempts) == (EffectState.SENT, 2)
    # At least once: the receiver can tell.
    assert [call.headers["Idempotency-Key"] for call in receiver.calls] == ["killed:1", "killed:1"]


def environment() -> dict[str, str]:
    ours = {"DB_NAME": connection.settings_dict["NAME"], "WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8"}
    return {**os.environ, **ours, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_what_kills_its_worker_each_time_is_dead_in_the_end(receiver, broker):
    effect = hook(receiver.url)
    make_due(effect, attempts=6, claimed_at=database_now() - STALE_AFTER - timedelta(seconds=1))
    assert effects_deliver() == {}

    effect.refresh_from_db()
    assert (effect.state, effect.error, receiver.calls) == (EffectState.DEAD, DIED, [])


def test_a_worker_that_comes_too_late_changes_nothing_of_the_next_ones(receiver, broker):
    effect = hook(receiver.url)
    [late] = effects_claim(channel("webhook"))
    make_due(effect, claimed_at=database_now())
    receiver.answers = [(500, {})]
    from core.effects.services.deliver import _send_batch  # noqa: PLC0415  # the late one's next step

    _send_batch(channel("webhook"), [late])
    effect.refresh_from_db()
    assert (effect.error, effect.claimed_at is None) == ("", False)


def test_a_broker_that_is_away_at_the_commit_fails_nothing_and_the_schedule_delivers(
    receiver, broker, monkeypatch, caplog
):
    with current_app.connection_for_write() as line:
        away = line.clone(transport_options={"max_retries": 0}, hostname="/nowhere/redis.sock")
    send = current_app.send_task
    monkeypatch.setattr(
        current_app, "send_task", lambda *args, **more: send(*args, connection=away, retry=False, **more)
    )
    effect = hook(receiver.url)
    monkeypatch.undo()

    assert "The outbox waits for its schedule, as the broker is away" in caplog.text
    assert broker.llen("email_queue") == 0
    current_app.tasks[DELIVER_TASK].apply()
    effect.refresh_from_db()
    assert effect.state == EffectState.SENT


def test_webhooks_do_not_wait_for_a_backlog_of_mail(receiver, settings, broker):
    settings.EMAIL_HOST = ""
    for _ in range(15):
        mail()
    hook(receiver.url)

    assert effects_deliver() == {"sent": 1}


def test_out_of_time_it_asks_for_another_delivery(receiver, broker, monkeypatch):
    monkeypatch.setattr("core.effects.services.deliver.WORK_SECONDS", 0.0)
    hook(receiver.url, not_before=database_now() + timedelta(seconds=0))
    broker.flushdb()
    effects_deliver()

    assert broker.llen("email_queue") == 1
    assert enqueue.EXPIRE_SECONDS == 60

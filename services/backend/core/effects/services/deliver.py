"""Send what is due, and write down what became of it."""

import logging
import time
from collections import Counter
from datetime import timedelta

from core.clock import database_now
from core.effects.channels import CHANNELS
from core.effects.channels.base import Channel, Send
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.effects.services.claim import effects_claim, effects_release
from core.effects.services.enqueue import request_delivery
from core.runs.arguments import scrubbed
from core.runs.errors import NonRecoverableError, RecoverableError
from core.runs.policies import policy

logger = logging.getLogger("deskbeat.effects")

# A worker that is asked to stop waits for its task: below the schedule's minute.
WORK_SECONDS = 45.0
# A batch that crawls is given back long before its claim is stale.
CLAIM_SECONDS = 120.0
ERROR_LENGTH = 1000


def effects_deliver() -> dict[str, int]:
    """Send until nothing is due, batch by batch and channel by channel, so that no channel waits for another's backlog.

    Returns how many were sent, will be tried again, and are dead. Out of time, it asks for another delivery.
    """
    began, tally = time.monotonic(), Counter[str]()
    while time.monotonic() - began < WORK_SECONDS:
        batches = 0
        for channel in CHANNELS.values():
            if not channel.missing() and (claimed := effects_claim(channel)):
                batches += 1
                tally += _send_batch(channel, claimed)
        if not batches:
            return dict(tally)
    request_delivery()
    return dict(tally)


def _send_batch(channel: Channel, effects: list[Effect]) -> Counter[str]:
    began, tally = time.monotonic(), Counter[str]()
    with channel.session() as send:
        for done, effect in enumerate(effects):
            if time.monotonic() - began > CLAIM_SECONDS:
                effects_release(effects[done:])
                break
            tally[_attempt(send, effect)] += 1
    return tally


def _attempt(send: Send, effect: Effect) -> str:
    try:
        remark = send(effect)
    except NonRecoverableError as error:
        return _die(effect, error)
    except RecoverableError as error:
        return _try_later(effect, error)
    except Exception as error:
        logger.exception("Effect %s (%s) met a fault of ours", effect.id, effect.channel)
        return _die(effect, error)
    # It has left, whoever else has claimed it since.
    Effect.objects.filter(id=effect.id, state=EffectState.PENDING).update(
        state=EffectState.SENT, sent_at=database_now(), claimed_at=None, error=remark[:ERROR_LENGTH]
    )
    logger.info("Effect %s (%s) sent", effect.id, effect.channel)
    return "sent"


def _try_later(effect: Effect, error: RecoverableError) -> str:
    if effect.attempts >= effect.max_attempts:
        return _die(effect, error)
    seconds = max(policy(effect.policy).seconds(effect.attempts), getattr(error, "seconds", 0))
    again = database_now() + timedelta(seconds=seconds)
    _write(effect, error, not_before=again)
    logger.warning("Effect %s (%s) is tried again at %s: %s", effect.id, effect.channel, again, error)
    return "retried"


def _die(effect: Effect, error: Exception) -> str:
    _write(effect, error, state=EffectState.DEAD)
    logger.error("Effect %s (%s) is dead: %s", effect.id, effect.channel, error)
    return "dead"


def _write(effect: Effect, error: Exception, **values: object) -> None:
    """Write the failure, unless the claim was found stale and is another worker's by now."""
    text = scrubbed(str(error) or type(error).__name__, effect.payload)[:ERROR_LENGTH]
    mine = Effect.objects.filter(id=effect.id, state=EffectState.PENDING, claimed_at=effect.claimed_at)
    mine.update(error=text, claimed_at=None, **values)

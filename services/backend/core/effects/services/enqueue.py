"""Ask for something to leave: a row in the caller's transaction, and after the commit one message for all of them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Left
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core.clock import database_now
from core.effects.channels import channel
from core.effects.enums import DELIVER_TASK, EffectState
from core.effects.models import Effect
from core.effects.quiet import after_quiet_hours
from core.organisations.models import Organisation
from core.runs.policies import policy
from core.runs.running import running

logger = logging.getLogger("deskbeat.effects")

BATCH = 1000
# Later than this the schedule has found the rows: messages must not pile up where no worker takes them.
EXPIRE_SECONDS = 60


@dataclass(frozen=True)
class Draft:
    """What is to leave, by which channel, for whom, and when: at once, unless `not_before` says later."""

    channel: str
    payload: dict[str, Any]
    dedupe_key: str
    organisation: Organisation | None = None
    not_before: datetime | None = None
    policy: str | None = None
    urgent: bool = False


def effect_enqueue(  # noqa: PLR0913  # an envelope has so many fields
    *,
    channel: str,
    payload: dict[str, Any],
    dedupe_key: str,
    organisation: Organisation | None = None,
    not_before: datetime | None = None,
    policy: str | None = None,
    urgent: bool = False,
) -> Effect:
    """Put the effect on record in the caller's transaction; it leaves after the commit, or never.

    The same dedupe key again returns the first one, whatever has become of it. Raises ValueError for what could never
    be sent. `urgent`: in quiet hours, too.
    """
    return effects_enqueue([Draft(channel, payload, dedupe_key, organisation, not_before, policy, urgent)])[0]


def effects_enqueue(drafts: Sequence[Draft]) -> list[Effect]:
    """As `effect_enqueue`, for many in two statements."""
    now = database_now()
    rows = [_row(draft, now) for draft in drafts]
    with transaction.atomic():
        Effect.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
        found = Effect.objects.in_bulk([row.dedupe_key for row in rows], field_name="dedupe_key")
        if any(row.not_before <= now for row in rows):
            deliver_after_commit()
    return [found[row.dedupe_key] for row in rows]


def effects_withdraw(dedupe_keys: Sequence[str]) -> int:
    """Keep from leaving what nobody is sending or has sent, and return how many that were.

    They stay on record, but not under their keys: the same occasion may be asked for again.
    """
    waiting = Effect.objects.filter(dedupe_key__in=dedupe_keys, state=EffectState.PENDING, claimed_at__isnull=True)
    key = Concat(Left("dedupe_key", 180), Value("#"), Cast("id", CharField()))
    return waiting.update(state=EffectState.DROPPED, dedupe_key=key)


def _row(draft: Draft, now: datetime) -> Effect:
    way, run = channel(draft.channel), running()
    way.check(draft.payload)
    _check_key(draft.dedupe_key)
    named = draft.policy or way.policy
    due = max(draft.not_before or now, now)
    waits = way.is_quiet_at_night and not draft.urgent
    return Effect(
        organisation=draft.organisation,
        channel=draft.channel,
        dedupe_key=draft.dedupe_key,
        payload=draft.payload,
        urgent=draft.urgent,
        not_before=after_quiet_hours(due, draft.organisation) if waits else due,
        policy=named,
        max_attempts=policy(named).retries + 1,
        run_id=run.id if run else None,
    )


def _check_key(key: str) -> None:
    if not key or len(key) > 200 or not key.isascii() or not key.isprintable():
        raise ValueError(f"The dedupe key {key!r} is not accepted: use 1 to 200 printable ASCII characters.")


def deliver_after_commit() -> None:
    """Ask for delivery once, however many effects this transaction holds."""
    # A savepoint that is rolled back takes its own entry along, and with it the effects that it was for.
    if not any(entry[1] is request_delivery for entry in connection.run_on_commit):
        transaction.on_commit(request_delivery, robust=True)


def request_delivery() -> None:
    """Send the message; a broker that is away fails nothing, the schedule finds the rows."""
    try:
        current_app.send_task(DELIVER_TASK, expires=EXPIRE_SECONDS)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("The outbox waits for its schedule, as the broker is away: %s", error)

"""Runs inside the stack (`manage.py shell`): what the promises of the ledger are acted out with.

The chore is the real one. A trigger of the database makes each ticket's archiving slow, or fail for some, so that a run
can be met while it is at work, and be partly done.
"""

import json
import time
from datetime import timedelta
from threading import Thread

from django.contrib.auth.models import User
from django.db import connection, transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.tickets import services
from apps.tickets.enums import ARCHIVE_TASK
from apps.tickets.models import Ticket
from apps.tickets.tasks import archive_old_done_tickets
from core.clock import database_now
from core.effects.models import Effect
from core.effects.services.enqueue import effect_enqueue, request_delivery
from core.effects.services.operate import STALE_AFTER
from core.organisations.models import Organisation

HINDER = """
    CREATE OR REPLACE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.archived_at IS NOT NULL AND OLD.archived_at IS NULL THEN
            IF NEW.title LIKE 'broken %%' THEN RAISE EXCEPTION 'the archive refuses it'; END IF;
            PERFORM pg_sleep(%(seconds)s);
        END IF;
        RETURN NEW;
    END $$;
    DROP TRIGGER IF EXISTS hinder ON tickets_ticket;
    CREATE TRIGGER hinder BEFORE UPDATE ON tickets_ticket FOR EACH ROW EXECUTE FUNCTION hinder();
"""
FREE = "DROP TRIGGER IF EXISTS hinder ON tickets_ticket"


def scene():
    """Make the staff, an organisation and its board, once; the hour must not do what the tests ask for."""
    PeriodicTask.objects.filter(task=ARCHIVE_TASK, interval=None, enabled=True).update(enabled=False)
    if not User.objects.filter(username="root").exists():
        User.objects.create_superuser("root", password="let-me-look")
    acme, _ = Organisation.objects.get_or_create(slug="acme", defaults={"name": "Acme"})
    board = acme.boards.first() or services.board_create(organisation=acme, name="Support")
    done = board.columns.first() or services.column_create(board=board, name="Done", position=1, is_done_column=True)
    return acme, board, done


def due(rows, title="due"):
    """Put so many due tickets on the board."""
    acme, board, done = scene()
    last = Ticket.objects.count()
    place = {"organisation": acme, "board": board, "column": done}
    Ticket.objects.bulk_create(
        Ticket(**place, number=last + number, title=f"{title} {number}") for number in range(1, rows + 1)
    )
    Ticket.objects.filter(title__startswith=title).update(entered_column_at=database_now() - timedelta(days=3))


def ask(*each):
    """Ask for the chore, as often as options are given, and say the runs' ids."""
    say([archive_old_done_tickets.apply_async(**options).id for options in each])


def hinder(seconds):
    with connection.cursor() as cursor:
        cursor.execute(HINDER, {"seconds": seconds})


def free():
    with connection.cursor() as cursor:
        cursor.execute(FREE)


def clear():
    """Take every ticket away, and whatever hinders."""
    free()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tickets_ticket CASCADE")


def every(seconds, *keys):
    """Have the chore done so often, under each of the keys."""
    interval, _ = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
    for key in keys:
        PeriodicTask.objects.create(name=key, task=ARCHIVE_TASK, interval=interval)


def never(*keys):
    PeriodicTask.objects.filter(name__in=keys).delete()


def send(channel, to, key):
    """Have something leave that says its key."""
    payload = {"to": [to], "subject": key, "text": key} if channel == "mail" else {"url": to, "body": {"key": key}}
    effect_enqueue(channel=channel, payload=payload, dedupe_key=key)


def left(key):
    """Wait until the effect has left, or never will, and return its state; what it has to wait for is past at once."""
    until = time.monotonic() + 90
    while (effect := Effect.objects.get(dedupe_key=key)).state == "PENDING":
        assert time.monotonic() < until, f"{key} is pending: {effect.error}"
        waits = Effect.objects.filter(pk=effect.pk, claimed_at=None, not_before__gt=database_now())
        if waits.update(not_before=database_now()):
            request_delivery()
        time.sleep(0.1)
    return effect.state


def send_three(channel, to, *keys):
    """The first is rolled back, the second waits for its commit, and the third leaves before that."""
    first, second, third = keys
    with transaction.atomic():
        send(channel, to, first)
        transaction.set_rollback(True)
    with transaction.atomic():
        send(channel, to, second)
        other = Thread(target=lambda: (send(channel, to, third), left(third)))
        other.start()
        other.join()
    left(second)


def forsake(key):
    """Let the time pass that a worker may hold an effect for, and have another look at it."""
    Effect.objects.filter(dedupe_key=key).update(claimed_at=database_now() - STALE_AFTER - timedelta(seconds=1))
    request_delivery()


def say(value):
    print(json.dumps(value, default=str))

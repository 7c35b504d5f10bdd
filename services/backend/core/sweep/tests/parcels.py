"""A chore of the tests' own, on a table of its own: parcels that are sent when they are due.

A parcel whose `doubt` is set cannot be sent (a trigger refuses); one that is `kept` is not due by the rule.
"""

from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from django.db import connection

from core.clock import database_now
from core.sweep.declaration import Due, Guard, Row, Sweep, Undo
from core.sweep.items import ITEMS, ITEMS_UNDONE, items_write
from core.sweep.services import sweep_run

TABLE = """
    CREATE TABLE parcel (
        id bigserial PRIMARY KEY, organisation_id bigint, send_at timestamptz, due timestamptz, sent_at timestamptz,
        kept boolean NOT NULL DEFAULT false, doubt text NOT NULL DEFAULT '');
    CREATE INDEX parcel_due ON parcel (send_at, id) WHERE sent_at IS NULL AND send_at IS NOT NULL;
    CREATE FUNCTION parcel_doubt() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '%', NEW.doubt; END $$;
    CREATE TRIGGER parcel_doubt BEFORE UPDATE OF sent_at ON parcel
    FOR EACH ROW WHEN (NEW.doubt <> '') EXECUTE FUNCTION parcel_doubt();
"""
DROP = "DROP TABLE IF EXISTS parcel; DROP FUNCTION IF EXISTS parcel_doubt"

PARCELS = Due(
    table="parcel",
    subject="tests.parcel",
    hint="send_at",
    waiting="t.sent_at IS NULL",
    columns="t.due, t.kept",
    check="SELECT due.id, due.hint, CASE WHEN NOT due.kept THEN due.due END AS due_at FROM due",
    shown="t.id, checked.due_at",
    describe=lambda row: Row(f"tests.parcel:{row[0]}", f"Send parcel {row[0]}", f"due since {row[1]:%Y-%m-%d}"),
)
SENDING = Sweep(
    due=PARCELS,
    change="sent_at = %(now)s, send_at = NULL",
    kept="checked.hint",
    writes=(
        items_write(
            subject="tests.parcel",
            before="jsonb_build_object('send_at', hint)",
            after="jsonb_build_object('sent_at', %(now)s)",
        ),
    ),
    guard=Guard(rows=5, times=10),
    undo=Undo(
        items=ITEMS,
        untouched="t.sent_at = (item.after->>'sent_at')::timestamptz",
        restore="sent_at = NULL, send_at = (item.before->>'send_at')::timestamptz",
        writes=(ITEMS_UNDONE,),
        why="'Sent by somebody else since.'",
    ),
    noun="Parcel",
    done="sent",
)


@shared_task(name="tests.send_parcels", policy="none", sweep=SENDING)
def send_parcels(failed_of: str | None = None) -> dict[str, int]:
    done = sweep_run(sweep=SENDING, failed_of=failed_of)
    return {"examined": done.examined, "sent": done.changed, "failed": done.failed}


@shared_task(name="tests.weigh_parcels")
def weigh_parcels() -> None:
    """Change nothing: a task without a sweep."""


def parcel_make(count: int = 1, *, hours: float = 1, **fields: Any) -> list[int]:
    """Make parcels that have been due for so many hours; negative: that will be."""
    due = database_now() - timedelta(hours=hours)
    values = [fields.pop("send_at", due), due, *fields.values()]
    names = ["send_at", "due", *fields]
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        insert = f"INSERT INTO parcel ({', '.join(names)}) SELECT {marks} FROM generate_series(1, %s) RETURNING id"  # noqa: S608
        cursor.execute(insert, [*values, count])
        return [row[0] for row in cursor.fetchall()]


def ask(question: str, *values: Any) -> list[Any]:
    """Return the first column of the answer."""
    with connection.cursor() as cursor:
        cursor.execute(question, values)
        return [row[0] for row in cursor.fetchall()]


def change(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def sent() -> list[int]:
    return ask("SELECT id FROM parcel WHERE sent_at IS NOT NULL ORDER BY id")


def hint_of(parcel: int) -> datetime | None:
    moment: datetime | None = ask("SELECT send_at FROM parcel WHERE id = %s", parcel)[0]
    return moment

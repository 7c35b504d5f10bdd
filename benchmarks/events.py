"""`make bench-events`: the five-minute run of events, and the public list, beside the least that could do it."""

import sys
from datetime import UTC, datetime, timedelta

from apps.events import selectors
from apps.events.enums import END_SCHEDULE, END_TASK
from apps.events.services import TRANSITION
from benchmarks.chore import Results, as_run, databases_fill, judged, measure, milliseconds, until_done
from benchmarks.contenders import Contender
from benchmarks.filling import STRIDE
from benchmarks.reach import Reach
from benchmarks.scale import QUICK, scale_chosen
from benchmarks.serving import served
from core.sweep.services.run import sweep_run

START = datetime(2026, 1, 5, tzinfo=UTC)
FEW_DUE, MANY_DUE = START + timedelta(minutes=5), START + timedelta(hours=1)
PAGE = 50

ORGANISATIONS = """
    INSERT INTO organisations_organisation (id, slug, name, tz, is_active)
    SELECT o, 'organisation-' || o, 'Organisation ' || o, 'Europe/London', true FROM generate_series(1, 100) o
"""
# `place` is an event's place in the order in which events end. The first `few` end within five minutes of the start,
# the rest of `many` within the hour; of the others half were archived long ago, and half lie ahead.
EVENTS = f"""
    WITH event AS (
        SELECT id, id * {STRIDE} %% %(rows)s AS place FROM generate_series(1, %(rows)s::bigint) id
    ), clock AS (
        SELECT *, CASE WHEN place < %(few)s THEN 'DUE' WHEN place < %(many)s THEN 'LATER'
                       WHEN place %% 2 = 0 THEN 'PAST' ELSE 'AHEAD' END AS kind FROM event
    ), timed AS (
        SELECT *, %(start)s + CASE kind
            WHEN 'DUE' THEN make_interval(secs => place * 299.0 / %(few)s)
            WHEN 'LATER' THEN make_interval(secs => 301 + place * 3200.0 / %(many)s)
            WHEN 'PAST' THEN make_interval(days => -200, secs => -place)
            ELSE make_interval(days => 2, secs => place * 10) END AS ends
        FROM clock
    )
    INSERT INTO events_event (id, organisation_id, title, slug, description, place, tz, starts_at, end_date, all_day,
        is_public, status, created_at, updated_at, sequence, completed_at, archived_at, transition_at)
    SELECT id, 1 + id %% 100, 'Tasting on floor ' || id %% 40, 'tasting-' || id, repeat('Bring a glass. ', 8), 'Hall',
        'Europe/London', ends - interval '3 hours', ends, false, true,
        CASE kind WHEN 'PAST' THEN 'COMPLETED' WHEN 'AHEAD' THEN 'CONFIRMED' ELSE 'ONGOING' END,
        %(start)s - interval '300 days', %(start)s - interval '300 days', 0,
        CASE kind WHEN 'PAST' THEN ends END, CASE kind WHEN 'PAST' THEN ends + interval '90 days' END,
        CASE kind WHEN 'PAST' THEN NULL WHEN 'AHEAD' THEN ends - interval '3 hours' ELSE ends END
    FROM timed
"""
TABLES = ("events_event", "events_eventhistory")

# The least that completes and writes history in short transactions: it believes the hint and looks at nothing else.
FLOOR = f"""
    WITH due AS (
        SELECT id FROM events_event
        WHERE status IN ('CONFIRMED', 'ONGOING') AND transition_at IS NOT NULL AND transition_at < %(now)s
        ORDER BY transition_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED
    ), completed AS (
        UPDATE events_event t SET status = 'COMPLETED', transition_at = NULL, completed_at = %(now)s,
            archive_at = %(now)s + interval '90 days', updated_at = %(now)s FROM due WHERE t.id = due.id RETURNING t.id
    )
    INSERT INTO events_eventhistory (event_id, at, actor_name, kind, old, new, automatic)
    SELECT id, %(now)s, '{END_SCHEDULE}', 'completed', 'ONGOING', 'COMPLETED', true FROM completed
"""


def ours(now: datetime) -> int:
    return sweep_run(sweep=TRANSITION, now=now).changed


def floor(now: datetime) -> int:
    return until_done(FLOOR, now)


CONTENDERS: dict[str, Contender] = {"ours": as_run(END_TASK, ours), "floor": floor}


def public_page() -> object:
    return selectors.event_page(selectors.event_discover(now=START), after=None, limit=PAGE, newest=False)


def compare() -> bool:
    scale, results = scale_chosen(), Results()
    sizes = {rows: f"events_{rows}" for rows in (scale.tables[0], scale.tables[-1])}
    values = {"few": scale.few, "start": START}
    filled = {name: values | {"rows": rows, "many": min(scale.many, rows // 2)} for rows, name in sizes.items()}
    databases_fill(END_TASK, (ORGANISATIONS, EVENTS), TABLES, filled)
    small, large = sizes.values()
    for database in (small, large):
        measure(results, database, f"{scale.few:,} due", FEW_DUE, CONTENDERS, START)
    measure(results, large, f"{scale.many:,} due", MANY_DUE, CONTENDERS, START)
    lists = [milliseconds(public_page, database) for database in (small, large)]
    with judged("Events") as verdicts:
        results.show()
        print(f"\nA public list of {PAGE}: {lists[0]:.2f} ms in {small}, {lists[1]:.2f} ms in {large}")
        few, many = f"{scale.few:,} due", f"{scale.many:,} due"
        growth, least = (
            results.seconds(large, few, who) / results.seconds(small, few, who) for who in ("ours", "floor")
        )
        print(f"The run with {few}, time in {large} over time in {small}: ours {growth:.2f}, floor {least:.2f}")
        share = results.rate(large, many, "ours") / results.rate(large, many, "floor")
        verdicts += [
            # Rows that lie apart cost the floor their pages, too: 1,000 of 1 million lie in 3,100 pages of table and
            # indexes, and 1,000 of 10 thousand in 530, each of them logged whole after a checkpoint.
            Reach(f"the run with {few}: growth from {small} to {large} over the floor's", growth / least, 1.5),
            Reach(f"rows per second over the floor's, {many} in {large}", share, 0.7, at_least=True),
            Reach("a public list: time in the large table over the small", lists[1] / lists[0], 1.5),
        ]
    return scale is QUICK or all(reach.passed for reach in verdicts)


if __name__ == "__main__":
    sys.exit(served(compare))

"""Put a declaration's pieces together into statements."""

from dataclasses import dataclass
from functools import cache

from core.sweep.declaration import Due, Sweep

# A run is one pass in the order of the index: what it leaves behind (locked by a person, failed) is the next run's,
# and it ends even when something keeps a row due for ever. Without the ORDER BY of the index key the planner scans the
# table (measured: 146 ms instead of 0.7).
NEXT = "{hinted} AND (t.{hint}, t.id) > (%(after_time)s, %(after_id)s) ORDER BY t.{hint}, t.id LIMIT %(limit)s"
THIS = "{hinted} AND t.id = %(id)s"
# By name, whatever the hint: what failed was moved on.
NAMED = "{waiting} AND t.id = ANY(%(ids)s)"
NAMED_ONE = "{waiting} AND t.id = %(id)s"

# Lock what is due by its hint, apply the rule to it, ...
CHECKED = """
    due AS MATERIALIZED (
        SELECT t.id, t.{hint} AS hint, {columns} FROM {table} t WHERE {take} FOR UPDATE SKIP LOCKED
    ), checked AS MATERIALIZED ({check})
"""
# ... or, where the rule is Python, lock; read the facts in a statement of their own, whose snapshot is younger than the
# locks (or a setting that is changed meanwhile could be missed); ask; and hand in what it said.
LOCK = "SELECT t.id FROM {table} t WHERE {take} FOR UPDATE SKIP LOCKED"
FACTS = "WITH due AS (SELECT t.id, t.{hint} AS hint, {columns} FROM {table} t WHERE t.id = ANY(%(taken)s)) {check}"
DECIDED = "SELECT * FROM json_to_recordset(%(decided)s::json) AS decided ({columns})"
GIVEN = "due AS MATERIALIZED ({decided}), checked AS (SELECT * FROM due)"

# Change it or mend the hint, write the history.
ACT = """
    WITH {checked}, changed AS (
        UPDATE {table} t SET {change}
        FROM checked WHERE t.id = checked.id AND {waiting} AND checked.due_at < %(now)s
        RETURNING t.id, {kept}
    ), mended AS (
        UPDATE {table} t SET {hint} = checked.due_at
        FROM checked WHERE t.id = checked.id AND (checked.due_at < %(now)s) IS NOT TRUE
    ){writes}
    SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM changed), 0,
           (SELECT count(*) FROM changed WHERE {counted}) AS counted, {ids} AS ids,
           last.hint AS after_time, last.id AS after_id
    FROM (SELECT hint, id FROM due ORDER BY hint DESC, id DESC LIMIT 1) last
"""
NAME = "SELECT t.id, t.id, t.{hint} AS after_time, t.id AS after_id FROM {table} t WHERE {take}"
POSTPONE = "UPDATE {table} t SET {hint} = %(now)s + interval '1 hour' WHERE t.id = %(id)s AND {waiting}"

# Who may be due, page by page, for a rule in Python: by the hints, then with what only the rule finds yet.
PAGE = """
    SELECT t.id, t.{hint} AS hint FROM {table} t
    WHERE {hinted} AND {mine} AND (t.{hint}, t.id) > (%(after_time)s, %(after_id)s)
    ORDER BY t.{hint}, t.id LIMIT %(limit)s
"""
PAGE_UNHINTED = """
    SELECT t.id, t.{hint} AS hint FROM {table} t
    WHERE {unhinted} AND {mine} AND t.id > %(after_id)s ORDER BY t.id LIMIT %(limit)s
"""

# The same pieces without locks and limits, and with what only the rule finds yet.
CANDIDATES = """
    WITH due AS (
        SELECT t.id, t.{hint} AS hint, {columns} FROM {table} t WHERE {hinted} AND {mine}
        UNION ALL SELECT t.id, t.{hint} AS hint, {columns} FROM {table} t WHERE {unhinted} AND {mine}
    ), checked AS ({check})
"""
LISTING = """
    SELECT {shown} FROM checked JOIN {table} t ON t.id = checked.id {joins}
    WHERE checked.due_at < %(now)s ORDER BY checked.due_at, checked.id LIMIT %(limit)s
"""
COUNT = "SELECT count(*) FROM checked WHERE checked.due_at < %(now)s"
# What a run that begins now would take, counted no further than the limit.
BOUNDED = """
    WITH due AS (SELECT t.id, t.{hint} AS hint, {columns} FROM {table} t WHERE {hinted}), checked AS ({check})
    SELECT count(*) FROM (SELECT FROM checked WHERE checked.due_at < %(now)s LIMIT %(limit)s) taken
"""

# The rows are locked in the order of their ids and waited for, but not for long.
RESTORE = """
    WITH items AS MATERIALIZED (
        SELECT item.* FROM ({items}) item WHERE {take}
    ), held AS MATERIALIZED (
        SELECT item.*, ({untouched}) IS TRUE AS untouched
        FROM {table} t JOIN items item ON item.id = t.id ORDER BY t.id FOR UPDATE OF t
    ), restored AS (
        UPDATE {table} t SET {restore} FROM held item WHERE t.id = item.id AND item.untouched
        RETURNING t.id, item.place, {kept}
    ), refused AS (
        INSERT INTO runs_runitem (run_id, subject, outcome, error)
        SELECT %(run)s::uuid, '{subject}:' || item.id, 'failed', {why} FROM held item
        WHERE NOT item.untouched AND %(run)s IS NOT NULL
    ){writes}
    SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM restored),
           (SELECT count(*) FROM held WHERE NOT untouched), {ids} AS ids, last.place AS after_place
    FROM (SELECT place FROM items ORDER BY place DESC LIMIT 1) last
"""
RESTORE_NEXT = "item.place > %(after_place)s ORDER BY item.place LIMIT %(limit)s"
RESTORE_THIS = "item.place = %(id)s"
RESTORE_NAME = "SELECT item.place, item.id, item.place AS after_place FROM ({items}) item WHERE {take}"
IS_UNDOABLE = "SELECT EXISTS ({items})"
FOLLOWED = "(SELECT array_agg(id ORDER BY id) FROM {rows} WHERE {followed})"
NOBODY = "NULL::bigint[]"


@dataclass(frozen=True)
class Steps:
    """One kind of pass: act on the next batch; name its rows (each by its key, its id and its place); act on one.

    Where the rule is Python, a lock comes before each act.
    """

    batch: str
    name: str
    one: str
    lock_batch: str = ""
    lock_one: str = ""


@cache
def run_steps(sweep: Sweep) -> Steps:
    return _steps(sweep, NEXT, THIS)


@cache
def named_steps(sweep: Sweep) -> Steps:
    """Return the steps of a pass over rows that are given by their ids."""
    return _steps(sweep, NAMED, NAMED_ONE)


def _steps(sweep: Sweep, batch: str, one: str) -> Steps:
    take, take_one = _fill(batch, sweep.due), _fill(one, sweep.due)
    name = _fill(NAME, sweep.due, take=take)
    if sweep.due.decision is None:
        return Steps(_act(sweep, take), name, _act(sweep, take_one))
    locks = [_fill(LOCK, sweep.due, take=rows) for rows in (take, take_one)]
    return Steps(_act(sweep, ""), name, _act(sweep, ""), *locks)


@cache
def undo_steps(sweep: Sweep) -> Steps:
    assert sweep.undo is not None  # noqa: S101  # for the type checker: `run_undo` has refused
    name = RESTORE_NAME.format(items=sweep.undo.items, take=RESTORE_NEXT)
    return Steps(_restore(sweep, RESTORE_NEXT), name, _restore(sweep, RESTORE_THIS))


def is_undoable(sweep: Sweep) -> str:
    assert sweep.undo is not None  # noqa: S101  # as above
    return IS_UNDOABLE.format(items=sweep.undo.items)


def postpone(sweep: Sweep) -> str:
    return _fill(POSTPONE, sweep.due)


def listing(due: Due, *, mine: bool) -> str:
    return _candidates(due, mine) + _fill(LISTING, due, shown=due.shown, joins=due.joins)


@cache
def facts(due: Due) -> str:
    return _fill(FACTS, due)


@cache
def pages(due: Due, *, mine: bool) -> tuple[str, str]:
    """Return the statements that page through who may be due: by the hints, and beside them."""
    whose = _whose(due, mine)
    return _fill(PAGE, due, mine=whose), _fill(PAGE_UNHINTED, due, mine=whose, unhinted=due.unhinted)


def decided_columns(due: Due) -> tuple[tuple[str, str], ...]:
    assert due.decision is not None  # noqa: S101  # for the type checker
    return ("id", "bigint"), ("hint", "timestamptz"), ("due_at", "timestamptz"), *due.decision.columns


def decided_listing(due: Due) -> str:
    return f"WITH checked AS ({_decided(due)})" + _fill(LISTING, due, shown=due.shown, joins=due.joins)


def _decided(due: Due) -> str:
    return DECIDED.format(columns=", ".join(" ".join(column) for column in decided_columns(due)))


def count(due: Due, *, mine: bool) -> str:
    return _candidates(due, mine) + COUNT


def bounded_count(due: Due) -> str:
    return _fill(BOUNDED, due)


def _candidates(due: Due, mine: bool) -> str:
    return _fill(CANDIDATES, due, unhinted=due.unhinted, mine=_whose(due, mine))


def _whose(due: Due, mine: bool) -> str:
    return f"{due.organisation} = %(organisation)s" if mine else "true"


def _act(sweep: Sweep, take: str) -> str:
    ids = FOLLOWED.format(rows="changed", followed=sweep.followed) if sweep.then else NOBODY
    given = sweep.due.decision is not None
    checked = GIVEN.format(decided=_decided(sweep.due)) if given else _fill(CHECKED, sweep.due, take=take)
    pieces = {"change": sweep.change, "kept": sweep.kept, "writes": _writes(sweep.writes)}
    pieces |= {"counted": sweep.counted, "ids": ids, "checked": checked}
    return _fill(ACT, sweep.due, **pieces)


def _restore(sweep: Sweep, take: str) -> str:
    undo, due = sweep.undo, sweep.due
    assert undo is not None  # noqa: S101  # as above
    pieces = {"items": undo.items, "untouched": undo.untouched, "restore": undo.restore, "kept": undo.kept}
    pieces["ids"] = FOLLOWED.format(rows="held", followed="untouched") if undo.then else NOBODY
    return _fill(RESTORE, due, take=take, why=undo.why, subject=due.subject, writes=_writes(undo.writes), **pieces)


def _writes(statements: tuple[str, ...]) -> str:
    return "".join(f", write_{number} AS ({statement})" for number, statement in enumerate(statements))


def _fill(statement: str, due: Due, **more: str) -> str:
    known = {"table": due.table, "hint": due.hint, "waiting": due.waiting, "columns": due.columns}
    return statement.format(**known, hinted=due.hinted, check=due.check, **more)

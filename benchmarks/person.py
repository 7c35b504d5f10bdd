"""A person who edits tickets while a run goes on: a process of its own, one edit every 2 ms."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from benchmarks.tables import COPY, session

PAUSE_SECONDS = 0.002
WARM_SECONDS = 0.3

# Open tickets in Done columns, where the run is at work, in an order that has nothing to do with the run's.
CHOICE = """
    SELECT id FROM tickets_ticket
    WHERE archived_at IS NULL AND column_id IN (SELECT id FROM tickets_column WHERE is_done_column)
    ORDER BY hashint8(id)
"""
EDIT = "UPDATE tickets_ticket SET title = 'edited at ' || now(), updated_at = now() WHERE id = %s"

Edit = tuple[float, float]


def edit_until(stop: Event, ready: Event, answers: Connection) -> None:
    """Edit until told to stop, then send when each edit began and how many seconds it took."""
    edits: list[Edit] = []
    with session(COPY) as connection:
        ids = cycle([row[0] for row in connection.execute(CHOICE)])
        while not stop.is_set():
            began = time.monotonic()
            connection.execute(EDIT, [next(ids)])
            edits.append((began, time.monotonic() - began))
            ready.set()
            time.sleep(PAUSE_SECONDS)
    answers.send(edits)


@contextmanager
def editing() -> Iterator[list[Edit]]:
    """Have the copy edited during the block; the list is full after it."""
    spawn = multiprocessing.get_context("spawn")
    stop, ready = spawn.Event(), spawn.Event()
    answers, sender = spawn.Pipe(duplex=False)
    person = spawn.Process(target=edit_until, args=(stop, ready, sender), daemon=True)
    edits: list[Edit] = []
    person.start()
    try:
        if not ready.wait(timeout=60):
            raise SystemExit("benchmarks: the concurrent user made no edit within 60 s; is the machine overloaded?")
        time.sleep(WARM_SECONDS)
        yield edits
    finally:
        stop.set()
        if ready.is_set():
            edits += answers.recv()
        person.join()

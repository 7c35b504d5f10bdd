"""`manage.py runs`: what a terminal sees and does."""

import json
import os
import pty
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from io import StringIO
from typing import TextIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.audit.models import Audit
from core.clock import database_now
from core.runs.enums import Outcome, State
from core.runs.models import Run, RunItem
from core.runs.services.reconcile import runs_reconcile
from core.runs.tests.factories import run_make

pytestmark = pytest.mark.django_db


def runs(*arguments: object) -> list[str]:
    said = StringIO()
    call_command("runs", *map(str, arguments), stdout=said)
    return said.getvalue().splitlines()


def shown(*arguments: object) -> list[str]:
    """Return the ids of the listed runs."""
    return [line.split()[0] for line in runs(*arguments)[1:]]


def test_the_newest_is_first_with_the_one_thing_to_know_of_it():
    hour = timedelta(hours=1)
    old = run_make(State.FAILED, error="No ink.\nReally.", queued_at=database_now() - hour)
    new = run_make(State.RUNNING, progress_done=4, progress_total=20)

    _, first, second = runs()

    assert (first.startswith(str(new.id)), first.endswith("4 of 20")) == (True, True)
    assert (second.startswith(str(old.id)), second.endswith("No ink.")) == (True, True)


def test_the_list_is_filtered():
    queued = run_make(name="tests.ink", queued_at=database_now() - timedelta(hours=3))
    failed, held = run_make(State.FAILED), run_make(State.HELD)

    assert shown("--failed") == [str(failed.id)]
    assert set(shown("--state", "failed", "--state", "HELD")) == {str(failed.id), str(held.id)}
    assert shown("--name", "tests.ink") == [str(queued.id)]
    assert set(shown("--since", "2h")) == {str(failed.id), str(held.id)}
    assert len(shown("--limit", 1)) == 1
    assert runs("--name", "tests.none") == ["There is no such run."]


def test_one_run_is_shown_with_its_items_and_its_traceback_but_without_secrets():
    run = run_make(State.FAILED, kwargs={"password": "hunter2"}, traceback="File ink.py, line 1")
    RunItem.objects.create(run=run, subject="tests.row:7", outcome=Outcome.FAILED, error="jammed")

    lines = runs(run.id)

    assert "  failed   tests.row:7  jammed" in lines
    assert lines[-1] == "File ink.py, line 1"
    assert "hunter2" not in "".join(lines)


def test_json_is_one_object_per_line():
    made = {str(run_make(state).id) for state in (State.SUCCEEDED, State.QUEUED)}

    assert {json.loads(line)["id"] for line in runs("--json")} == made


@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("cancel", State.QUEUED, State.CANCELLED),
        ("approve", State.HELD, State.QUEUED),
        ("reject", State.HELD, State.CANCELLED),
    ],
)
def test_a_run_is_operated_and_it_is_on_record(act, before, after):
    run = run_make(before)

    assert runs(f"--{act}", run.id) == [f"{run.id}  {after}  tests.nothing"]
    assert Audit.objects.values_list("actor_name", "verb").get() == ("manage.py runs", f"run.{act}")


def test_a_retry_prints_the_new_run():
    run = run_make(State.FAILED)

    (line,) = runs("--retry", run.id)

    assert line.split()[0] == str(Run.objects.get(retry_of=run).id)


def test_what_runs_is_asked_to_stop_and_then_terminated():
    run = run_make(State.RUNNING)

    assert runs("--cancel", run.id) == [f"{run.id}  RUNNING, asked to stop  tests.nothing"]
    assert runs("--terminate", run.id) == [f"{run.id}  RUNNING  tests.nothing"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "There is no run 'nonsense': `manage.py runs` lists them."),
        (["--cancel", "nonsense"], "There is no run 'nonsense': `manage.py runs` lists them."),
        (["--state", "done"], "There is no state 'DONE': use one of QUEUED, "),
        (["--since", "noon"], "'noon' is no time: use 90m, 2h, 3d, or an ISO time with its zone"),
        (["--since", "2026-11-21T12:00:00"], "'2026-11-21T12:00:00' is no time"),
        (["--limit", "0"], "--limit is 1 or more."),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments, sentence):
    with pytest.raises(CommandError) as wrong:
        runs(*arguments)

    assert str(wrong.value).startswith(sentence)


def test_what_the_state_forbids_is_one_sentence():
    with pytest.raises(CommandError, match=r"^This run is not held \(QUEUED\): there is nothing to decide\.$"):
        runs("--approve", run_make().id)


def purge(*arguments: str) -> list[str]:
    said = StringIO()
    call_command("purge", *arguments, stdout=said)
    return said.getvalue().splitlines()


def test_a_purge_cancels_what_waits_in_the_queues_and_removes_their_messages(broker):
    waiting, elsewhere = run_make(queue="ml_tasks"), run_make()
    at_work = run_make(State.RUNNING, queue="ml_tasks")
    broker.lpush("ml_tasks", "{}")
    broker.lpush("sync_tasks", "{}", "{}")

    done = purge("--queue", "ml_tasks", "--queue", "sync_tasks", "--yes")

    assert done == [
        "ml_tasks: 1 messages, 1 runs wait",
        "sync_tasks: 2 messages, 0 runs wait",
        "ml_tasks: 1 runs cancelled, 1 messages removed",
        "sync_tasks: 0 runs cancelled, 2 messages removed",
    ]
    assert [Run.objects.get(id=run.id).state for run in (waiting, elsewhere, at_work)] == [
        State.CANCELLED,
        State.QUEUED,
        State.RUNNING,
    ]
    assert Audit.objects.values_list("actor_name", "verb").get() == ("manage.py purge", "run.cancel")


def test_what_was_purged_is_not_sent_again(broker):
    long_ago = database_now() - timedelta(days=1)
    run_make(queue="ml_tasks", published_at=long_ago, queued_at=long_ago)

    purge("--queue", "ml_tasks", "--yes")

    assert (runs_reconcile(), broker.llen("ml_tasks")) == (0, 0)


@pytest.mark.parametrize("arguments", [["--dry-run"], ["--dry-run", "--yes"]])
def test_a_dry_run_counts_and_changes_nothing(broker, arguments):
    run = run_make(queue="ml_tasks")
    broker.lpush("ml_tasks", "{}")

    assert purge("--queue", "ml_tasks", *arguments) == ["ml_tasks: 1 messages, 1 runs wait"]
    assert (Run.objects.get(id=run.id).state, broker.llen("ml_tasks")) == (State.QUEUED, 1)


@pytest.fixture
def terminal(monkeypatch) -> Iterator[TextIO]:
    """Let the command read from a terminal; what is written here is typed there."""
    typing, typed = pty.openpty()
    with os.fdopen(typed) as read, os.fdopen(typing, "w") as write:
        monkeypatch.setattr("sys.stdin", read)
        yield write


@pytest.mark.parametrize(("answer", "left"), [("no", 1), ("", 1), ("yes", 0)])
def test_a_purge_asks_on_a_terminal(broker, terminal, answer, left):
    broker.lpush("ml_tasks", "{}")
    print(answer, file=terminal, flush=True)

    with nullcontext() if answer == "yes" else pytest.raises(CommandError, match=r"^Nothing was changed\.$"):
        purge("--queue", "ml_tasks")

    assert broker.llen("ml_tasks") == left


def test_a_purge_that_cannot_ask_changes_nothing(broker, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("yes\n"))
    broker.lpush("ml_tasks", "{}")

    with pytest.raises(CommandError, match=r"^There is no terminal to ask at: nothing was changed\."):
        purge("--queue", "ml_tasks")

    assert broker.llen("ml_tasks") == 1


def test_a_purge_knows_its_queues():
    with pytest.raises(CommandError, match=r"^There is no queue 'nowhere': use "):
        purge("--queue", "nowhere", "--dry-run")

"""The hour strikes: the real crontab fires in the real stack, and exactly the due tickets leave the board."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.clock import Shift
from tests.integration.signing_in import signed_in
from tests.integration.stacks import Stack, started
from tests.waiting import poll

SEED = Path(__file__).with_name("board.py").read_text(encoding="utf-8")
TASK = "tickets.tasks.archive_old_done_tickets"

GONE = {"a second over 24 h", "quick board", "edited after Done", "done in another organisation"}
STAYS = {
    "not done",
    "pinned",
    "slow board",
    "column is no longer Done",
    "just moved",
    "bulk-moved 1",
    "bulk-moved 2",
}
# Decided by the fraction of a second at which the run reads the clock: judged by the rule itself.
EDGE = {"a second short of 24 h": timedelta(seconds=-1), "24 h": timedelta(0)}


@dataclass
class Struck:
    """A stack after the hour, and what it says of every ticket."""

    stack: Stack
    hour: datetime
    tickets: dict[str, dict[str, object]]

    @property
    def run_at(self) -> datetime:
        """Return the time of the run, as it stands in the rows that it archived."""
        return datetime.fromisoformat(str(self.tickets["a second over 24 h"]["archived_at"]))


@pytest.fixture(scope="module")
def struck(target: type[Stack]) -> Iterator[Struck]:
    stack = target(workers=target.hour_workers)
    stack.prepare()
    stack.shift = Shift.to_before_the_hour(stack.lead_seconds)
    with started(stack):
        seeded = json.loads(stack.python(SEED))
        assert seeded["spare"] > 0, "the hour struck before the tickets were there"
        poll(lambda: f"Task {TASK}" in " ".join(succeeded(stack)), what="the hourly run", seconds=seeded["spare"] + 60)
        yield Struck(stack, datetime.fromisoformat(seeded["hour"]), tickets(stack))


def succeeded(stack: Stack) -> list[str]:
    return [event for event in stack.events("celery") if " succeeded in " in event]


def tickets(stack: Stack) -> dict[str, dict[str, object]]:
    """Read every ticket of both organisations through the API, by title."""
    found = {}
    for organisation in ("acme", "other"):
        with stack.client(organisation=organisation) as client:
            for archived in ("true", "false"):
                page = client.get("/tickets", params={"archived": archived, "limit": 100}).raise_for_status().json()
                found |= {ticket["title"]: ticket for ticket in page["items"]}
    return found


def test_exactly_the_due_tickets_leave_the_board(struck: Struck):
    edge = {case for case, short in EDGE.items() if struck.run_at + short > struck.hour}
    left = {title for title, ticket in struck.tickets.items() if ticket["archived_at"]}

    assert left == GONE | edge | {"archived before"}
    assert struck.tickets.keys() - left == STAYS | (EDGE.keys() - edge)


def test_the_run_comes_on_the_hour(struck: Struck):
    assert timedelta(0) <= struck.run_at - struck.hour < timedelta(seconds=20)


def test_what_was_archived_before_keeps_its_time(struck: Struck):
    assert datetime.fromisoformat(str(struck.tickets["archived before"]["archived_at"])) < struck.hour


def test_each_archived_ticket_has_one_automatic_line_of_history(struck: Struck):
    ticket = struck.tickets["edited after Done"]

    with struck.stack.client(organisation="acme") as client:
        history = client.get(f"/tickets/{ticket['id']}/history").raise_for_status().json()

    archived = [event for event in history if event["kind"] == "archived"]
    assert [(event["automatic"], event["actor"]) for event in archived] == [(True, "archive-old-done-tickets")]


def test_the_log_tells_of_the_run_in_the_words_that_log_monitors_know(struck: Struck):
    events = struck.stack.events("celery")
    went = len([ticket for ticket in struck.tickets.values() if ticket["archived_at"]]) - len({"archived before"})

    assert any(re.fullmatch(r"celery@\S+ ready\.", event) for event in events)
    assert events.count(f"Scheduler: Sending due task archive-old-done-tickets ({TASK})") == 1
    assert events.count(f"Archived {went} tickets") == 1
    assert any(re.match(rf"Task {re.escape(TASK)}\[[0-9a-f-]+\] succeeded in [\d.]+s: ", event) for event in events)


def test_every_line_of_every_service_is_one_json_event(struck: Struck):
    """In our own images the servers too; elsewhere those are whatever the machine has."""
    services = ("",) if struck.stack.logs_json_everywhere else ("backend", "celery")

    lines = [line for service in services for line in struck.stack.logs(service)]

    assert lines != []
    assert [line for line in lines if not {"ts", "level", "logger", "event"} <= line.keys()] == []


def test_the_result_is_structured_and_kept(struck: Struck):
    show = f"import json; from core.runs.models import Run; print(json.dumps(Run.objects.get(name={TASK!r}).result))"

    result = json.loads(struck.stack.python(show))

    assert result.keys() >= {"examined", "archived", "failed"}
    assert result["failed"] == 0


def test_the_admin_shows_what_went(struck: Struck):
    struck.stack.python(
        "from django.contrib.auth.models import User; User.objects.create_superuser('root', password='let-me-look')"
    )

    with signed_in(struck.stack) as browser:
        page = browser.get("/admin/tickets/ticket/", params={"q": "edited after Done"})

    assert page.status_code == 200
    assert "edited after Done" in page.text


def test_data_survives_down_and_up(struck: Struck):
    """Stop and start through the front door, whatever started the stack."""
    before = {title: ticket["archived_at"] for title, ticket in struck.tickets.items()}

    struck.stack.down()
    struck.stack.up()

    assert {title: ticket["archived_at"] for title, ticket in tickets(struck.stack).items()} == before

"""One stack for all promises of the ledger, and the ways a person has of working with its runs."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.effects.tests.receivers import Mailbox, Receiver
from tests.integration.outside import sends_to
from tests.integration.signing_in import signed_in
from tests.integration.stacks import started
from tests.integration.targets.compose import Compose
from tests.integration.targets.host import Host
from tests.waiting import poll

SCENE = Path(__file__).with_name("scene.py").read_text(encoding="utf-8")
ARCHIVE = "tickets.tasks.archive_old_done_tickets"
# Longer than the beats take to notice a silent worker.
MENDED_SECONDS = 120


@dataclass
class Ledger:
    """The runs of a stack, as its staff sees and operates them through the API."""

    stack: Host | Compose
    browser: httpx.Client
    receiver: Receiver
    mailbox: Mailbox

    def play(self, code: str) -> str:
        """Run code of the scene inside the stack."""
        return self.stack.python(f"{SCENE}\n{code}")

    def ask(self, **arguments: Any) -> str:
        """Ask for the archive chore from the product's own code, and return the run's id."""
        return self.ask_each(arguments)[0]

    def ask_each(self, *arguments: dict[str, Any]) -> list[str]:
        ids: list[str] = json.loads(self.play(f"ask(*{arguments!r})"))
        return ids

    def run(self, run_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.browser.get(f"/api/v1/tasks/status/{run_id}").raise_for_status().json()
        return answer

    def listed(self, what: str = "", **filters: Any) -> list[dict[str, Any]]:
        """Return what the API lists: runs, newest first, or what stands below /tasks."""
        answer = self.browser.get(f"/api/v1/tasks{what}", params={"limit": 200, **filters}).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def act(self, verb: str, run_id: str) -> httpx.Response:
        return self.ask_api("POST", f"/{verb}/{run_id}")

    def ask_api(self, method: str, address: str, **body: Any) -> httpx.Response:
        token = {"X-CSRFToken": self.browser.cookies["csrftoken"], "Referer": self.stack.address}
        return self.browser.request(method, f"/api/v1/tasks{address}", headers=token, json=body or None)

    def reaches(self, run_id: str, *states: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until the run is in one of the states, and return it."""

        def there() -> dict[str, Any] | None:
            run = self.run(run_id)
            return run if run["state"] in states else None

        run = poll(there, what=f"{run_id} {' or '.join(states)}", seconds=seconds, every=0.3)
        assert run is not None
        return run

    def page(self, run_id: str) -> str:
        """Return the run's page in the admin."""
        return self.admin(f"runs/run/{run_id}/change/")

    def admin(self, page: str, **filters: str) -> str:
        return self.browser.get(f"/admin/{page}", params=filters).raise_for_status().text

    def archived(self) -> int:
        return int(self.play("print(Ticket.objects.filter(is_archived=True).count())").split()[-1])

    @contextmanager
    def hindered(self, seconds: float) -> Iterator[None]:
        """Make each ticket's archiving take so long, and those that are called broken fail."""
        self.play(f"hinder({seconds})")
        try:
            yield
        finally:
            self.play("free()")


@pytest.fixture(scope="module", params=[Host, Compose], ids=["host", "compose"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Start a stack that sends to receivers of this test."""
    if request.param is Compose:
        request.getfixturevalue("docker")
    stack = request.param()
    with ExitStack() as block:
        receiver = block.enter_context(Receiver.open(host=stack.outside))
        mailbox = block.enter_context(Mailbox.open(host=stack.outside))
        stack.settings |= sends_to(stack.outside, mailbox)
        stack.prepare()
        block.enter_context(started(stack))
        stack.python(f"{SCENE}\nscene()")
        yield Ledger(stack, block.enter_context(signed_in(stack)), receiver, mailbox)


@pytest.fixture
def empty_board(ledger: Ledger) -> None:
    ledger.play("clear()")

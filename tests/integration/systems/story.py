"""One stack whose clock is turned from strike to strike, and what it said at each."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from apps.events.enums import ARCHIVE_TASK, END_TASK, REMIND_TASK
from apps.events.jobs import JOBS
from apps.pricing.enums import HISTORY_TASK, RECOMPUTE_TASK
from core.effects.tests.receivers import Mailbox
from tests.integration.clock import Dial
from tests.integration.signing_in import signed_in
from tests.integration.targets.compose import Compose
from tests.integration.targets.host import Host

SCENE = Path(__file__).with_name("scene.py").read_text(encoding="utf-8")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Time for beat to see that the clock was turned, and to make up for what it missed.
LEAD = timedelta(seconds=20)
# What a strike of the sixth hour starts.
CHORES = (END_TASK, REMIND_TASK, RECOMPUTE_TASK, HISTORY_TASK)
# How a run ended, what started it, and when.
Ran = tuple[str, str, datetime]


@dataclass
class Look:
    """What the stack said at a time: of its rows, and to whoever asks for an event's status or a price."""

    stored: dict[str, Any]
    shown: dict[str, Any]
    pages: dict[str, Any]
    mails: list[str]
    runs: dict[str, Ran] = field(default_factory=dict)


@dataclass
class Story:
    """It strikes at midnights of the shelf's zone that are sixth hours of UTC: all but the archive are due then."""

    stack: Host | Compose
    dial: Dial
    mailbox: Mailbox
    strike: datetime
    client: httpx.Client
    looks: dict[str, Look] = field(default_factory=dict)

    def play(self, code: str) -> Any:
        return json.loads(self.stack.python(f"{SCENE}\n{code}"))

    def make(self, path: str, **fields: Any) -> dict[str, Any]:
        return self.client.post(path, json=fields).raise_for_status().json()

    def strikes(self, at: datetime, *tasks: str) -> dict[str, Ran]:
        """Turn the clock to shortly before that time, and wait for what the schedule starts then."""
        self.dial.turn(at - LEAD)
        runs = self.play(f"await_runs({at.isoformat()!r}, {', '.join(map(repr, tasks))})")
        return {task: (state, trigger, datetime.fromisoformat(began)) for task, (state, trigger, began) in runs.items()}

    def look(self, name: str, runs: dict[str, Ran] | None = None) -> None:
        stored = self.play("stored()")
        self.looks[name] = Look(stored, self.shown(), self.pages(), self.mails(), runs or {})

    def look_from_outside(self, name: str) -> None:
        """While it is out of order no command of the front door reaches its rows."""
        self.looks[name] = Look({}, self.shown(), self.pages(), self.mails())

    def mails(self) -> list[str]:
        return sorted(address for recipients in self.mailbox.recipients for address in recipients)

    def shown(self) -> dict[str, Any]:
        """Ask the API, as programs do."""
        events = [*self.items("/events"), *self.items("/events", archived=True)]
        return {
            "events": {event["slug"]: event["status"] for event in events},
            "completed": [event["slug"] for event in events if event["completed_at"]],
            "public": [event["slug"] for event in self.items("/events/public")],
            "prices": [batch["price"] for batch in self.items("/batches")],
        }

    def items(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        return self.client.get(path, params=filters).raise_for_status().json()["items"]

    def pages(self) -> dict[str, Any]:
        """Read the lists in the admin. A session would not outlive the turns of the clock."""
        with signed_in(self.stack) as browser:
            events, batches = (
                browser.get(f"/admin/{name}/").raise_for_status().text for name in ("events/event", "pricing/batch")
            )
        titles = [title.lower() for title in cells(events, "title")]
        prices = [None if asked == "not for sale" else asked.split()[0] for asked in cells(batches, "asked")]
        return {"events": dict(zip(titles, cells(events, "now"), strict=True)), "prices": prices}

    def event(self, title: str, *, begins: datetime, ends: datetime) -> int:
        """Have a public event. It ends strictly before the run that says so, which reads the clock after the strike."""
        made = self.make(
            "/events", title=title, is_public=True, starts_at=begins.isoformat(), end_date=ends.isoformat()
        )
        self.make(f"/events/{made['id']}/publish")
        number: int = made["id"]
        return number

    def shelf(self, midnight: datetime) -> None:
        """Have a batch whose last day but one begins then: a tenth off from that midnight on, half from the next."""
        zone = zone_of(midnight)
        day = midnight.astimezone(ZoneInfo(zone)).date()
        self.client.put("/pricing/settings", json={"currency": "EUR"}).raise_for_status()
        milk = self.make("/products", sku="MILK", name="Milk", list_price="2.00", rounding="0.05", tz=zone)
        rule = self.make("/rules", name="Last days", tiers=[[1, 10], [0, 50]])
        self.make(f"/rules/{rule['id']}/activate")
        dates = {"received_on": (day - 9 * DAY).isoformat(), "expires_on": (day + DAY).isoformat()}
        self.make("/batches", product_id=milk["id"], code="A", qty=10, **dates)

    def move(self, event: int, begins: datetime) -> None:
        moved = {"starts_at": begins.isoformat(), "end_date": (begins + 30 * DAY).isoformat()}
        self.client.patch(f"/events/{event}", json=moved).raise_for_status()

    def remind(self, event: int, *emails: str, ahead: timedelta, withdrawn: str) -> None:
        self.make(f"/events/{event}/reminders", minutes_before=ahead // timedelta(minutes=1))
        for email in (*emails, withdrawn):
            self.make(f"/events/{event}/register", email=email)
        self.make(f"/events/{event}/unregister", email=withdrawn)


def cells(page: str, field: str) -> list[str]:
    """Return the words in a column of a list in the admin."""
    found = re.findall(rf'<t[dh][^>]*class="[^"]*\bfield-{field}\b[^"]*"[^>]*>(.*?)</t[dh]>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in found]


def next_sixth_hour(now: datetime) -> datetime:
    midnight = datetime.combine(now.date(), time.min, UTC)
    return midnight + (((now - midnight) // timedelta(hours=6)) + 1) * timedelta(hours=6)


def zone_of(midnight: datetime) -> str:
    """Name the zone in which it is midnight then; these zones count the other way round."""
    hours = midnight.hour if midnight.hour <= 12 else midnight.hour - 24
    return f"Etc/GMT{hours:+d}" if hours else "Etc/GMT"


def archive_slot(moment: datetime) -> datetime:
    """Return the first time after the moment at which the schedule of the archive is due."""
    (spec,) = [spec for spec in JOBS if spec.task == ARCHIVE_TASK]
    minute, hour = spec.crontab.split()[:2]
    day = moment.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return day if day > moment else day + DAY

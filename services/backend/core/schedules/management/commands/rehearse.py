"""Say what will fire when, without waiting for it."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError

from core.schedules.forecast import Forecast
from core.schedules.rehearsal import MOST, Event, offset, rehearse


class Command(BaseCommand):
    help = (
        "Print slot by slot what the enabled schedules fire from one time to another, over changes of the clocks too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        form = "such as 2027-03-28 or 2027-03-28T00:30, in --zone"
        parser.add_argument("--from", dest="start", required=True, metavar="TIME", help=f"the first moment, {form}")
        parser.add_argument("--to", dest="end", required=True, metavar="TIME", help="the moment at which to stop")
        parser.add_argument("--zone", help="read the times in this zone, and show it for every schedule")
        parser.add_argument("--data", action="store_true", help="also count the rows that each run would change")
        parser.add_argument("--json", action="store_true", help="print one JSON object per line")

    def handle(self, *_: Any, start: str, end: str, zone: str | None, data: bool, **options: Any) -> None:
        tz = _zone(zone or "UTC")
        first, last = _moment("--from", start, tz), _moment("--to", end, tz)
        if last <= first:
            raise CommandError(f"--to {end} is not after --from {start}: choose a later end.")
        count, forecast = 0, Forecast() if data else None
        for count, event in enumerate(rehearse(start=first, end=last, in_zone=zone), 1):
            if count > MOST:
                raise CommandError(f"There is more than {MOST} to show until {event.at:%Y-%m-%d %H:%M}Z: ask for less.")
            changes = forecast.changes(event.task, event.at) if forecast and event.key else None
            self.stdout.write(_json(event, changes) if options["json"] else _line(event, changes))
        if not count and not options["json"]:
            self.stdout.write("Nothing fires between these times.")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CommandError(f"There is no zone {name!r}: use a name such as Europe/London.") from None


def _moment(option: str, text: str, tz: ZoneInfo) -> datetime:
    """Read a time; one without an offset of its own is read in the zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option} {text} is no time: write it as 2027-03-28 or 2027-03-28T00:30.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=tz)


def _line(event: Event, changes: int | None) -> str:
    local = f"{event.local:%Y-%m-%d %H:%M:%S} UTC{offset(event.local)}"
    utc = f"{event.at:%Y-%m-%d %H:%M:%S}Z"
    what = f"{event.key}  {event.task}" if event.key else f"--- {event.note} ---"
    return f"{local}  {utc}  {event.zone}  {what}" + ("" if changes is None else f"  changes {changes}")


def _json(event: Event, changes: int | None) -> str:
    told = {"utc": event.at.isoformat(), "local": event.local.isoformat(), "zone": event.zone}
    what = {"schedule": event.key, "task": event.task} if event.key else {"note": event.note}
    return json.dumps(told | what | ({} if changes is None else {"changes": changes}))

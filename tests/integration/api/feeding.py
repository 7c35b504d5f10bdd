"""Put what exists where a generated id would be found nowhere."""

from collections.abc import Iterator, MutableMapping
from typing import Any
from zlib import crc32

from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation

from tests.integration.api.scene import INSTALLATION, Estate

Slot = tuple[MutableMapping[str, Any], str]
# By the name of the parameter or of the body's field: which ids of an estate it takes.
KINDS = {
    "board_id": "board",
    "board": "board",
    "column_id": "column",
    "column": "column",
    "ticket_id": "ticket",
    "ids": "ticket",
    "product_id": "product",
    "product": "product",
    "batch_id": "batch",
    "rule_id": "rule",
    "run_id": "run",
    "parent": "run",
    "effect_id": "effect",
    "organisation_id": "slug",
    "X-Organisation": "slug",
    "assignee": "username",
    "event_id": "event",
    "reminder_id": "reminder",
    "email": "email",
    "contact": "email",
    "organisation": "slug",
    "slug": "event_slug",
}
# What a schema cannot say: what a crontab or a zone is, that a run expires within its interval, and which amounts,
# tiers and dates make sense together.
VALUES = {
    "crontab": "5 * * * *",
    "zone": "Europe/London",
    "expire_seconds": 60,
    "tz": "Europe/London",
    "starts_at": "2027-07-10T10:00:00Z",
    "end_date": "2027-07-10T12:00:00Z",
    "template": "Hello: $title",
    "currency": "EUR",
    "list_price": "4.00",
    "floor_price": "1.00",
    "cost": "0.80",
    "rounding": "0.05",
    "manual_price": "2.00",
    "tiers": [[7, 10], [3, 25]],
    "received_on": "2026-01-01",
    "expires_on": "2026-12-31",
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_to": "2027-01-01T00:00:00Z",
}
# Whose places a list's cursor names; the others are lists of runs.
PLACES = {"/api/v1/events": "event_place", "/api/v1/events/public": "event_place"}
LOCATIONS = (ParameterLocation.PATH, ParameterLocation.QUERY, ParameterLocation.HEADER, ParameterLocation.BODY)


def slots(case: Case) -> Iterator[Slot]:
    """Yield each place of the case where a value stands; what was made wrong on purpose stays wrong."""
    for location in LOCATIONS:
        container = case.get_container(location)
        if isinstance(container, MutableMapping) and not (case.meta and case.meta.is_negative_at(location)):
            yield from ((container, name) for name in list(container))


def known(case: Case, name: str, estate: Estate) -> list[Any]:
    """Return what the estate has for a value of this name; nothing, where any will do."""
    if name in VALUES:
        return [VALUES[name]]
    if name in ("key", "schedule"):
        return INSTALLATION.ids["key"]
    if name == "cursor":
        return estate.ids.get(PLACES.get(case.path, "place"), []) if _is_text(case, name) else []
    if name == "ids":
        columns, tickets = estate.ids.get("column", []), estate.ids.get("ticket", [])
        return [columns] if case.path.endswith("/columns/order") else [[ticket] for ticket in tickets]
    return [] if _is_chosen(case, name) else estate.ids.get(KINDS.get(name, ""), [])


def feed(case: Case, estate: Estate) -> None:
    """Give the case what the estate has. Which of it depends on the generated case alone: it can be sent again."""
    seed = crc32(repr((case.path_parameters, case.query, dict(case.headers), case.body)).encode(errors="replace"))
    if estate.organisation is None:
        case.headers.pop("X-Organisation", None)
    for turn, (container, name) in enumerate(slots(case)):
        values = known(case, name, estate)
        if values:
            put((container, name), values[(seed >> turn) % len(values)])


def put(slot: Slot, value: Any) -> None:
    container, name = slot
    container[name] = value if isinstance(value, int | list) else str(value)


def _is_chosen(case: Case, name: str) -> bool:
    """A body's slug is that of an event to be: one that is there would be refused."""
    return name == "slug" and name not in case.path_parameters


def _is_text(case: Case, name: str) -> bool:
    parameter = case.operation.query.get(name)
    return parameter is not None and parameter.definition["schema"].get("type") == "string"

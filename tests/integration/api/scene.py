"""Two organisations and an installation with data of every kind, each marked as its owner's in every text and id."""

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django_celery_beat.models import PeriodicTask

from apps.events.models import Event
from apps.events.tests.factories import EventFactory, RegistrationFactory, ReminderFactory
from apps.pricing.enums import RECOMPUTE_TASK
from apps.pricing.models import Batch, PricePoint, Product, Rule
from apps.pricing.tests.factories import BatchFactory, ProductFactory, RuleFactory, SettingsFactory
from apps.tickets.enums import ARCHIVE_SCHEDULE, ARCHIVE_TASK, EventKind
from apps.tickets.models import Column, TicketEvent
from apps.tickets.services import Actor, ticket_edit, tickets_archive, tickets_pin
from apps.tickets.tests.factories import BoardFactory, ColumnFactory, DoneFactory, TicketFactory
from core.audit.services import Operator, audit_write
from core.clock import database_now
from core.cursors import cursor_of
from core.effects.enums import EffectState
from core.effects.models import Effect
from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.organisations.tests.factories import MemberFactory, OrganisationFactory, UserFactory
from core.runs.api.cursors import run_cursor
from core.runs.enums import FINAL, Outcome, State
from core.runs.models import Run, RunItem
from core.runs.tests.factories import run_make
from core.schedules.jobs import declared_jobs
from core.schedules.services import schedules_sync


@dataclass
class Estate:
    """All that belongs to one owner: `word` stands in each of its texts, `digits` begin each of its ids.

    `public` is what it shows to everybody, and only where public events are asked for.
    """

    word: str
    digits: str
    organisation: Organisation | None = None
    member: User | None = None
    ids: dict[str, list[Any]] = field(default_factory=dict)
    public: list[str] = field(default_factory=list)

    def text(self, what: str) -> str:
        return f"{self.word} {what}"

    def number(self, kind: str) -> int:
        return self._keep(kind, int(f"{self.digits}{len(self.ids.get(kind, [])):02}"))

    def uuid(self, kind: str) -> UUID:
        return self._keep(kind, UUID(f"{self.digits}0-0000-4000-8000-{len(self.ids.get(kind, [])):012}"))

    def _keep(self, kind: str, made: Any) -> Any:
        self.ids.setdefault(kind, []).append(made)
        return made

    def marks(self, text: str) -> list[str]:
        """Return what in the text can only be this owner's."""
        return re.findall(f'{self.word}[^"]*|{self.digits}[0-9-]*', text, re.IGNORECASE)


OURS, THEIRS, INSTALLATION = ESTATES = (
    Estate("Amberfold", "5151515"),
    Estate("Brackwater", "8282828"),
    Estate("Cornerstone", "9393939"),
)


def organisation_settle(estate: Estate) -> None:
    """Make the owner's organisation, with a member, a board, tickets, runs and what left them."""
    slug = estate.word.lower()
    estate.organisation = OrganisationFactory(id=estate.number("organisation"), slug=slug, name=estate.text("Ltd"))
    estate.member = UserFactory(id=estate.number("user"), username=f"{slug}-agent")
    MemberFactory(user=estate.member, organisation=estate.organisation, role=Role.AGENT)
    estate.ids |= {"slug": [slug], "username": [estate.member.username]}
    _board_settle(estate)
    _events_settle(estate)
    _shelf_settle(estate)
    runs_settle(estate)


def _events_settle(estate: Estate) -> None:
    """One event in each state of its life; the public one's texts are public, who comes to it is not."""
    slug = f"{estate.word.lower()}-fair"
    fair = _event_settle(estate, title=estate.text("fair"), slug=slug, is_public=True)
    estate.public = [fair.title, estate.text("Ltd"), slug, estate.word.lower(), str(fair.pk)]
    _event_settle(estate, status="DRAFT")
    _event_settle(estate, status="CANCELLED")
    _event_settle(estate, starts_in=-9)
    address = f"{estate.word}-guest@example.org"
    RegistrationFactory(id=estate.number("registration"), event=fair, email=address)
    ReminderFactory(id=estate.number("reminder"), event=fair, template=estate.text("is near"))
    estate.ids |= {"email": [address], "event_slug": [slug], "event_place": [cursor_of(fair.starts_at, fair.pk)]}


def _event_settle(estate: Estate, **fields: Any) -> Event:
    key = estate.number("event")
    private = {
        "title": estate.text("meeting"),
        "contact": f"{estate.word}-organiser@example.org",
        "slug": f"{estate.word}-{key}",
        "place": "" if "is_public" in fields else estate.text("house"),
    }
    return EventFactory(id=key, organisation=estate.organisation, **(private | fields))


def installation_settle(estate: Estate) -> None:
    """Declare the product's schedules, with arguments and runs that only the installation's staff may see."""
    specs = list(declared_jobs())
    schedules_sync(specs=specs, now=database_now())
    estate.ids["key"] = [spec.key for spec in specs]
    # It has no events, and may ask for everybody's: any place of that list will do.
    estate.ids["event_place"] = [cursor_of(database_now(), 0)]
    task = PeriodicTask.objects.get(name=ARCHIVE_SCHEDULE)
    task.kwargs = json.dumps({"given": estate.text("argument")})
    task.save()
    runs_settle(estate)


def _board_settle(estate: Estate) -> None:
    board = BoardFactory(id=estate.number("board"), organisation=estate.organisation, name=estate.text("desk"))
    BoardFactory(id=estate.number("board"), organisation=estate.organisation, name=estate.text("store"))
    todo = ColumnFactory(id=estate.number("column"), board=board, name=estate.text("to do"), position=1)
    done = DoneFactory(id=estate.number("column"), board=board, name=estate.text("done"), position=2)
    waiting, due, pinned, archived = (_ticket_settle(estate, column) for column in (todo, done, done, done))
    by: dict[str, Any] = {
        "organisation": estate.organisation,
        "actor": Actor(user=estate.member, name=estate.text("program")),
    }
    ticket_edit(ticket_id=waiting, assignee=estate.member, **by)
    ticket_edit(ticket_id=due, title=estate.text("is due"), **by)
    tickets_pin(ids=[pinned], pinned=True, **by)
    tickets_archive(ids=[archived], **by)


def _ticket_settle(estate: Estate, column: Column) -> int:
    ticket = TicketFactory(
        id=estate.number("ticket"),
        number=estate.number("number"),
        column=column,
        hours=30,
        title=estate.text("printer"),
        body=estate.text("prints half a label"),
        requester=estate.text("shop"),
    )
    return int(ticket.pk)


def _shelf_settle(estate: Estate) -> None:
    """Leave a product with batches at different prices, a rule that is on and one that is off, and nothing due."""
    SettingsFactory(organisation=estate.organisation)
    named = {"organisation": estate.organisation, "name": estate.text("milk")}
    product = ProductFactory(id=estate.number("product"), sku=estate.text("sku"), **named)
    rule = RuleFactory(id=estate.number("rule"), organisation=estate.organisation, name=estate.text("last week"))
    RuleFactory(id=estate.number("rule"), **named, active=False)
    for days in (-1, 1, 20):
        batch = BatchFactory(id=estate.number("batch"), product=product, code=estate.text(f"L{days}"), days=days)
        point = {"batch": batch, "list_price": 4, "price": 2, "reason": "change", "rule": rule}
        PricePoint.objects.create(id=estate.number("point"), at=database_now(), **point, run_id=estate.uuid("told"))
    Batch.objects.update(reprice_at=None)
    for model in (Product, Rule):
        model.objects.update(stale_since=None)


def runs_settle(estate: Estate) -> None:
    """Leave a run in each state, with items, effects in each state, and a line in the audit."""
    runs = [_run_settle(estate, state) for state in State]
    _run_settle(estate, State.RUNNING, cancel_requested_at=database_now(), progress_done=4, progress_total=20)
    _run_settle(estate, State.SUCCEEDED, name=RECOMPUTE_TASK)
    swept = _run_settle(estate, State.PARTIAL, name=ARCHIVE_TASK)
    TicketEvent.objects.filter(ticket__organisation=estate.organisation, kind=EventKind.ARCHIVED).update(
        run_id=swept.id, automatic=True
    )
    for run in (swept, *(run for run in runs if run.state in FINAL)):
        _items_settle(estate, run)
    estate.ids["place"] = [run_cursor(run.queued_at, run.id) for run in runs]
    for state in EffectState:
        _effect_settle(estate, state, swept)
    by = Operator(estate.text("program"), estate.member, estate.organisation)
    audit_write(operator=by, verb="run.cancel", subject=swept, why=estate.text("reason"))


def _run_settle(estate: Estate, state: State, **fields: Any) -> Run:
    values: dict[str, Any] = {
        "name": estate.text("chore"),
        "kwargs": {"given": estate.text("argument")},
        "result": {"said": estate.text("result")},
        "note": estate.text("note"),
        "requested_by": estate.text("program"),
        "error": estate.text("error"),
        "traceback": estate.text("traceback"),
        "request_id": estate.word,
    }
    return run_make(state, id=estate.uuid("run"), organisation=estate.organisation, **(values | fields))


def _items_settle(estate: Estate, run: Run) -> None:
    for outcome in Outcome:
        RunItem.objects.create(
            id=estate.number("item"),
            run=run,
            subject=f"tickets.ticket:{estate.digits}00",
            outcome=outcome,
            before={"title": estate.text("before")},
            after={"title": estate.text("after")},
            error=estate.text("item error"),
        )


def _effect_settle(estate: Estate, state: EffectState, run: Run) -> None:
    Effect.objects.create(
        id=estate.number("effect"),
        organisation=estate.organisation,
        channel="mail",
        dedupe_key=estate.text(state),
        payload={"to": [f"{estate.word}@example.org"], "subject": estate.text("mail")},
        state=state,
        not_before=database_now() + timedelta(days=1),
        policy="mail",
        error=estate.text("mail error"),
        run=run,
    )

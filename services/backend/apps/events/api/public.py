"""What everybody may read without signing in: public events, as a list, one by its address, and as a calendar."""

from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from ninja import Router
from ninja.errors import HttpError

from apps.events import selectors
from apps.events.api.feed import calendar
from apps.events.api.pages import page
from apps.events.api.schemas import Cursor, PublicEventOut, PublicEventPage
from apps.events.models import Event
from core.clock import database_now
from core.inputs import Limit, Text
from core.organisations.models import Organisation
from core.refusals import Refusal

# Nobody signs in here, so that nothing of a caller's organisation can show.
router = Router(tags=["public events"], auth=None)

CALENDAR = "text/calendar; charset=utf-8"
AS_CALENDAR = {"responses": {200: {"description": "OK", "content": {CALENDAR: {"schema": {"type": "string"}}}}}}


@router.get(
    "/events/public",
    response={200: PublicEventPage, 404: Refusal},
    summary="Discover public events that have not ended, the next first",
    operation_id="event_discover",
)
def event_discover(
    request: HttpRequest,
    organisation: Text | None = None,
    text: Text | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """`organisation` is a slug; `text` is looked for in the title, in any case of letters."""
    rows = selectors.event_discover(now=database_now())
    if organisation is not None:
        rows = rows.filter(organisation=_organisation(organisation))
    if text:
        rows = rows.filter(title__icontains=text)
    return page(rows, cursor, limit, newest=False)


@router.get(
    "/events/public/{slug:organisation}/calendar.ics",
    summary="Subscribe to an organisation's public events",
    operation_id="event_calendar",
    openapi_extra=AS_CALENDAR,
)
def event_calendar(request: HttpRequest, organisation: str) -> HttpResponse:
    """iCalendar. A cancelled event stays in it as cancelled; an archived one leaves it."""
    found = _organisation(organisation)
    body = calendar(found, selectors.feed_list(organisation=found, now=database_now()))
    answer = HttpResponse(body, content_type=CALENDAR, headers={"ETag": f'"{sha256(body).hexdigest()[:32]}"'})
    # A calendar that asks every hour is told in a line that nothing is new.
    return get_conditional_response(request, etag=answer["ETag"], response=answer) or answer


@router.get(
    "/events/public/{slug:organisation}/{slug:slug}",
    response=PublicEventOut,
    summary="Read a public event, also one that has ended",
    operation_id="event_public",
)
def event_public(request: HttpRequest, organisation: str, slug: str) -> Event:
    event = selectors.public_list(slug=organisation, now=database_now()).filter(slug=slug).first()
    if event is None:
        raise HttpError(404, f"There is no public event {slug!r} of {organisation!r}.")
    return event


def _organisation(slug: str) -> Organisation:
    found = Organisation.objects.filter(slug=slug, is_active=True).first()
    if found is None:
        raise HttpError(404, f"There is no organisation {slug!r}.")
    return found

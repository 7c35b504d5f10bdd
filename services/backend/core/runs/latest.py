"""The latest runs, by an index: what a list looks through stays small, however many runs are on record."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from core.runs.models import Run

# Nobody turns more pages. Of the open runs more, as one that is held must not vanish behind a backlog.
WINDOW = 10_000
OPEN_WINDOW = 50_000


@dataclass(frozen=True)
class Narrowing:
    """What an index can find: a task, an organisation, the time at which a run ended (an open one: was asked for)."""

    name: str = ""
    organisation_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def window(narrowing: Narrowing) -> Q:
    """Return the condition that keeps the latest open and the latest ended runs of what is asked for.

    There is no index over all runs by time: one for the open ones, one for the ended ones, and one by task and by
    organisation. So the oldest run within the window is looked up in the index that fits, and bounds the list.
    """
    if narrowing.name or narrowing.organisation_id:
        return _between(narrowing) & _by_owner(narrowing)
    return _between(narrowing) & (window_open(narrowing) | window_ended(narrowing))


def window_open(narrowing: Narrowing) -> Q:
    is_open = Q(finished_at__isnull=True)
    oldest = _oldest(_until(Run.objects.filter(is_open), "queued_at", narrowing), "queued_at", OPEN_WINDOW)
    return is_open & _since("queued_at", oldest)


def window_ended(narrowing: Narrowing) -> Q:
    has_ended = Q(finished_at__isnull=False)
    oldest = _oldest(_until(Run.objects.filter(has_ended), "finished_at", narrowing), "finished_at", WINDOW)
    return has_ended & _since("finished_at", oldest)


def _by_owner(narrowing: Narrowing) -> Q:
    owner = Q(name=narrowing.name) if narrowing.name else Q(organisation=narrowing.organisation_id)
    oldest = _oldest(_until(Run.objects.filter(owner), "queued_at", narrowing), "queued_at", WINDOW)
    if narrowing.name and narrowing.organisation_id:
        owner &= Q(organisation=narrowing.organisation_id)
    return owner & _since("queued_at", oldest)


def _oldest(rows: QuerySet[Run], field: str, size: int) -> datetime | None:
    return rows.order_by(f"-{field}").values_list(field, flat=True)[size : size + 1].first()


def _until(rows: QuerySet[Run], field: str, narrowing: Narrowing) -> QuerySet[Run]:
    return rows.filter(**{f"{field}__lte": narrowing.until}) if narrowing.until else rows


def _since(field: str, oldest: datetime | None) -> Q:
    return Q(**{f"{field}__gte": oldest}) if oldest else Q()


def _between(narrowing: Narrowing) -> Q:
    ended, queued = Q(finished_at__isnull=False), Q(finished_at__isnull=True)
    if narrowing.since:
        ended, queued = ended & Q(finished_at__gte=narrowing.since), queued & Q(queued_at__gte=narrowing.since)
    if narrowing.until:
        ended, queued = ended & Q(finished_at__lte=narrowing.until), queued & Q(queued_at__lte=narrowing.until)
    return ended | queued if narrowing.since or narrowing.until else Q()

"""Quiet hours: what is for people waits until their organisation wakes up."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.organisations.models import Organisation


def after_quiet_hours(moment: datetime, organisation: Organisation | None) -> datetime:
    """Return the moment itself, or the end of the quiet hours that it lies in, as the organisation's clock shows them.

    The wall clock decides. Where it is put back, the hour it shows twice is quiet twice; where it is put forward over
    the end itself, the quiet ends up to that hour later, never earlier.
    """
    if organisation is None or not _is_quiet(moment, organisation):
        return moment
    ends = (_end(moment, organisation, fold) for fold in (0, 1))
    return min(end for end in ends if end > moment and not _is_quiet(end, organisation))


def _is_quiet(moment: datetime, organisation: Organisation) -> bool:
    begin, end = organisation.quiet_from, organisation.quiet_until
    if begin is None or end is None:
        return False
    time = moment.astimezone(ZoneInfo(organisation.tz)).time()
    return begin <= time < end if begin < end else time >= begin or time < end


def _end(moment: datetime, organisation: Organisation, fold: int) -> datetime:
    zone, end = ZoneInfo(organisation.tz), organisation.quiet_until
    local = moment.astimezone(zone)
    assert end is not None  # noqa: S101  # _is_quiet has looked
    day = local.date() + timedelta(days=local.time() >= end)
    return datetime.combine(day, end, tzinfo=zone).replace(fold=fold).astimezone(UTC)

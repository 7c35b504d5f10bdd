"""At night mail waits for the morning of the organisation's own clock."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError

from core.clock import database_now
from core.effects.enums import EffectState
from core.effects.quiet import after_quiet_hours
from core.effects.services.deliver import effects_deliver
from core.effects.tests.factories import hook, mail
from core.organisations.models import Organisation
from core.organisations.tests.factories import OrganisationFactory

LONDON, NEW_YORK = "Europe/London", "America/New_York"


def quiet(zone: str, begin: str, end: str) -> Organisation:
    return Organisation(tz=zone, quiet_from=time.fromisoformat(begin), quiet_until=time.fromisoformat(end))


@pytest.mark.parametrize(
    ("zone", "begin", "end", "moment", "expected"),
    [
        # By day, without midnight between.
        ("UTC", "12:00", "13:00", "2026-06-01T12:30", "2026-06-01T13:00"),
        ("UTC", "12:00", "13:00", "2026-06-01T13:00", "2026-06-01T13:00"),
        # Over midnight, in summer time: 22:00 to 07:00 is 21:00 to 06:00 UTC.
        (LONDON, "22:00", "07:00", "2026-06-01T20:59", "2026-06-01T20:59"),
        (LONDON, "22:00", "07:00", "2026-06-01T21:00", "2026-06-02T06:00"),
        (LONDON, "22:00", "07:00", "2026-06-02T05:59", "2026-06-02T06:00"),
        # The night in which the clocks go forward is an hour shorter, the one in which they go back longer.
        (LONDON, "22:00", "07:00", "2026-03-28T22:00", "2026-03-29T06:00"),
        (LONDON, "22:00", "07:00", "2026-10-24T21:00", "2026-10-25T07:00"),
        (NEW_YORK, "22:00", "07:00", "2026-03-08T03:00", "2026-03-08T11:00"),
        (NEW_YORK, "22:00", "07:00", "2026-11-01T02:00", "2026-11-01T12:00"),
        # An end within the hour that is skipped: as much later as the clock jumps, never earlier.
        (LONDON, "22:00", "01:30", "2026-03-29T00:10", "2026-03-29T01:30"),
        # An end within the hour that comes twice: the first of them, but never a moment that the clock calls quiet.
        (LONDON, "22:00", "01:30", "2026-10-25T00:10", "2026-10-25T00:30"),
        (LONDON, "22:00", "01:30", "2026-10-25T01:10", "2026-10-25T01:30"),
    ],
)
def test_a_moment_in_quiet_hours_is_moved_to_their_end(zone, begin, end, moment, expected):
    moved = after_quiet_hours(datetime.fromisoformat(moment).replace(tzinfo=UTC), quiet(zone, begin, end))

    assert moved == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", [LONDON, NEW_YORK, "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_around_the_changes_of_the_clocks_nothing_ends_in_quiet_hours_or_waits_for_too_long(zone):
    organisation = quiet(zone, "21:30", "02:15")
    quarters = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * number) for number in range(365 * 96))
    for moment in (each for each in quarters if each.month in (3, 4, 10, 11)):
        moved = after_quiet_hours(moment, organisation)
        assert moved == after_quiet_hours(moved, organisation)
        assert timedelta(0) <= moved - moment <= timedelta(hours=5, minutes=45)


def test_without_quiet_hours_or_organisation_nothing_waits():
    moment = datetime(2026, 1, 1, 3, tzinfo=UTC)

    assert after_quiet_hours(moment, None) == moment
    assert after_quiet_hours(moment, Organisation(tz="UTC")) == moment


@pytest.fixture
def asleep(db, settings):
    """An organisation in its quiet hours, whatever the time: they began an hour ago and end in an hour."""
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "", "desk@example.org"
    now = database_now()
    begin, end = (now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time()
    return OrganisationFactory(tz="UTC", quiet_from=begin, quiet_until=end)


@pytest.mark.django_db(transaction=True)
def test_mail_waits_and_what_is_urgent_or_for_a_machine_does_not(asleep, broker):
    now = database_now()
    waiting, urgent = mail(organisation=asleep), mail(organisation=asleep, urgent=True)
    machine = hook("https://example.org/", organisation=asleep)

    assert timedelta(minutes=59) < waiting.not_before - now <= timedelta(minutes=60)
    assert urgent.not_before - now < timedelta(seconds=10) > machine.not_before - now


@pytest.mark.django_db(transaction=True)
def test_what_becomes_due_at_night_is_moved_and_costs_no_attempt(mailbox, broker):
    organisation = OrganisationFactory(tz="UTC")
    effect = mail(organisation=organisation)
    now = database_now()
    organisation.quiet_from, organisation.quiet_until = now.time(), (now + timedelta(hours=1)).time()
    organisation.save()
    assert effects_deliver() == {}

    effect.refresh_from_db()
    assert (effect.state, effect.attempts, effect.claimed_at, mailbox.mails) == (EffectState.PENDING, 0, None, [])
    assert effect.not_before == now + timedelta(hours=1)


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"quiet_from": time(22)}, {"quiet_from": time(7), "quiet_until": time(7)}])
def test_quiet_hours_have_two_ends(values):
    with pytest.raises(IntegrityError, match="quiet_hours_have_two_ends"):
        OrganisationFactory(**values)

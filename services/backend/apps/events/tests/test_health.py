"""What is stored is what is derived, or somebody hears of it."""

from datetime import timedelta

import pytest

from apps.events import services
from apps.events.health import look
from apps.events.models import Event
from apps.events.tests.factories import EventFactory
from core.clock import database_now
from core.health.report import health_report

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def untouched_for_an_hour() -> None:
    Event.objects.update(updated_at=database_now() - 60 * MINUTE)


def test_status_that_lags_behind_more_than_the_schedule_explains_is_named_until_it_is_written() -> None:
    now = database_now()
    EventFactory(starts_at=now - 16 * MINUTE)
    EventFactory(starts_at=now - 14 * MINUTE)
    untouched_for_an_hour()

    (finding,) = (finding for finding in health_report(now) if finding.subject == "events")

    assert finding.sentence.startswith("The status of 1 event lags behind the clock since ")
    assert finding.remedy == "docs/runbooks/events-behind.md"
    services.events_move_on()
    assert list(look(now)) == []


def test_hint_that_is_wrong_is_no_lag() -> None:
    EventFactory()
    untouched_for_an_hour()
    Event.objects.update(transition_at=database_now() - 60 * MINUTE)

    assert list(look(database_now())) == []


def test_event_that_was_over_when_it_was_entered_or_taken_back_is_no_lag_before_a_run_could_take_it() -> None:
    EventFactory(starts_at=database_now() - 60 * MINUTE)

    assert list(look(database_now())) == []
    untouched_for_an_hour()
    assert list(look(database_now())) != []

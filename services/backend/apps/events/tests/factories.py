"""Events for tests."""

from datetime import timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from apps.events.enums import Status
from apps.events.models import Event, Registration, Reminder
from core.clock import database_now
from core.organisations.tests.factories import OrganisationFactory


class EventFactory(DjangoModelFactory[Event]):
    """A confirmed event that begins in `starts_in` hours and lasts for `lasts` (None: it has no end)."""

    class Meta:
        model = Event

    class Params:
        starts_in = 24.0
        lasts: float | None = 2.0

    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"Event {n}")
    slug = factory.Sequence(lambda n: f"event-{n}")
    tz = "Europe/London"
    status = Status.CONFIRMED
    starts_at = factory.LazyAttribute(lambda made: database_now() + timedelta(hours=made.starts_in))
    end_date = factory.LazyAttribute(
        lambda made: None if made.lasts is None else made.starts_at + timedelta(hours=made.lasts)
    )

    @classmethod
    def _create(cls, model_class: type[Event], *args: Any, **kwargs: Any) -> Event:
        # Read again: the database's trigger has written the hints.
        return Event.objects.get(pk=super()._create(model_class, *args, **kwargs).pk)


class RegistrationFactory(DjangoModelFactory[Registration]):
    class Meta:
        model = Registration

    event = factory.SubFactory(EventFactory)
    email = factory.Sequence(lambda n: f"guest{n}@example.org")


class ReminderFactory(DjangoModelFactory[Reminder]):
    class Meta:
        model = Reminder

    event = factory.SubFactory(EventFactory)
    offset = timedelta(hours=1)

    @classmethod
    def _create(cls, model_class: type[Reminder], *args: Any, **kwargs: Any) -> Reminder:
        return Reminder.objects.get(pk=super()._create(model_class, *args, **kwargs).pk)


def status(event: Event) -> str:
    """Read the status that is stored now."""
    return str(Event.objects.values_list("status", flat=True).get(pk=event.pk))

"""Who comes: one registration per address and event, in any case of letters."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower

from apps.events.enums import OPEN, RegistrationState
from apps.events.models import Event, Registration
from apps.events.services.changes import event_lock
from apps.events.services.reminders import reminders_spare
from core.errors import NotFoundError, RefusedError
from core.organisations.models import Organisation


@transaction.atomic
def registration_add(*, organisation: Organisation, event_id: int, email: str) -> Registration:
    """Register the address, or again if it had withdrawn; one that is registered stays so."""
    event = event_lock(organisation=organisation, event_id=event_id)
    if event.effective_status not in OPEN:
        raise RefusedError(f"{event} is {event.effective_status}: nobody can register.")
    # The event's lock keeps two requests for one address apart.
    registration = _find(event, email) or Registration(event=event, email=email, user=_member(organisation, email))
    registration.state = RegistrationState.REGISTERED
    registration.save()
    return registration


@transaction.atomic
def registration_withdraw(*, organisation: Organisation, event_id: int, email: str) -> Registration:
    """Take the address off the list; a reminder that still waits to leave does not go to it."""
    event = event_lock(organisation=organisation, event_id=event_id)
    registration = _find(event, email)
    if registration is None:
        raise NotFoundError(f"{email} is not registered for {event}.")
    registration.state = RegistrationState.WITHDRAWN
    registration.save()
    reminders_spare(registration=registration)
    return registration


def _find(event: Event, email: str) -> Registration | None:
    # Both sides in the database's idea of lower case: that is the unique index.
    rows = Registration.objects.annotate(address=Lower("email"))
    return rows.filter(event=event, address=Lower(Value(email))).first()


def _member(organisation: Organisation, email: str) -> User | None:
    return User.objects.filter(memberships__organisation=organisation, email__iexact=email).first()

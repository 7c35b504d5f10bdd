"""Who comes to an event, and what reminds them. Addresses are shown to those who work with them, agents and owners."""

from datetime import timedelta

from django.http import HttpRequest
from ninja import Router, Status

from apps.events import selectors, services
from apps.events.api.events import read
from apps.events.api.schemas import EmailIn, RegistrationOut, ReminderIn, ReminderOut
from apps.events.models import Registration, Reminder
from core.organisations.auth import require
from core.organisations.enums import Role

router = Router(tags=["events"])


@router.get(
    "/events/{int:event_id}/registrations",
    response=list[RegistrationOut],
    summary="List who is registered, and who withdrew",
    operation_id="registration_list",
)
def registration_list(request: HttpRequest, event_id: int) -> list[Registration]:
    return selectors.registration_list(event=read(require(request, Role.AGENT), event_id))


@router.post(
    "/events/{int:event_id}/register",
    response=RegistrationOut,
    summary="Register an address, once in whatever case of letters",
    operation_id="event_register",
)
def event_register(request: HttpRequest, event_id: int, data: EmailIn) -> Registration:
    organisation = require(request, Role.AGENT).organisation
    return services.registration_add(organisation=organisation, event_id=event_id, email=data.email)


@router.post(
    "/events/{int:event_id}/unregister",
    response=RegistrationOut,
    summary="Withdraw an address",
    operation_id="event_unregister",
)
def event_unregister(request: HttpRequest, event_id: int, data: EmailIn) -> Registration:
    organisation = require(request, Role.AGENT).organisation
    return services.registration_withdraw(organisation=organisation, event_id=event_id, email=data.email)


@router.get(
    "/events/{int:event_id}/reminders",
    response=list[ReminderOut],
    summary="List an event's reminders",
    operation_id="reminder_list",
)
def reminder_list(request: HttpRequest, event_id: int) -> list[Reminder]:
    return list(read(require(request, Role.VIEWER), event_id).reminders.all())


@router.post(
    "/events/{int:event_id}/reminders",
    response={201: ReminderOut},
    summary="Remind everybody who is registered, so long before the event",
    operation_id="reminder_create",
)
def reminder_create(request: HttpRequest, event_id: int, data: ReminderIn) -> Status[Reminder]:
    organisation, offset = require(request, Role.AGENT).organisation, timedelta(minutes=data.minutes_before)
    made = services.reminder_add(organisation=organisation, event_id=event_id, offset=offset, template=data.template)
    return Status(201, made)


@router.delete(
    "/events/{int:event_id}/reminders/{int:reminder_id}",
    response={204: None},
    summary="Remove a reminder",
    operation_id="reminder_delete",
)
def reminder_delete(request: HttpRequest, event_id: int, reminder_id: int) -> Status[None]:
    organisation = require(request, Role.AGENT).organisation
    services.reminder_remove(organisation=organisation, event_id=event_id, reminder_id=reminder_id)
    return Status(204, None)

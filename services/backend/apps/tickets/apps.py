from django.apps import AppConfig
from django.core.checks import register

from apps.tickets.checks import archive_threshold_is_sound


class TicketsConfig(AppConfig):
    name = "apps.tickets"
    label = "tickets"
    # Title, icon and page of each line in the admin's menu.
    menu = (("Tickets", "confirmation_number", "tickets_ticket"), ("Boards", "view_kanban", "tickets_board"))

    def ready(self) -> None:
        register(archive_threshold_is_sound)

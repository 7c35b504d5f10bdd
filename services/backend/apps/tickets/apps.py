from django.apps import AppConfig
from django.core.checks import register

from apps.tickets.checks import archive_threshold_is_sound


class TicketsConfig(AppConfig):
    name = "apps.tickets"
    label = "tickets"

    def ready(self) -> None:
        register(archive_threshold_is_sound)

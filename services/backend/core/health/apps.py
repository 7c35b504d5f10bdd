from django.apps import AppConfig
from django.core.checks import register

from core.health.checks import alert_addresses_are_usable


class HealthConfig(AppConfig):
    name = "core.health"
    label = "health"

    def ready(self) -> None:
        register(alert_addresses_are_usable)

from django.apps import AppConfig
from django.core.checks import register

from core.effects.checks import webhook_secret_is_usable


class EffectsConfig(AppConfig):
    name = "core.effects"
    label = "effects"

    def ready(self) -> None:
        register(webhook_secret_is_usable)

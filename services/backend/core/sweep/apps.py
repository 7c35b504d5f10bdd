from django.apps import AppConfig


class SweepConfig(AppConfig):
    """Has no tables; installed so that the worker finds its task."""

    name = "core.sweep"
    label = "sweep"

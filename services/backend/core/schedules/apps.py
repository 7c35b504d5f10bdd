from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SchedulesConfig(AppConfig):
    name = "core.schedules"
    label = "schedules"

    def ready(self) -> None:
        """Find each app's `jobs`, as Django finds `admin`."""
        autodiscover_modules("jobs")

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import pre_delete
from django.utils.module_loading import autodiscover_modules


class SchedulesConfig(AppConfig):
    name = "core.schedules"
    label = "schedules"

    def ready(self) -> None:
        """Find each app's `jobs`, as Django finds `admin`."""
        autodiscover_modules("jobs")
        from core.schedules import checks  # noqa: PLC0415  # its rules read models
        from core.schedules.services.delete import schedule_hold  # noqa: PLC0415  # it reads models

        pre_delete.connect(schedule_hold, sender="schedules.Schedule")
        register(checks.schedules_are_sound, checks.TAG)
        register(checks.edited_schedules_are_sound, checks.TAG, Tags.database)

"""Admin pages of django-celery-beat and django-celery-results, in the same look as the others."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.postgres.functions import TransactionNow
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import localize
from django_celery_beat import admin as beat
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from django_celery_results.models import GroupResult, TaskResult
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.schedules.jobs import next_crontab_run
from core.schedules.services import crontab_fields

for model in (ClockedSchedule, CrontabSchedule, GroupResult, IntervalSchedule, PeriodicTask, SolarSchedule, TaskResult):
    admin.site.unregister(model)


class TaskSelectWidget(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    pass


class PeriodicTaskForm(beat.PeriodicTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelectWidget()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):
    """Says in words when a task runs, when it did and will, and what a deploy finds changed."""

    form = PeriodicTaskForm
    list_display = ["name", "enabled", "words", "last_run_at", "next_run", "standing"]
    list_filter = ["enabled"]
    date_hierarchy = None
    readonly_fields = ["last_run_at", "next_run", "standing", "crontab_translation"]
    fieldsets = [
        (None, {"fields": ["name", "description", "enabled", "standing"]}),
        ("When", {"fields": ["crontab", "crontab_translation", "last_run_at", "next_run"]}),
        ("What", {"fields": ["regtask", "task", "args", "kwargs"]}),
        (
            "Another kind of schedule, instead of a crontab",
            {"fields": ["interval", "clocked", "solar", "start_time", "one_off"], "classes": ["collapse"]},
        ),
        (
            "How it is sent",
            {
                "fields": ["queue", "expire_seconds", "expires", "priority", "exchange", "routing_key", "headers"],
                "classes": ["collapse"],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PeriodicTask]:
        tasks = super().get_queryset(request)
        said: QuerySet[PeriodicTask] = tasks.select_related("declared").annotate(now=TransactionNow())
        return said

    @admin.display(description="runs")
    def words(self, task: PeriodicTask) -> str:
        return str(task.crontab.human_readable if task.crontab else task.scheduler)

    @admin.display(description="next run", empty_value="-")
    def next_run(self, task: PeriodicTask) -> str | None:
        now: datetime | None = getattr(task, "now", None)
        if now is None or not task.enabled or task.crontab is None:
            return None
        return localize(next_crontab_run(crontab_fields(task.crontab), str(task.crontab.timezone), now))

    @admin.display(description="against the code", empty_value="-")
    def standing(self, task: PeriodicTask) -> str:
        """Say what the last deploy found; an edit made since is found by the next."""
        declared = getattr(task, "declared", None)
        if declared is None:
            return "made here: a deploy leaves it alone"
        if declared.orphaned_at:
            return f"the code declares it no more since {localize(declared.orphaned_at)}"
        return f"a deploy keeps your {', '.join(declared.edited)}" if declared.edited else "as declared"


class PopUpAdmin(ModelAdmin):
    """Opened from a schedule's form, and so not in the index."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(beat.CrontabScheduleAdmin, PopUpAdmin):
    pass


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(PopUpAdmin):
    pass


@admin.register(SolarSchedule)
class SolarScheduleAdmin(PopUpAdmin):
    pass


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(beat.ClockedScheduleAdmin, PopUpAdmin):
    pass


@admin.register(TaskResult)
class TaskResultAdmin(ModelAdmin):
    """What the workers did; nobody adds or edits it."""

    list_display = ["date_done", "periodic_task_name", "task_name", "state", "outcome", "seconds", "worker"]
    list_filter = ["status", "periodic_task_name"]
    search_fields = ["task_name", "task_id"]
    ordering = ["-date_done"]
    fieldsets = [
        (None, {"fields": ["task_name", "periodic_task_name", "status", "result", "traceback"]}),
        ("When and where", {"fields": ["date_created", "date_started", "date_done", "worker"]}),
        ("As sent", {"fields": ["task_id", "task_args", "task_kwargs", "meta"]}),
    ]

    @display(  # type: ignore[untyped-decorator]
        description="state",
        ordering="status",
        label={"SUCCESS": "success", "FAILURE": "danger", "RETRY": "warning", "STARTED": "info"},
    )
    def state(self, row: TaskResult) -> str:
        return str(row.status)

    @admin.display(description="result", empty_value="-")
    def outcome(self, row: TaskResult) -> str | None:
        return row.result[:120] if row.result else None

    @admin.display(description="took (s)", empty_value="-")
    def seconds(self, row: TaskResult) -> str | None:
        started: datetime | None = getattr(row, "date_started")  # noqa: B009  # the stubs do not know it yet
        return f"{(row.date_done - started).total_seconds():.2f}" if started else None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: TaskResult | None = None) -> bool:
        return False

"""Admin pages of django-celery-beat and django-celery-results, in the same look as the others."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.postgres.functions import TransactionNow
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_celery_beat import admin as beat
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from django_celery_results.models import GroupResult, TaskResult
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.audit.services import audit_write
from core.overview.operated import OperatingAdmin, bulk_actions
from core.overview.verbs import Operating, Verb, operator_of
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.schedules.errors import ScheduleRefusedError
from core.schedules.models import Schedule
from core.schedules.selectors import next_run_get
from core.schedules.services import schedule_disable, schedule_enable, schedule_run_now

MISSED_WITHIN = timedelta(days=7)
OPERATING = Operating(
    "task",
    (
        Verb(
            "run_now",
            "Run now",
            "Asked for",
            partial(schedule_run_now, trigger=Trigger.ADMIN),
            lambda task: True,
        ),
        Verb("disable", "Pause", "Paused", schedule_disable, lambda task: task.enabled),
        Verb("enable", "Resume", "Resumed", schedule_enable, lambda task: not task.enabled),
    ),
    ScheduleRefusedError,
    lambda run: reverse("admin:runs_run_change", args=[run.pk]),
)

for model in (ClockedSchedule, CrontabSchedule, GroupResult, IntervalSchedule, PeriodicTask, SolarSchedule, TaskResult):
    admin.site.unregister(model)


class TaskSelectWidget(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    pass


class PeriodicTaskForm(beat.PeriodicTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelectWidget()


class PromiseInline(StackedInline):
    """What is known of the schedule beside django-celery-beat's row; the row itself is made by a deploy or by beat."""

    model = Schedule
    verbose_name_plural = "promises"
    fields = ["start_grace_seconds", "catch_up", "run_limit_seconds", "min_seconds", "min_changed", "snoozed_until"]
    can_delete = False
    hide_title = True

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.null:
            field.required = False
        return field

    def has_add_permission(self, request: HttpRequest, obj: PeriodicTask | None = None) -> bool:
        return False


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(OperatingAdmin, beat.PeriodicTaskAdmin):
    """Says in words when a task runs, when it did and will, and what a deploy finds changed."""

    operating = OPERATING
    actions = bulk_actions(OPERATING)
    form = PeriodicTaskForm
    inlines = [PromiseInline]
    list_display = ["name", "enabled", "words", "next_run", "last_run", "missed", "standing"]
    list_filter = ["enabled"]
    date_hierarchy = None
    readonly_fields = ["last_run", "missed", "next_run", "standing", "crontab_translation"]
    fieldsets = [
        (None, {"fields": ["name", "description", "enabled", "standing"]}),
        ("When", {"fields": ["crontab", "crontab_translation", "next_run", "last_run", "missed"]}),
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
        """Read each one's newest slot, and the newest missed one of a week, from the end of the index of slots."""
        tasks = super().get_queryset(request)
        slots = Run.objects.filter(schedule=OuterRef("declared__pk"), slot__isnull=False).order_by("-slot")
        lately = slots.filter(slot__gte=TransactionNow() - MISSED_WITHIN, state=State.MISSED)
        said: QuerySet[PeriodicTask] = tasks.select_related("declared", "clocked").annotate(
            now=TransactionNow(),
            last_id=Subquery(slots.values("pk")[:1]),
            last_state=Subquery(slots.values("state")[:1]),
            last_slot=Subquery(slots.values("slot")[:1]),
            missed_slot=Subquery(lately.values("slot")[:1]),
        )
        return said

    def about(self, task: PeriodicTask) -> dict[str, Any]:
        return {
            "story": f"{self.words(task)}. Next run: {self.next_run(task)}. Against the code: {self.standing(task)}."
        }

    @admin.display(description="runs")
    def words(self, task: PeriodicTask) -> str:
        return str(task.crontab.human_readable if task.crontab else task.scheduler)

    @admin.display(description="next run", empty_value="-")
    def next_run(self, task: PeriodicTask) -> str | None:
        """Say when, also on the clock of its own zone; or why not."""
        now: datetime | None = getattr(task, "now", None)
        if now is None:
            return None
        if not task.enabled:
            return "none: it is switched off"
        at = next_run_get(task=task, now=now)
        if at is None:
            return "none: no slot of it lies ahead, or nobody can tell when"
        zone = str(task.crontab.timezone) if task.crontab else "UTC"
        local = f" ({at.astimezone(ZoneInfo(zone)):%a %H:%M} {zone})" if zone != "UTC" else ""
        return localize(at) + local

    @admin.display(description="last slot", empty_value="-")
    def last_run(self, task: PeriodicTask) -> SafeString | None:
        key, state, slot = (getattr(task, name, None) for name in ("last_id", "last_state", "last_slot"))
        if key is None:
            return None
        link = reverse("admin:runs_run_change", args=[key])
        return format_html('{} <a class="text-link underline" href="{}">{}</a>', localize(slot), link, state)

    @admin.display(description="missed in 7 days", empty_value="-")
    def missed(self, task: PeriodicTask) -> str | None:
        slot = getattr(task, "missed_slot", None)
        return localize(slot) if slot else None

    def log_change(self, request: HttpRequest, obj: PeriodicTask, message: Any) -> Any:
        audit_write(operator=operator_of(request), verb="schedule.edit", subject=obj, key=obj.name, changed=message)
        return super().log_change(request, obj, message)

    @admin.display(description="against the code", empty_value="-")
    def standing(self, task: PeriodicTask) -> str:
        """Say what the last deploy found; an edit made since is found by the next."""
        declared = getattr(task, "declared", None)
        if declared is not None and declared.off_at:
            return f"its app is not in MODULES since {localize(declared.off_at)}"
        if declared is None or not declared.declared:
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

"""A job that is declared for the first time: make its schedule, or take over one that was made by hand."""

from django_celery_beat.models import PeriodicTask

from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.services.values import OF_THE_SCHEDULE, current, declared, summary, write


def schedule_add(spec: JobSpec) -> str:
    """Adopt a periodic task of the same name as it is (its differences count as edits), else make one."""
    existing = PeriodicTask.objects.select_related("crontab").filter(name=spec.key).first()
    if existing is not None:
        return schedule_adopt(Schedule(periodic_task=existing, key=spec.key), spec)
    schedule = Schedule(periodic_task=PeriodicTask(name=spec.key, description=spec.description), key=spec.key)
    schedule.synced = declared(spec)
    write(schedule, schedule.synced)
    return f"{spec.key}: added"


def schedule_adopt(schedule: Schedule, spec: JobSpec) -> str:
    """Keep what was set by hand: the whole of the periodic task, and of its limits what is not as a new one's."""
    wanted, found, new = declared(spec), current(schedule), current(Schedule(periodic_task=PeriodicTask()))
    untouched = {name for name in OF_THE_SCHEDULE if found[name] == new[name]}
    edited = [name for name in wanted if found[name] != wanted[name] and name not in untouched]
    schedule.declared, schedule.synced, schedule.edited = True, wanted, edited
    write(schedule, {name: wanted[name] for name in untouched})
    return f"{spec.key}: adopted; {summary([], edited)}" if edited else f"{spec.key}: added"

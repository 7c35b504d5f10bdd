"""What Celery is told, where its own default would be another one, or where somebody relies on ours."""

import pytest

from config.celery import app

TOLD = {
    "accept_content": ["json"],
    "task_serializer": "json",
    "result_serializer": "json",
    "timezone": "UTC",
    "enable_utc": True,
    "task_track_started": True,
    "task_time_limit": 1800,
    "task_soft_time_limit": 1500,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 1000,
    "worker_hijack_root_logger": False,
    "beat_scheduler": "core.schedules.scheduler:SlotScheduler",
}


@pytest.mark.parametrize(("name", "value"), TOLD.items(), ids=TOLD)
def test_celery_is_told(name: str, value: object) -> None:
    assert app.conf[name] == value


def test_no_schedule_stands_in_the_code_or_in_a_file() -> None:
    """beat reads the database alone: there is no celerybeat-schedule to remove."""
    assert app.conf.beat_schedule == {}

"""The faults of the systems that this product replaces, written down as they were: the linter finds every one."""

from types import SimpleNamespace

import pytest
from celery import Celery
from celery.schedules import crontab

from core.schedules.checks import OF_CODE, OF_ENTRIES, messages, own_facts
from core.schedules.jobs import JobSpec
from core.schedules.lint.facts import facts

SETTINGS = {
    # A14: a schedule in the settings, which DatabaseScheduler writes over what operators edited.
    "CELERY_BEAT_SCHEDULE": {"archive-old-done-tickets": {"task": "tickets.archive", "schedule": crontab(minute=0)}},
    # B31: no CELERY_WORKER_PREFETCH_MULTIPLIER, with tasks of half an hour.
    "CELERY_TASK_TIME_LIMIT": 1800,
    # C4 and C5: the cache in the broker's database.
    "CELERY_BROKER_URL": "redis://127.0.0.1:6379/1",
    "CACHES": {"default": {"LOCATION": "redis://127.0.0.1:6379/1"}},
    # C20: routes by module, which match no task that was given a name.
    "CELERY_TASK_ROUTES": {"background_tasks.report_tasks.*": {"queue": "report_queue"}},
    # C21: queues under names that Celery has given up.
    "CELERY_QUEUES": ("default", "high_priority", "low_priority"),
    "CELERY_DEFAULT_QUEUE": "default",
    # C38: children that were to be recycled, and were not.
    "CELERYD_MAX_TASKS_PER_CHILD": 100,
}
# What Celery understands of it.
UNDERSTOOD = ("CELERY_BEAT_SCHEDULE", "CELERY_TASK_TIME_LIMIT", "CELERY_BROKER_URL", "CELERY_TASK_ROUTES")
TASKS = (
    "send_generated_report_on_mail",
    "tickets.archive",
    "app.tasks.recompute_all_discounts",
    # D7: written, registered, and scheduled by nobody.
    "cleanup_failed_tasks",
    "health_check_tasks",
)
JOBS = [
    # C14: */27 fires at :00, :27 and :54.
    JobSpec(
        key="send_report_genererated_on_mail",
        task="send_generated_report_on_mail",
        crontab="*/27 * * * *",
        expire_seconds=300,
        queue="email_queue",
    ),
    # E6: a queue that nothing declares.
    JobSpec(
        key="recompute-all-discounts",
        task="app.tasks.recompute_all_discounts",
        crontab="0 * * * *",
        expire_seconds=3300,
        queue="discounts",
    ),
]
# D19: the general worker names no queues.
WORKER_TYPES = {"ml": {"queues": ("ml_tasks",), "prefetch": 1}, "general": {"queues": (), "prefetch": 4}}

FOUND = {
    "A14": ("schedules.E009", "CELERY_BEAT_SCHEDULE declares archive-old-done-tickets"),
    "B31": ("schedules.W012", "CELERY_WORKER_PREFETCH_MULTIPLIER is not set"),
    "C5": ("schedules.E008", "CELERY_BROKER_URL and CACHES['default'] are one Redis database"),
    "C14": ("schedules.W002", "*/27 of the minute fires at 0, 27, 54: 27 apart, but 6 where it comes round"),
    "C14, overlap": ("schedules.W005", "'send_report_genererated_on_mail' may take 1800 s and is due every 360 s"),
    "C20": ("schedules.W015", "to 'report_queue' matches no registered task"),
    "C20, consumer": ("schedules.E003", "'report_queue', which is not declared"),
    "C21": ("schedules.W013", "CELERY_QUEUES is no setting of Celery"),
    "C21, default": ("schedules.W013", "CELERY_DEFAULT_QUEUE is no setting of Celery"),
    "C38": ("schedules.W013", "CELERYD_MAX_TASKS_PER_CHILD is no setting of Celery"),
    "D7": ("schedules.W014", "The task 'cleanup_failed_tasks' is a chore by its name"),
    "D7, health": ("schedules.W014", "The task 'health_check_tasks' is a chore by its name"),
    "D19": ("schedules.E016", "The worker type 'general' names no queues"),
    "E6": ("schedules.E003", "'discounts', which is not declared"),
}


def chore() -> None:
    pass


@pytest.fixture(scope="module")
def told():
    own_facts()  # Our own tasks join any app that there is, and warn of a name that is taken.
    app = Celery("source", set_as_current=False)
    app.conf.update({name.removeprefix("CELERY_").lower(): SETTINGS[name] for name in UNDERSTOOD})
    for name in set(TASKS) - app.tasks.keys():
        app.task(name=name)(chore)
    settings = SimpleNamespace(**SETTINGS)
    return messages(facts(app=app, settings=settings, jobs=JOBS, worker_types=WORKER_TYPES), (*OF_ENTRIES, *OF_CODE))


@pytest.mark.parametrize("fault", FOUND)
def test_the_fault_is_found(told, fault):
    id, words = FOUND[fault]

    assert [message.msg for message in told if message.id == id and words in message.msg] != []


def test_each_ignored_name_is_told_by_the_name_to_write_instead(told):
    hints = {message.msg.split()[0]: message.hint for message in told if message.id == "schedules.W013"}

    assert hints == {
        "CELERYD_MAX_TASKS_PER_CHILD": "Write CELERY_WORKER_MAX_TASKS_PER_CHILD.",
        "CELERY_DEFAULT_QUEUE": "Write CELERY_TASK_DEFAULT_QUEUE.",
        "CELERY_QUEUES": "Write CELERY_TASK_QUEUES.",
    }

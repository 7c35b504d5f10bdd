"""The schedule linter finds each fault, and nothing in what this project declares."""

from dataclasses import replace

import pytest
from django.core.checks import Error, Info, Warning, run_checks
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from core.clock import database_now
from core.schedules.checks import OF_CODE, OF_ENTRIES, TAG, messages, own_facts, schedule_problems
from core.schedules.jobs import JobSpec, declared_jobs
from core.schedules.lint.facts import Facts, WorkerType, declared_entry
from core.schedules.services import schedules_sync

ARCHIVE = "tickets.tasks.archive_old_done_tickets"


@pytest.fixture
def sound() -> Facts:
    return own_facts()


def found(facts: Facts) -> set[str]:
    return {message.id for message in messages(facts, (*OF_ENTRIES, *OF_CODE))}


def entry(crontab: str = "0 * * * *", **values):
    declared = declared_entry(JobSpec(key="water", task=ARCHIVE, crontab=crontab, expire_seconds=60))
    return replace(declared, **values)


def added(facts: Facts, *entries) -> Facts:
    return replace(facts, entries=(*facts.entries, *entries))


def task(facts: Facts, **values) -> Facts:
    return replace(facts, tasks={**facts.tasks, ARCHIVE: replace(facts.tasks[ARCHIVE], **values)})


FAULTS = {
    "schedules.E001": lambda facts: added(facts, entry(task="plants.watre")),
    "schedules.W002": lambda facts: added(facts, entry("*/27 * * * *")),
    "schedules.E003": lambda facts: added(facts, entry(queue="nobodys")),
    "schedules.E004": lambda facts: added(facts, entry(expire_seconds=3600)),
    "schedules.W005": lambda facts: added(facts, entry("*/30 * * * *")),
    "schedules.E006": lambda facts: task(facts, limit_seconds=facts.visibility_seconds),
    "schedules.E007": lambda facts: task(facts, ledger=False, retry_seconds=facts.visibility_seconds),
    "schedules.E008": lambda facts: replace(facts, redis_roles={"one": "redis://a/1", "two": "redis://:x@a:6379/1"}),
    "schedules.E009": lambda facts: replace(facts, beat_schedule=("water",)),
    "schedules.W011": lambda facts: added(
        facts, entry(run_limit_seconds=600), entry("0 3 * * *", key="feed", run_limit_seconds=900)
    ),
    "schedules.W012": lambda facts: added(facts, entry(run_limit_seconds=600)),
    "schedules.W013": lambda facts: replace(facts, setting_names=facts.setting_names | {"CELERYD_CONCURRENCY"}),
    "schedules.W014": lambda facts: replace(facts, entries=()),
    "schedules.W015": lambda facts: replace(facts, routes={"apps.tickets.tasks.*": "default"}),
    "schedules.E016": lambda facts: replace(facts, worker_types={**facts.worker_types, "spare": WorkerType((), 1)}),
}


def test_this_project_has_no_fault(sound):
    assert messages(sound, (*OF_ENTRIES, *OF_CODE)) == []


@pytest.mark.parametrize("id", FAULTS)
def test_each_fault_is_found_and_comes_with_a_hint(sound, id):
    faulty = messages(FAULTS[id](sound), (*OF_ENTRIES, *OF_CODE))

    assert id in {message.id for message in faulty}
    assert all(message.hint and message.msg.endswith(".") for message in faulty)


def test_a_message_that_never_expires_piles_up(sound):
    assert found(added(sound, entry(expire_seconds=None))) == {"schedules.E004"}


@pytest.mark.parametrize(
    ("crontab", "uneven"),
    [
        ("*/7 * * * *", True),
        ("0 */5 * * *", True),
        ("0 0 */2 * *", True),
        ("*/15 * * * *", False),
        ("5-59/15 * * * *", False),
        ("0 8-18/2 * * *", False),
        ("0,27,54 * * * *", False),
        ("3 3,16 * * *", False),
    ],
)
def test_a_step_is_uneven_when_it_does_not_come_round(sound, crontab, uneven):
    assert ("schedules.W002" in found(added(sound, entry(crontab)))) == uneven


@pytest.mark.parametrize("trait", ["singleton", "concurrent"])
def test_a_task_that_may_not_or_may_well_overlap_is_left_in_peace(sound, trait):
    assert found(added(task(sound, **{trait: True}), entry("*/30 * * * *"))) == set()


def test_a_run_on_record_may_wait_as_long_as_its_policy_says(sound):
    assert found(task(sound, ledger=True, retry_seconds=10 * sound.visibility_seconds)) == set()


def test_messages_are_sent_ahead_by_less_than_redis_keeps_them(sound):
    assert "schedules.E007" in found(replace(sound, visibility_seconds=30))


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (("0 2 * * *", "UTC"), ("0 2 * * *", "Europe/London"), True),
        (("0 2 * * *", "UTC"), ("0 2 * * *", "Asia/Tokyo"), False),
        (("0 0 * * 1", "UTC"), ("0 0 * * 2", "UTC"), False),
        (("0 0 1 * *", "UTC"), ("*/30 * * * *", "America/New_York"), True),
    ],
)
def test_heavy_tasks_meet_in_a_minute_in_whatever_zones(sound, first, second, together):
    entries = [entry(crontab, zone=zone, key=crontab, run_limit_seconds=600) for crontab, zone in (first, second)]

    assert ("schedules.W011" in found(added(sound, *entries))) == together


@pytest.fixture
def edited() -> PeriodicTask:
    """Sync the schedules, and hand one over to be edited."""
    schedules_sync(specs=declared_jobs(), now=database_now())
    return PeriodicTask.objects.get(task=ARCHIVE)


@pytest.mark.django_db
def test_schedules_as_the_code_declares_them_have_no_problem(edited):
    assert schedule_problems() == []


@pytest.mark.django_db
def test_what_an_operator_edited_is_a_warning_that_stops_no_deploy(edited):
    edited.crontab, _ = CrontabSchedule.objects.get_or_create(minute="*/27", timezone="UTC")
    edited.task, edited.queue = "tickets.tasks.archive", "slow"
    edited.save()
    schedules_sync(specs=declared_jobs(), now=database_now())

    problems = schedule_problems()

    assert [type(problem) for problem in problems] == [Warning] * 4 + [Info]
    assert [problem.id.removeprefix("schedules.") for problem in problems] == ["E001", "W002", "E004", "E003", "I010"]
    call_command("check", databases=["default"], tags=[TAG])


@pytest.mark.django_db
def test_what_is_switched_off_is_not_judged(edited):
    edited.task, edited.enabled = "gone", False
    edited.save()

    assert schedule_problems() == []


def test_without_a_database_only_the_code_is_judged():
    assert run_checks(tags=[TAG]) == []


def test_errors_are_the_codes_alone(sound):
    assert [type(message) for message in messages(FAULTS["schedules.E001"](sound), OF_ENTRIES)] == [Error]

"""Schedules through the API: everybody reads them, the installation's staff change them, on record."""

from datetime import datetime, timedelta

import pytest
from django_celery_beat.models import PeriodicTask

from apps.tickets.jobs import JOBS
from core.audit.models import Audit
from core.clock import database_now
from core.runs.enums import State, Trigger
from core.runs.models import Run
from core.runs.tests.factories import run_make
from core.schedules.jobs import JobSpec
from core.schedules.models import Schedule
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db
SPEC = JobSpec("water", "plants.water", "0 * * * *", 3300, "Water the plants.", zone="Europe/London")
WRITES = [("PATCH", ""), ("POST", "/run-now"), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/snooze")]


@pytest.fixture(autouse=True)
def synced() -> None:
    schedules_sync(specs=[SPEC, *JOBS], now=database_now())


def audited() -> list[tuple[str, str]]:
    return list(Audit.objects.order_by("id").values_list("actor_name", "verb"))


def test_everybody_reads_when_and_how_it_went_but_not_with_what(viewer, staff):
    PeriodicTask.objects.filter(name="water").update(kwargs='{"litres": 2, "password": "x"}')
    run_make(State.FAILED, schedule=Schedule.objects.get(key="water"), slot="2026-11-21T12:00Z")

    read, all_of_it = (call("GET", "/schedules/water").json() for call in (viewer, staff))

    assert (read["key"], read["task"], read["enabled"], read["kwargs"]) == ("water", "plants.water", True, None)
    assert (read["last_slot"], read["last_state"]) == ("2026-11-21T12:00:00Z", "FAILED")
    assert all_of_it["kwargs"] == {"litres": 2, "password": "[hidden]"}
    assert read in viewer("GET", "/schedules").json()


def test_the_next_times_are_told(viewer):
    times = viewer("GET", "/schedules/water/next?n=3").json()

    assert len(times) == 3
    assert times == sorted(times)
    assert all(time.endswith(":00:00Z") for time in times)
    assert viewer("GET", "/schedules/water/next?n=101").status_code == 422


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_only_staff_change_a_schedule(owner, method, path):
    answer = owner(method, f"/schedules/water{path}")

    assert answer.status_code in (403, 422)
    assert (Run.objects.count(), audited()) == (0, [])


@pytest.mark.parametrize(("method", "path"), [*WRITES, ("GET", ""), ("GET", "/next"), ("GET", "/preview")])
@pytest.mark.parametrize("key", ["none", "%00"])
def test_a_schedule_that_is_not_there_is_not_found(staff, method, path, key):
    body = {"PATCH": {"enabled": True}, "POST/snooze": {"until": None}}
    answer = staff(method, f"/schedules/{key}{path}", **body.get(method + path, {}))

    assert answer.status_code == 404


def test_a_run_now_is_accepted_once_per_key(staff):
    answers = [staff("POST", "/schedules/water/run-now", {"Idempotency-Key": "monday"}) for _ in range(2)]

    run = Run.objects.get()
    assert [answer.status_code for answer in answers] == [202, 202]
    assert {answer.headers["Location"] for answer in answers} == {f"/api/v1/tasks/status/{run.id}"}
    assert (run.name, run.trigger, run.schedule.key, run.slot) == ("plants.water", Trigger.API, "water", None)
    assert audited() == [("chief", "schedule.run-now")]


def test_a_key_of_another_schedules_run_is_refused(staff):
    key = {"Idempotency-Key": "monday"}
    staff("POST", "/schedules/water/run-now", key)

    answer = staff("POST", "/schedules/archive-old-done-tickets/run-now", key)

    assert (answer.status_code, Run.objects.count()) == (422, 1)


def test_a_schedule_is_paused_and_resumed(staff):
    off = staff("POST", "/schedules/water/pause").json()
    on = staff("POST", "/schedules/water/resume").json()

    assert (off["enabled"], off["next_run"], on["enabled"]) == (False, None, True)
    assert audited() == [("chief", "schedule.disable"), ("chief", "schedule.enable")]


def test_a_snooze_leaves_slots_out_and_ends_by_itself_or_when_it_is_woken(staff):
    tomorrow = (database_now() + timedelta(days=1)).replace(minute=30, second=0, microsecond=0)
    asleep = staff("POST", "/schedules/water/snooze", until=tomorrow.isoformat()).json()
    awake = staff("POST", "/schedules/water/snooze", until=None).json()

    assert (asleep["enabled"], datetime.fromisoformat(asleep["snoozed_until"])) == (True, tomorrow)
    assert datetime.fromisoformat(asleep["next_run"]) == tomorrow + timedelta(minutes=30)
    assert datetime.fromisoformat(awake["next_run"]) < tomorrow
    assert datetime.fromisoformat(awake["snoozed_until"]) <= database_now()
    assert audited() == [("chief", "schedule.snooze")] * 2


@pytest.mark.parametrize("until", ["2026-12-27", "2026-12-27T06:00:00", 5, "0001-01-01T00:00:00+14:00"])
def test_a_snooze_until_no_certain_time_is_refused(staff, until):
    assert staff("POST", "/schedules/water/snooze", until=until).status_code == 422


def test_to_wake_what_is_awake_changes_nothing(staff):
    for until in (None, "2020-01-01T00:00:00Z"):
        assert staff("POST", "/schedules/water/snooze", until=until).json()["snoozed_until"] is None

    assert audited() == []


def test_an_edit_is_on_record_and_kept_by_a_deploy(staff):
    change = {"crontab": "5 * * * *", "catch_up": "all", "start_grace_seconds": 60, "kwargs": {"litres": 3}}

    answer = staff("PATCH", "/schedules/water", **change)
    schedules_sync(specs=[SPEC, *JOBS], now=database_now())

    read = staff("GET", "/schedules/water").json()
    assert answer.status_code == 200
    assert (read["catch_up"], read["start_grace_seconds"], read["kwargs"]) == ("all", 60, {"litres": 3})
    assert read["next_run"].endswith(":05:00Z")
    assert sorted(read["edited"]) == ["catch_up", "kwargs", "start_grace_seconds", "timing"]
    assert audited() == [("chief", "schedule.edit")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"crontab": "99 * * * *"}, "99"),
        ({"crontab": "*/5 * * * *"}, "expire_seconds is 3300"),
        ({"zone": "Europe/Atlantis"}, "there is no zone 'Europe/Atlantis'"),
        ({"expire_seconds": 0}, "expire_seconds"),
        ({"start_grace_seconds": True}, "start_grace_seconds: must be a whole number"),
        ({"kwargs": {"a": "\0"}}, "the NUL character cannot be stored"),
        ({"catch_up": "never"}, "catch_up"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_edit_is_refused_with_a_sentence(staff, change, said):
    answer = staff("PATCH", "/schedules/water", **change)

    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert audited() == []


def test_what_the_code_declares_no_more_is_not_resumed(staff):
    schedules_sync(specs=JOBS, now=database_now())

    answer = staff("POST", "/schedules/water/resume")

    assert (answer.status_code, answer.json()["detail"].partition(",")[0]) == (
        409,
        "The code declares 'water' no more",
    )


def test_a_preview_needs_a_sweep(viewer):
    assert viewer("GET", "/schedules/water/preview").status_code == 409
    seen = viewer("GET", "/schedules/archive-old-done-tickets/preview").json()
    assert (seen["count"], seen["rows"]) == (0, [])

"""What a rehearsal says: every slot in the schedule's local time and in UTC, and each change of the clocks."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_celery_beat.models import PeriodicTask

from core.audit.models import Audit
from core.clock import database_now
from core.runs.models import Run
from core.schedules.jobs import JobSpec
from core.schedules.services import schedules_sync

pytestmark = pytest.mark.django_db

LONDON = JobSpec("breakfast", "tests.breakfast", "30 1 * * *", 60, "", zone="Europe/London")
HOURLY = JobSpec("bells", "tests.bells", "0 * * * *", 60, "", zone="Europe/London")


def said(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def sync(*specs: JobSpec) -> None:
    schedules_sync(specs=specs, now=database_now())


def test_a_spring_night_is_told_slot_by_slot_with_the_change_of_the_clocks():
    sync(LONDON, HOURLY)

    shown = said("rehearse", "--from", "2027-03-28T00:00", "--to", "2027-03-28T03:00")

    assert shown.splitlines() == [
        "2027-03-28 00:00:00 UTC+00:00  2027-03-28 00:00:00Z  Europe/London  bells  tests.bells",
        "2027-03-28 02:00:00 UTC+01:00  2027-03-28 01:00:00Z  Europe/London"
        "  --- the clocks of Europe/London go forward from 01:00 to 02:00 (UTC+01:00) ---",
        "2027-03-28 02:00:00 UTC+01:00  2027-03-28 01:00:00Z  Europe/London  bells  tests.bells",
        "2027-03-28 02:00:00 UTC+01:00  2027-03-28 01:00:00Z  Europe/London  breakfast  tests.breakfast",
        "2027-03-28 03:00:00 UTC+01:00  2027-03-28 02:00:00Z  Europe/London  bells  tests.bells",
    ]


def test_an_autumn_night_in_json():
    sync(LONDON)

    lines = said("rehearse", "--from", "2027-10-31", "--to", "2027-10-31T03:00", "--json").splitlines()

    assert [(told["utc"], told.get("schedule")) for told in map(json.loads, lines)] == [
        ("2027-10-31T00:30:00+00:00", "breakfast"),
        ("2027-10-31T01:00:00+00:00", None),
    ]


def test_a_zone_of_ones_own_reads_and_shows_all_times():
    sync(LONDON)

    shown = said("rehearse", "--from", "2027-07-01", "--to", "2027-07-02", "--zone", "Asia/Tokyo")

    assert shown == "2027-07-01 09:30:00 UTC+09:00  2027-07-01 00:30:00Z  Asia/Tokyo  breakfast  tests.breakfast\n"


def test_what_is_switched_off_does_not_fire():
    sync(LONDON)
    PeriodicTask.objects.update(enabled=False)

    assert said("rehearse", "--from", "2027-07-01", "--to", "2027-07-02") == "Nothing fires between these times.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--from", "soon", "--to", "2027-01-01"], "--from soon is no time: write it as 2027-03-28"),
        (["--from", "2027-01-02", "--to", "2027-01-01"], "--to 2027-01-01 is not after --from 2027-01-02"),
        (["--from", "2027-01-01", "--to", "2027-01-02", "--zone", "Mars"], "There is no zone 'Mars'"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(words, sentence):
    with pytest.raises(CommandError, match=sentence):
        said("rehearse", *words)


def test_the_list_shows_when_each_runs_and_how_it_stands_to_the_code():
    sync(LONDON, HOURLY)
    PeriodicTask.objects.filter(name="bells").update(enabled=False)
    sync(LONDON, HOURLY)

    head, bells, breakfast = said("schedules").splitlines()

    assert head.split()[:2] == ["key", "runs"]
    assert bells.startswith("bells ")
    assert bells.endswith("no       edited: enabled")
    assert "At 01:30 AM" in breakfast
    assert breakfast.endswith("yes      as declared")


def test_the_list_as_json_has_the_newest_run():
    sync(LONDON)
    run = said("schedules", "--run-now", "breakfast").strip()

    (told,) = json.loads(said("schedules", "--json"))

    assert str(Run.objects.get().id) == run
    assert (told["key"], told["last_state"], told["zone"]) == ("breakfast", "QUEUED", "Europe/London")
    assert Audit.objects.get().actor_name == "manage.py schedules"


def test_a_schedule_is_switched_from_a_terminal():
    sync(LONDON)

    assert said("schedules", "--disable", "breakfast") == "breakfast: disabled\n"
    assert said("schedules", "--enable", "breakfast") == "breakfast: enabled\n"
    assert Audit.objects.count() == 2


def test_an_unknown_key_is_answered_with_those_there_are():
    sync(LONDON)

    with pytest.raises(CommandError, match="There is no schedule 'lunch'; known: breakfast"):
        said("schedules", "--enable", "lunch")

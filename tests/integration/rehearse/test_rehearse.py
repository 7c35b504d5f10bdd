"""What `rehearse` prints of the nights on which the clocks change is what the real beat then does, slot by slot."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.rehearse import faked
from tests.waiting import poll

LEAD = timedelta(minutes=50)
AFTER = timedelta(minutes=130)
CHANGES = {
    "London, spring": datetime(2027, 3, 28, 1, tzinfo=UTC),
    "New York, spring": datetime(2027, 3, 14, 7, tzinfo=UTC),
    "London, autumn": datetime(2027, 10, 31, 1, tzinfo=UTC),
    "New York, autumn": datetime(2027, 11, 7, 6, tzinfo=UTC),
}
# Hours and quarters follow real time. 01:30 is skipped in London and 02:30 in New York, in spring; in autumn 01:30
# comes twice in both.
SCHEDULES = """
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from core.schedules.services.plan import slots_plan
from core.schedules.models import Schedule
for zone in ("Europe/London", "America/New_York"):
    for minute, hour in (("0", "*"), ("*/15", "*"), ("30", "1"), ("30", "2"), ("0", "1-3")):
        when = CrontabSchedule.objects.create(minute=minute, hour=hour, timezone=zone)
        PeriodicTask.objects.create(name=f"{minute} {hour} {zone}", task="nobody.does", crontab=when, queue="nobodys")
slots_plan()
# A machine that is busy for a second is minutes late by this clock.
Schedule.objects.update(catch_up="all", start_grace_seconds=7200)
"""
# What came before this moment is not owed.
BEGIN = """
UPDATE django_celery_beat_periodictask SET date_changed = now(), last_run_at = NULL;
UPDATE schedules_schedule SET handled_until = NULL, times = '';
"""
SLOTS = """
SELECT r.slot, s.key, r.state FROM runs_run r JOIN schedules_schedule s ON s.id = r.schedule_id
WHERE r.slot IS NOT NULL ORDER BY r.slot, s.key
"""


# Each zone's quarters have come past the end; what is rarer was claimed before them, in order.
IS_OVER = """
SELECT count(DISTINCT s.key) = 2 FROM runs_run r JOIN schedules_schedule s ON s.id = r.schedule_id
WHERE s.key LIKE '*/15 %' AND r.slot >= '{end:%Y-%m-%d %H:%M:%SZ}'
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return faked.prepare(opened(tmp_path_factory.mktemp("k")), SCHEDULES)


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> datetime:
    return CHANGES[request.param]


@pytest.fixture
def desk(change: datetime, kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[faked.Desk]:
    # A socket's path has room for 107 characters only.
    with faked.at(change - LEAD, kept, opened(tmp_path_factory.mktemp("d"))) as started:
        yield started


def opened(directory: Path) -> Path:
    """Let a server that gave root up reach its files."""
    for parent in (directory, *list(directory.parents)[:2]):
        parent.chmod(0o711)
    return directory


@pytest.mark.timeout(600)
def test_the_real_beat_does_what_was_rehearsed(desk: faked.Desk, change: datetime):
    desk.sql(BEGIN)
    began, end = desk.now(), change + AFTER

    with desk.beat() as log:
        poll(lambda: desk.sql(IS_OVER.format(end=end))[0][0], what=f"the end of the night; see {log}", seconds=400)
        done = desk.sql(SLOTS)

    rehearsed = told(desk, began, end)
    assert [(slot, key) for slot, key, _ in done if slot < end] == rehearsed, log.read_text()[-3000:]
    assert [row for row in done if row[2] == "MISSED"] == []
    assert len(rehearsed) > 20
    assert "clocks" in desk.manage("rehearse", *stretch(began, end))


def told(desk: faked.Desk, began: datetime, end: datetime) -> list[tuple[datetime, str]]:
    lines = [json.loads(line) for line in desk.manage("rehearse", "--json", *stretch(began, end)).splitlines()]
    return [(datetime.fromisoformat(line["utc"]), line["schedule"]) for line in lines if "schedule" in line]


def stretch(began: datetime, end: datetime) -> list[str]:
    return ["--from", began.isoformat(), "--to", end.isoformat()]

"""What the log tells, from lines as the programs of a real run wrote them."""

import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from bundle.__main__ import main
from bundle.logwatch import lines, report
from tests.checkout import ROOT

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
SINCE = NOW - timedelta(hours=2)
WANTED = report.Wanted(report.CHORE, 3600, errors=2)
CHORE_TASK = "tickets.tasks.archive_old_done_tickets"
ID = "8a51f4f9-8dbb-4b5e-a8a5-1c5a7fd7e5d0"


def line(at: str, event: str, logger: str = "celery.app.trace", level: str = "info") -> str:
    return json.dumps({"ts": f"2026-11-21T{at}.250Z", "level": level, "logger": logger, "event": event, "pid": 7})


def ran(hour: int) -> list[str]:
    sent = f"Scheduler: Sending due task {report.CHORE} ({CHORE_TASK})"
    return [
        line(f"{hour:02}:00:00", sent, "core.schedules.scheduler"),
        line(f"{hour:02}:00:01", f"Task {CHORE_TASK}[{ID}] succeeded in 0.02s: {{'archived': 3}}"),
    ]


def said(*text: str, wanted: report.Wanted = WANTED) -> list[str]:
    first = line("10:30:00", "celery@one ready.", "celery.apps.worker")
    return report.findings(lines.read([first, *text], SINCE).events, SINCE, NOW, wanted)


def test_a_chore_that_ran_in_each_slot_is_nothing_to_look_at():
    assert said(*ran(11), *ran(12)) == []


def test_a_slot_in_which_no_beat_sent_the_chore_is_named():
    assert said(*ran(11)) == [f"{report.CHORE} did not run: no beat sent it at 2026-11-21 12:00 UTC."]


def test_a_chore_that_was_sent_and_did_not_succeed_is_named():
    assert said(*ran(11), ran(12)[0]) == [
        f"{report.CHORE} was sent at 2026-11-21 12:00 UTC, and {CHORE_TASK} did not succeed since."
    ]


def test_failures_are_grouped_by_task_and_cause():
    failed = [
        line(f"12:0{number}:00", f"Task mail.send[{number}] raised unexpected: TimeoutError('after {number} s')")
        for number in range(3)
    ]

    assert said(*ran(11), *ran(12), *failed) == ["mail.send failed 3 times: TimeoutError('after … s') (last: 2)"]


def test_a_worker_that_starts_again_and_again_is_named():
    starts = [line(f"12:1{number}:00", "celery@one ready.", "celery.apps.worker") for number in range(3)]

    assert said(*ran(11), *ran(12), *starts) == ["worker on one started 4 times: something ends it."]


def test_a_container_that_ended_itself_is_named():
    ended = line("12:10:00", "Ending the container: no progress for 301 s.", "runtime.listener", "error")

    assert said(*ran(11), *ran(12), ended) == ["1 times: Ending the container: no progress for … s."]


def test_more_errors_than_allowed_are_counted_by_kind():
    errors = [line(f"12:1{number}:00", f"Run {number} is lost", "deskbeat.runs", "error") for number in range(3)]

    assert said(*ran(11), *ran(12), *errors[:2]) == []
    assert said(*ran(11), *ran(12), *errors) == [
        "3 of 8 lines are errors (37.5 %); most often:",
        "    3 times deskbeat.runs: Run … is lost",
    ]


def test_a_line_is_read_behind_the_prefix_of_compose_and_anything_else_is_passed_over():
    read = lines.read([f"ticketing-celery  | {ran(12)[0]}", "plain text", "{no json}", '{"ts": "x"}'], SINCE)

    assert (read.total, [event["service"] for event in read.events]) == (4, ["ticketing-celery"])


@pytest.mark.parametrize(
    ("text", "expected"), [("30m", NOW - timedelta(minutes=30)), ("2026-11-21T10:00:00", NOW - timedelta(hours=2.5))]
)
def test_since_is_a_length_or_a_time(text, expected):
    assert lines.moment(text, NOW) == expected


def logwatch(*words: str) -> int:
    return main(["logwatch", *words])


def test_the_code_is_for_cron(tmp_path, capsys, monkeypatch):
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    well = json.dumps({"ts": now, "level": "info", "logger": "a", "event": "all is well"})
    failed = json.dumps({"ts": now, "level": "info", "logger": "a", "event": "Task a.b[1] raised unexpected: E()"})
    (tmp_path / "log").write_text(f"{well}\n{failed}\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(well))

    codes = [
        logwatch("--since", "1m", "--file", "-"),
        logwatch("--since", "1m", "--file", str(tmp_path / "log")),
        logwatch("--file", str(tmp_path / "none")),
        logwatch("--since", "soon", "--file", str(tmp_path / "log")),
    ]

    assert codes == [0, 1, 2, 2]
    assert "a.b failed 1 times: E()" in capsys.readouterr().out


REAL = (ROOT / "tests/unit/bundle/real-lines.jsonl").read_text(encoding="utf-8").splitlines()
OUTAGE = (ROOT / "tests/unit/bundle/real-lines-of-an-outage.jsonl").read_text(encoding="utf-8").splitlines()
PAGE = (ROOT / "docs/how-to/watch-the-logs.md").read_text(encoding="utf-8")
# Errors of a server, and a container's end, were not part of that run.
NOT_SEEN = {"Ending the container: "}
PATTERNS = {pattern.replace("\\|", "|") for pattern in re.findall(r"^\| [^|`]+ \| `(.+)` \|$", PAGE, re.MULTILINE)}


@pytest.mark.parametrize("pattern", sorted(PATTERNS - NOT_SEEN))
def test_every_documented_pattern_finds_real_lines(pattern):
    assert [line for line in [*REAL, *OUTAGE] if re.search(pattern, line)] != []


def test_real_lines_of_a_failing_task_are_explained():
    events = lines.read(REAL, datetime(2026, 11, 21, tzinfo=UTC)).events
    wanted = report.Wanted("deliver-effects", 3600, errors=10)
    found = report.findings(events, events[0]["at"], events[-1]["at"], wanted)

    assert [sentence.partition(":")[0] for sentence in found] == [f"{CHORE_TASK} failed 2 times"]

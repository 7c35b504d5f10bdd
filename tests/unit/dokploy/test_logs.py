"""Our log lines, as Dokploy reads them: one line per event, each with the level that it says."""

import json
import logging
import sys

import pytest

from config.logging import JsonFormatter, PlainFormatter
from tests.unit.dokploy.levels import stated

SHOWN = {
    logging.DEBUG: "debug",
    logging.INFO: "info",
    logging.WARNING: "warning",
    logging.ERROR: "error",
    logging.CRITICAL: "error",
}
# Words that mislead whoever guesses: as an info line each would be taken for another level.
MISLEADING = ("order processing failed", "status: error", "deprecated", "Task succeeded", "connection refused")


@pytest.mark.parametrize("level", SHOWN)
@pytest.mark.parametrize("event", MISLEADING)
def test_a_line_is_shown_with_its_own_level(level: int, event: str) -> None:
    line = JsonFormatter().format(logging.LogRecord("tickets", level, "", 0, event, None, None))

    assert stated(line) == SHOWN[level]


def test_a_level_inside_the_event_does_not_count() -> None:
    event = 'said {"level": "error"} and level=error'

    line = JsonFormatter().format(logging.LogRecord("tickets", logging.INFO, "", 0, event, None, None))

    assert stated(line) == "info"


def test_a_traceback_stays_in_its_line() -> None:
    try:
        json.loads("{")
    except ValueError:
        record = logging.LogRecord("tickets", logging.ERROR, "", 0, "no JSON", None, sys.exc_info())

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert "Traceback" in json.loads(line)["exc"]


def test_a_plain_line_has_no_level_that_dokploy_believes() -> None:
    """Why the check refuses LOG_FORMAT=plain and a terminal."""
    line = PlainFormatter().format(logging.LogRecord("tickets", logging.ERROR, "", 0, "failed", None, None))

    assert stated(line) is None


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ('{"level":"FATAL"}', "error"),
        ('{"severity": "notice"}', "info"),
        ('{"level": 50}', "error"),
        ('{"level": 30}', "info"),
        ('{"level": 3}', "error"),
        ('{"level": 4}', "warning"),
        ('{"level": 7}', "debug"),
        ("[ERROR] level=error order processing failed", "error"),
        ('{"levelname": "ERROR"}', None),
        ('{"level": "success"}', None),
    ],
)
def test_the_rule_itself(line: str, level: str | None) -> None:
    assert stated(line) == level

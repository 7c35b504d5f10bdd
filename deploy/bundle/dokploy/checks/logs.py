"""Logs: Dokploy reads them line by line with `docker logs`, and believes a `level` key before it guesses."""

from collections.abc import Iterator

from bundle.dokploy.checks.submission import Submission

# Drivers whose lines `docker logs` can show; Dokploy's own set-up rotates nothing.
READABLE_DRIVERS = {"json-file", "local"}
ROTATION = {"max-size", "max-file"}
# `auto` writes JSON wherever no person's terminal is attached.
FORMS = ("auto", "json")


def logs_can_be_read_and_rotate(submission: Submission) -> Iterator[str]:
    for place, service in submission.services():
        logging = service.get("logging", {})
        if logging.get("driver") not in READABLE_DRIVERS:
            yield f"{place}.logging.driver: `docker logs` must be able to read it; use json-file"
        elif ROTATION - logging.get("options", {}).keys():
            yield f"{place}.logging.options: nothing would limit the log; give max-size and max-file"


def a_line_is_an_event_with_a_level(submission: Submission) -> Iterator[str]:
    for place, service in submission.services():
        form = service.get("environment", {}).get("LOG_FORMAT", "")
        if form not in FORMS and form not in [f"${{LOG_FORMAT:-{word}}}" for word in FORMS]:
            yield f"{place}.environment.LOG_FORMAT: {form!r} gives lines without a level; use auto or json"
        if service.get("tty"):
            yield f"{place}.tty: on a terminal the lines have no level; remove it"


RULES = (logs_can_be_read_and_rotate, a_line_is_an_event_with_a_level)

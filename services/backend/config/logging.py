"""One JSON line per event; a readable line on a terminal."""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celery import current_task

from core import request_id
from core.heartbeat import routing as heartbeat

# Celery's own lines carry what they are about in `record.data` (task id and name, run time in seconds).
CELERY_DATA = {"id": "task_id", "name": "task_name", "runtime": "runtime_s"}


class JsonFormatter(logging.Formatter):
    """Write a record as one JSON line; `event` keeps the classic text, a traceback goes into `exc`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "process": record.processName,
            "pid": record.process,
        }
        line |= _task_context() | _data(record, "data", CELERY_DATA) | getattr(record, "fields", {})
        if bound := request_id.current.get():
            line["request_id"] = bound
        if record.exc_info:
            line["exc"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def _data(record: logging.LogRecord, attribute: str, names: dict[str, str]) -> dict[str, Any]:
    data = getattr(record, attribute, None)
    return {names[key]: data[key] for key in names if key in data} if isinstance(data, dict) else {}


def _task_context() -> dict[str, Any]:
    request = getattr(current_task, "request", None)
    if request is None or not request.id:
        return {}
    return {"task_id": request.id, "task_name": request.task}


class PlainFormatter(logging.Formatter):
    """Write level and process name too: people search Celery's lines by them."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(processName)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")


def _is_no_heartbeat(record: logging.LogRecord) -> bool:
    data = getattr(record, "data", None)
    return record.levelno != logging.INFO or not isinstance(data, dict) or data.get("name") != heartbeat.TASK


def logging_settings(*, level: str, form: str) -> dict[str, Any]:
    """Return a dictConfig for one stream; `form` auto is plain on a terminal, JSON elsewhere.

    The stream is stdout, but for a management command: there stdout is what the command prints, and nothing else.
    """
    stream = "stderr" if Path(sys.argv[0]).name == "manage.py" else "stdout"
    plain = form == "plain" or (form == "auto" and getattr(sys, stream).isatty())
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"no_heartbeats": {"()": lambda: _is_no_heartbeat}},
        "formatters": {"line": {"()": PlainFormatter if plain else JsonFormatter}},
        "handlers": {
            "line": {"class": "logging.StreamHandler", "stream": f"ext://sys.{stream}", "formatter": "line"},
        },
        "root": {"handlers": ["line"], "level": level},
        "loggers": {
            # Django adds handlers of its own to these; ours is the only one.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            # gunicorn keeps its lines from the root logger unless told otherwise.
            "gunicorn.error": {"handlers": [], "level": level, "propagate": True},
            # A heartbeat every few seconds would bury the chores.
            "celery.worker.strategy": {"filters": ["no_heartbeats"]},
            "celery.app.trace": {"filters": ["no_heartbeats"]},
            # One line per function that is made a task: noise at DEBUG.
            "celery.utils.functional": {"level": "INFO"},
        },
    }

"""The id that ties a request, its log lines and the tasks it asked for together."""

from contextvars import ContextVar

current: ContextVar[str] = ContextVar("request_id", default="")

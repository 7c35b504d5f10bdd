"""A run at work on the events."""

from core.runs.tests.conftest import app, at_work, broker, work  # noqa: F401  # fixtures

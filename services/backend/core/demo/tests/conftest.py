"""A worker that finds an empty queue: what other tests left there would do the demonstration's work before it."""

from core.runs.tests.conftest import app, broker, work  # noqa: F401  # fixtures

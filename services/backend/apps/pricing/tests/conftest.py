"""An organisation that has chosen its currency."""

import pytest

from apps.pricing.tests.factories import SettingsFactory
from core.organisations.models import Organisation
from core.runs.tests.conftest import app, at_work, broker, work  # noqa: F401  # fixtures: this code as a run's work; a worker


@pytest.fixture
def organisation() -> Organisation:
    return SettingsFactory().organisation

"""An organisation that has chosen its currency."""

import pytest

from apps.pricing.tests.factories import SettingsFactory
from core.organisations.models import Organisation
from core.runs.tests.conftest import at_work  # noqa: F401  # a fixture: this code as a run's work


@pytest.fixture
def organisation() -> Organisation:
    return SettingsFactory().organisation

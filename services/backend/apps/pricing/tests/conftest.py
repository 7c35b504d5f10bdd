"""An organisation that has chosen its currency, its first product and rule, and callers of its API."""

import pytest

from apps.pricing.jobs import JOBS
from apps.pricing.models import Product, Rule
from apps.pricing.tests.factories import ProductFactory, RuleFactory, SettingsFactory
from core.clock import database_now
from core.organisations.models import Organisation
from core.organisations.tests.calling import agent, owner, viewer  # noqa: F401  # fixtures
from core.runs.tests.conftest import app, at_work, broker, work  # noqa: F401  # fixtures: this code as a run's work; a worker
from core.schedules.services import schedules_sync


@pytest.fixture
def organisation() -> Organisation:
    return SettingsFactory().organisation


@pytest.fixture
def product(organisation: Organisation) -> Product:
    return ProductFactory(organisation=organisation)


@pytest.fixture
def rule(organisation: Organisation) -> Rule:
    return RuleFactory(organisation=organisation, name="Last week")


@pytest.fixture
def schedule() -> None:
    schedules_sync(specs=JOBS, now=database_now())

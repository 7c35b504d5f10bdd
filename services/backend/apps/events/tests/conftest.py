"""An organisation, callers of its API, and a run at work on its events."""

import pytest

from apps.events.jobs import JOBS
from core.clock import database_now
from core.effects.tests.conftest import mailbox  # noqa: F401  # fixture: an SMTP server
from core.organisations.models import Organisation
from core.organisations.tests.calling import agent, owner, viewer  # noqa: F401  # fixtures
from core.organisations.tests.factories import OrganisationFactory
from core.runs.tests.conftest import app, at_work, broker, work  # noqa: F401  # fixtures
from core.schedules.services import schedules_sync


@pytest.fixture
def organisation() -> Organisation:
    return OrganisationFactory(slug="harbour", name="Harbour Foods", tz="Europe/Berlin")


@pytest.fixture
def schedule() -> None:
    schedules_sync(specs=JOBS, now=database_now())

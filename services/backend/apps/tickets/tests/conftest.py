"""An organisation with a board, callers of its API, and a run at work on its tickets."""

import pytest

from apps.tickets.jobs import JOBS
from apps.tickets.models import Board, Column
from apps.tickets.tests.factories import BoardFactory, DoneFactory
from core.clock import database_now
from core.organisations.models import Organisation
from core.organisations.tests.calling import agent, owner, viewer  # noqa: F401  # fixtures
from core.organisations.tests.factories import OrganisationFactory
from core.runs.tests.conftest import app, at_work, broker, work  # noqa: F401  # fixtures
from core.schedules.services import schedules_sync


@pytest.fixture
def organisation() -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def board(organisation: Organisation) -> Board:
    return BoardFactory(organisation=organisation, name="Desk")


@pytest.fixture
def done(board: Board) -> Column:
    return DoneFactory(board=board, name="Done")


@pytest.fixture
def schedule() -> None:
    schedules_sync(specs=JOBS, now=database_now())

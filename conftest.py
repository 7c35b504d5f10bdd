"""What every test may ask for: a real PostgreSQL and a real Redis."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from tests import servers
from tests.environment import DIRECTORY, PASSWORD


def pytest_unconfigure() -> None:
    shutil.rmtree(DIRECTORY, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    with servers.postgres(DIRECTORY, user=os.environ["DB_USER"], password=PASSWORD) as socket:
        yield socket


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Path]:
    with servers.redis_server(DIRECTORY, password=PASSWORD) as socket:
        yield socket


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_server: Path) -> None:
    """Start PostgreSQL before pytest-django makes the test database, and collect the files that pages name."""
    call_command("collectstatic", interactive=False, verbosity=0)

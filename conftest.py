"""What every test may ask for: a real PostgreSQL, a real Redis, and somebody who may do everything in the admin."""

import logging
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from bundle.host import static
from tests import servers
from tests.checkout import ROOT
from tests.environment import DIRECTORY, PASSWORD

# Never side by side: one engine is in one swarm, one image of a machine serves all its tests, and one lock of a
# checkout keeps two applies to the same Dokploy service apart.
ALONE = ("swarm", "systemd", "apply")
# Its tests name the target first, and more behind it; each of its modules starts one stack of each.
TARGET_FIRST = ("ledger",)
TARGETS = ("host", "compose", "swarm", "systemd", "dokploy")


class SideBySide(LoadScopeScheduling):
    """`make test` runs modules side by side, as they mostly wait; what one starts serves all its tests."""

    def _split_scope(self, nodeid: str) -> str:
        module, _, test = nodeid.partition("::")
        if Path(module).parent.name in TARGET_FIRST:
            return f"{module} {test.partition('[')[2].partition('-')[0].rstrip(']')}"
        target = next((name for name in TARGETS if test.endswith(f"[{name}]")), "")
        kinds = [kind for kind in ALONE if kind == target or f"/{kind}/" in module]
        return kinds[0] if kinds else f"{module} {target}"


def pytest_configure() -> None:
    # A line for each question of a test that polls would be all that is left to read of a failure.
    for chatty in ("httpx", "mail.log"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SideBySide:
    return SideBySide(config, log)


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
    static.ensure(ROOT, partial(call_command, "collectstatic", interactive=False, verbosity=0))


@pytest.fixture
def admin(admin_client: Client) -> Client:
    return admin_client

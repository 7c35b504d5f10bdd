"""Which targets this machine can run: always the host; the others when an engine answers (under CI it must)."""

import os

import pytest

from bundle.containers import engine
from tests.integration.stacks import Stack
from tests.integration.targets import TARGETS, WITHOUT_ENGINE


@pytest.fixture(scope="session")
def docker() -> None:
    """Ask for an engine: the test is skipped without one, and fails under CI=true."""
    if absence := engine.absence(os.environ):
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"no containers: {absence}")


@pytest.fixture(scope="module", params=TARGETS)
def target(request: pytest.FixtureRequest) -> type[Stack]:
    if request.param not in WITHOUT_ENGINE:
        request.getfixturevalue("docker")
    return TARGETS[request.param]

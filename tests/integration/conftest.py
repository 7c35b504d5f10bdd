"""Which runtimes this machine has: always the host; containers when an engine answers (under CI it must)."""

import os

import pytest

from bundle.containers import engine


@pytest.fixture(scope="session")
def docker() -> None:
    """Ask for an engine: the test is skipped without one, and fails under CI=true."""
    if absence := engine.absence(os.environ):
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"runtime containers: {absence}")


@pytest.fixture(scope="module", params=["host", "containers"])
def runtime(request: pytest.FixtureRequest) -> str:
    if request.param == "containers":
        request.getfixturevalue("docker")
    return str(request.param)

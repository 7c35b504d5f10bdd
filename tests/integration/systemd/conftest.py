"""One machine for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.integration.systemd.machine import Machine, booted


@pytest.fixture(scope="module")
def machine(docker: None) -> Iterator[Machine]:
    with booted(Machine()) as running:
        yield running

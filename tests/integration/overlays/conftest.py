"""Images as `make up` builds them, and servers elsewhere."""

from collections.abc import Iterator

import docker as engine_client
import pytest

from tests.integration.overlays.front_door import FrontDoor
from tests.integration.overlays.servers import Servers, serving


@pytest.fixture(scope="session")
def tag(docker: None) -> str:
    """Build the images, and return their tag."""
    stack = FrontDoor()
    done = stack.verb("images")
    assert done.returncode == 0, done.stdout + done.stderr
    return stack.environment.get("TAG") or "local"


@pytest.fixture(scope="module")
def servers(tag: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    client = engine_client.from_env()
    try:
        with serving(client, tag, tmp_path_factory.mktemp("elsewhere")) as running:
            yield running
    finally:
        client.close()

"""A release out of a registry: pushed, pinned by its digest; refused before anything changes when it is not there."""

import io
from collections.abc import Iterator

import docker as engine_client
import httpx
import pytest
from docker import DockerClient

from tests.integration.stacks import started
from tests.integration.swarm.conftest import Services
from tests.integration.targets.swarm import Swarm, a_swarm
from tests.servers import free_port
from tests.waiting import poll

# Debian's registry, without the password that its own configuration asks for.
DOCKERFILE = """
FROM {base}
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker-registry
RUN printf '%s\\n' 'version: 0.1' 'http: {{addr: ":5000"}}' 'storage: {{filesystem: {{rootdirectory: /srv}}}}' >/config
CMD ["docker-registry", "serve", "/config"]
"""


@pytest.fixture(scope="module")
def client(docker: None) -> Iterator[DockerClient]:
    client = engine_client.from_env()
    yield client
    client.close()


@pytest.fixture(scope="module")
def registry(client: DockerClient) -> Iterator[str]:
    """Serve an empty registry on loopback, and remove what was pulled from it."""
    Swarm().prepare()
    base = f"deskbeat/base:{Swarm().environment.get('TAG') or 'local'}"
    image, _ = client.images.build(fileobj=io.BytesIO(DOCKERFILE.format(base=base).encode()), rm=True)
    port = free_port()
    container = client.containers.run(image.id, detach=True, ports={"5000/tcp": ("127.0.0.1", port)})
    try:
        poll(lambda: answers(port), what="the registry")
        yield f"127.0.0.1:{port}/team"
    finally:
        container.remove(force=True, v=True)
        client.images.remove(image.id)
        for name in [tag for one in client.images.list() for tag in one.tags if tag.startswith(f"127.0.0.1:{port}/")]:
            client.images.remove(name)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v2/").status_code == 200
    except httpx.HTTPError:
        return False


def test_a_pushed_release_runs_pinned_by_its_digest(registry):
    stack = Swarm(settings={"REGISTRY": registry})
    pushed = stack.verb("push")

    with started(stack):
        template = Services(stack).state("backend").facts["Spec"]["TaskTemplate"]
        answer = httpx.get(f"{stack.address}/readyz", timeout=10)

    assert pushed.returncode == 0, pushed.stderr
    assert template["ContainerSpec"]["Image"].startswith(f"{registry}/backend:")
    assert "@sha256:" in template["ContainerSpec"]["Image"]
    assert answer.status_code == 200


def test_a_release_that_was_not_pushed_is_refused_before_anything_changes(registry):
    stack = Swarm(settings={"REGISTRY": registry, "TAG": "nowhere"})

    with a_swarm():
        refused = stack.verb("up", RUNTIME="swarm")
        left = stack.verb("status").stdout
        stack.verb("destroy", YES="1")

    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith(f"The registry gives no {registry}/postgres:nowhere")
    assert left.startswith(f"Nothing of {stack.name} runs")

"""First starts: on data that Compose made, with servers elsewhere, and one that fails."""

from collections.abc import Iterator

import docker as engine_client
import httpx
import pytest

from tests.integration.overlays.servers import Servers, serving
from tests.integration.stacks import started
from tests.integration.swarm.conftest import Services
from tests.integration.targets.swarm import Swarm, a_swarm

ORGANISATIONS = "from core.organisations.models import Organisation as O; "
COUNT = f"{ORGANISATIONS} print(O.objects.filter(slug='kept').count())"


@pytest.fixture(scope="module")
def servers(docker: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    stack, client = Swarm(), engine_client.from_env()
    stack.prepare()
    with serving(client, stack.environment.get("TAG") or "local", tmp_path_factory.mktemp("elsewhere")) as running:
        yield running
    client.close()


def test_a_first_start_that_fails_says_why_and_leaves_nothing(docker, tmp_path):
    stack = Swarm(overlay={"backend": {"entrypoint": ["sh", "-c", "echo no such module; exit 1"]}}, directory=tmp_path)
    stack.settings["SWARM_OVERLAY"] = str(stack.write_overlay())

    with a_swarm():
        try:
            refused = stack.verb("up", RUNTIME="swarm")
            left = engine_client.from_env().containers.list(all=True, filters={"name": stack.name})
            volumes = engine_client.from_env().volumes.list(filters={"name": stack.name})
        finally:
            stack.verb("destroy", YES="1")

    assert refused.returncode == 1
    assert "no such module" in refused.stderr
    assert "backend is failed" in refused.stderr.splitlines()[-1]
    assert (left, volumes) == ([], [])


def test_a_stack_that_outgrows_compose_keeps_its_data_and_may_go_back(docker):
    stack = Swarm()
    with a_swarm():
        try:
            assert stack.verb("up", RUNTIME="containers", WORKERS="").returncode == 0
            stack.python(f"{ORGANISATIONS} O.objects.create(slug='kept', name='Kept')")
            refused = stack.verb("up", RUNTIME="swarm")
            stack.verb("down")
            stack.up()
            there = stack.python(COUNT)
            stack.down()
            assert stack.verb("up", RUNTIME="containers", WORKERS="").returncode == 0
            back = stack.python(COUNT)
        finally:
            stack.verb("destroy", YES="1")

    assert "already runs in the runtime 'containers'" in refused.stderr
    assert (there.strip(), back.strip()) == ("1", "1")


def test_servers_elsewhere_are_used_over_tls_and_not_forgotten(servers):
    stack = Swarm(settings={"OVERLAY": "external", **servers.given("swarmed")})

    with started(stack):
        ready = httpx.get(f"{stack.address}/readyz", timeout=10).json()
        names = {
            line.split()[0].removeprefix(f"{stack.name}-") for line in stack.verb("status").stdout.splitlines()[1:]
        }
        secrets = Services(stack)["backend"].attrs["Config"]["Env"]
        again = stack.verb("up", RUNTIME="swarm", OVERLAY="")

    assert ready == {"database and migrations": "ok", "redis": "ok"}
    assert names == {"backend", "celery", "migrate", "backend-relay"}
    assert servers.password not in str(secrets)
    assert f"{stack.name} was started with OVERLAY=external: repeat it so" in again.stderr

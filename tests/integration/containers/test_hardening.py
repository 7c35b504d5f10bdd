"""Hardened by default: every claim is tried on the running containers."""

import httpx
import pytest

from tests.checkout import STACK
from tests.integration.hardening import capabilities, outward_networks, own_processes, reaches, shell, users

LONG_RUNNING = ("backend", "celery", "db", "redis")


@pytest.fixture(params=LONG_RUNNING)
def service(request):
    return request.param


def test_the_root_file_system_cannot_be_written(services, service):
    code, output = shell(services[service], "touch /etc/forbidden /usr/forbidden")

    assert code != 0
    assert output.count("Read-only file system") == 2


def test_no_process_is_root_has_a_capability_or_can_gain_one(services, service):
    own = own_processes(services[service])

    assert capabilities(own) == {0}
    assert {one["NoNewPrivs"] for one in own} == {"1"}
    assert "0" not in users(own)


def test_memory_processes_and_logs_are_limited(services, service):
    limits = services[service].attrs["HostConfig"]

    assert limits["Memory"] > 0
    assert limits["PidsLimit"] > 0
    assert limits["LogConfig"]["Config"].keys() >= {"max-size", "max-file"}


@pytest.mark.parametrize("service", ["celery", "db", "redis"])
def test_the_data_network_has_no_way_out(services, stack, service):
    """The web's address on the public network answers from there, and from the data network nobody gets to it."""
    networks = services["backend"].attrs["NetworkSettings"]["Networks"]
    outside = networks[f"{stack.name}-public"]["IPAddress"]

    assert reaches(services["backend"], outside, 8000)
    assert not reaches(services[service], outside, 8000)


@pytest.mark.parametrize(
    ("service", "outward"), [("celery", {"egress"}), ("backend", {"public"}), ("db", set()), ("redis", set())]
)
def test_only_the_web_and_the_worker_are_on_a_network_with_a_way_out(services, stack, service, outward):
    assert outward_networks(services[service], stack.name) == outward


def test_only_the_web_publishes_a_port_and_only_on_loopback(services, stack):
    published = {name: services[name].ports for name in LONG_RUNNING}

    bindings = published.pop("backend")
    assert bindings == {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(stack.port)}]}
    assert [ports for ports in published.values() if any(ports.values())] == []


def test_secrets_are_files_and_in_no_environment(services, stack):
    environments = "\n".join(str(services[name].attrs["Config"]["Env"]) for name in LONG_RUNNING)

    assert stack.secrets.keys() == {name for name, secret in STACK.secret.items() if not secret.given}
    assert [name for name, value in stack.secrets.items() if value in environments] == []


def test_redis_refuses_whoever_has_no_password(services):
    assert shell(services["redis"], "redis-cli -e ping")[1].startswith("NOAUTH")


def test_postgres_refuses_whoever_has_no_password(services, stack):
    code, output = shell(services["db"], "psql -w -h 127.0.0.1 -U ticketing -d ticketing -c 'SELECT 1'")

    assert code != 0
    assert "no password supplied" in output or "password authentication failed" in output


def test_an_api_call_without_credentials_is_refused(stack):
    assert httpx.get(f"{stack.address}/api/v1/tickets").status_code == 401

"""Hardened by default: every claim is tried on the running containers."""

import httpx
import pytest

LONG_RUNNING = ("backend", "celery", "db", "redis")


def shell(container, command: str) -> tuple[int, str]:
    code, output = container.exec_run(["sh", "-c", command])
    return code, output.decode()


@pytest.fixture(params=LONG_RUNNING)
def service(request):
    return request.param


def test_the_root_file_system_cannot_be_written(services, service):
    code, output = shell(services[service], "touch /etc/forbidden /usr/forbidden")

    assert code != 0
    assert output.count("Read-only file system") == 2


def test_no_capability_is_effective_or_can_be_regained(services, service):
    _, status = shell(services[service], "grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/1/status")

    fields = dict(line.split(":\t") for line in status.splitlines())
    assert (int(fields["CapEff"], 16), int(fields["CapBnd"], 16), fields["NoNewPrivs"]) == (0, 0, "1")


def test_no_process_is_root(services, service):
    _, uids = shell(services[service], "cat /proc/[0-9]*/status 2>/dev/null | grep '^Uid:'")

    assert {line.split()[1] for line in uids.splitlines()} & {"0"} == set()


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
    reach = f"timeout 3 bash -c '</dev/tcp/{outside}/8000'"

    assert shell(services["backend"], reach)[0] == 0
    assert shell(services[service], reach)[0] != 0


def test_only_the_web_publishes_a_port_and_only_on_loopback(services, stack):
    published = {name: services[name].ports for name in LONG_RUNNING}

    bindings = published.pop("backend")
    assert bindings == {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(stack.port)}]}
    assert [ports for ports in published.values() if any(ports.values())] == []


def test_secrets_are_files_and_in_no_environment(services, stack):
    values = [path.read_text().strip() for path in (stack.run_directory / "secrets").iterdir()]
    environments = "\n".join(str(services[name].attrs["Config"]["Env"]) for name in LONG_RUNNING)

    assert len(values) == 3
    assert [value for value in values if value in environments] == []


def test_redis_refuses_whoever_has_no_password(services):
    assert shell(services["redis"], "redis-cli -e ping")[1].startswith("NOAUTH")


def test_postgres_refuses_whoever_has_no_password(services, stack):
    code, output = shell(services["db"], "psql -w -h 127.0.0.1 -U ticketing -d ticketing -c 'SELECT 1'")

    assert code != 0
    assert "no password supplied" in output or "password authentication failed" in output


def test_an_api_call_without_credentials_is_refused(stack):
    assert httpx.get(f"{stack.address}/api/v1/tickets").status_code == 401

"""What a stack file can say takes effect, and what it cannot say holds all the same: tried on running containers."""

import psutil
import pytest

from tests.integration.hardening import capabilities, outward_networks, own_processes, reaches, shell, users

LONG_RUNNING = ("backend", "celery", "db", "redis")


@pytest.fixture(params=LONG_RUNNING)
def container(request, services):
    return services[request.param]


def test_the_root_file_system_cannot_be_written(container):
    code, output = shell(container, "touch /etc/forbidden /usr/forbidden")

    assert code != 0
    assert output.count("Read-only file system") == 2


def test_no_process_is_root_has_a_capability_or_can_gain_one(container):
    """But for the engine's init, which starts the container's process alone: Swarm has no word that would hold it."""
    own = [one for one in own_processes(container) if one["Name"] != "docker-init"]

    assert capabilities(own) == {0}
    assert {one["NoNewPrivs"] for one in own} == {"1"}
    assert "0" not in users(own)


def test_memory_processes_and_logs_are_limited(container):
    limits = container.attrs["HostConfig"]

    assert limits["Memory"] > 0
    assert limits["PidsLimit"] > 0
    assert limits["LogConfig"]["Config"].keys() >= {"max-size", "max-file"}


@pytest.mark.parametrize(
    ("service", "directory"),
    [("celery", "/run/deskbeat"), ("db", "/run/postgresql"), ("db", "/dev/shm")],  # noqa: S108
)
def test_a_directory_in_memory_can_be_written_and_nothing_there_can_be_run(services, service, directory):
    code, _ = shell(services[service], f"cp /bin/true {directory}/probe && ! {directory}/probe; rm {directory}/probe")
    _, mount = shell(services[service], f"grep ' {directory} ' /proc/mounts")

    assert code == 0
    assert {"noexec", "nosuid", "nodev"} <= set(mount.split()[3].split(","))


def test_a_secret_is_a_file_of_its_reader_and_in_no_environment(services, stack):
    environments = "\n".join(str(services[name].attrs["Config"]["Env"]) for name in LONG_RUNNING)
    _, seen = shell(services["backend"], "stat -c '%u %a' /run/secrets/secret_key && cat /run/secrets/secret_key")

    owner, secret = seen.splitlines()
    assert owner == "10001 400"
    assert secret == stack.secrets["secret_key"]
    assert [name for name, value in stack.secrets.items() if value in environments] == []


@pytest.mark.parametrize("service", ["db", "redis"])
def test_the_data_network_has_no_way_out(services, stack, service):
    networks = services["backend"].attrs["NetworkSettings"]["Networks"]
    outside = networks[f"{stack.name}-public"]["IPAddress"]

    assert reaches(services["backend"], outside, 8000)
    assert not reaches(services[service], outside, 8000)


@pytest.mark.parametrize(
    ("service", "outward"), [("celery", {"egress"}), ("backend", {"public"}), ("db", set()), ("redis", set())]
)
def test_only_the_web_and_the_worker_are_on_a_network_with_a_way_out(services, stack, service, outward):
    assert outward_networks(services[service], stack.name) == outward


def test_the_web_is_published_on_loopback_alone(stack):
    listening = [
        one.laddr.ip
        for one in psutil.net_connections(kind="inet")
        if one.status == psutil.CONN_LISTEN and one.laddr.port == stack.port
    ]

    assert listening == ["127.0.0.1"]

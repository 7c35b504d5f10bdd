from pathlib import Path

from bundle import venv
from bundle.containers import commands
from bundle.host import postgres
from bundle.host.servers import Postgres

COMPOSE = commands.Compose(("docker", "compose"), "shop", Path("/x/compose.yaml"))
FRONT = ["docker", "compose", "--project-name", "shop", "--file", "/x/compose.yaml"]
QUIET = ["docker", "compose", "--progress", "quiet", "--project-name", "shop", "--file", "/x/compose.yaml"]


def test_build_names_the_services_of_one_round() -> None:
    assert COMPOSE.build(["db", "redis"], progress="quiet") == [*QUIET, "build", "db", "redis"]


def test_up_waits_and_never_builds() -> None:
    line = COMPOSE.up(["celery"], progress="quiet", timeout_seconds=180, scale={})

    flags = ["--detach", "--wait", "--wait-timeout", "180", "--no-build", "--remove-orphans"]
    assert line == [*QUIET, "up", *flags, "celery"]


def test_up_says_how_many_there_shall_be() -> None:
    line = COMPOSE.up([], progress="quiet", timeout_seconds=180, scale={"worker-ml": 1, "worker-sync": 2})

    assert line[-4:] == ["--scale", "worker-ml=1", "--scale", "worker-sync=2"]


def test_what_is_switched_off_is_stopped_and_removed() -> None:
    assert COMPOSE.remove(["flower"], progress="quiet") == [*QUIET, "rm", "--stop", "--force", "flower"]


def test_down_keeps_the_volumes() -> None:
    assert COMPOSE.down(progress="quiet") == [*QUIET, "down", "--remove-orphans"]


def test_destroy_takes_the_volumes_too() -> None:
    assert COMPOSE.down(progress="quiet", volumes=True) == [*QUIET, "down", "--remove-orphans", "--volumes"]


def test_logs_print_bare_lines() -> None:
    assert COMPOSE.logs([], follow=False, prefix=False) == [*FRONT, "logs", "--no-log-prefix", "--no-color"]


def test_logs_follow_from_the_last_hundred() -> None:
    follow = ["--follow", "--tail", "100"]
    assert COMPOSE.logs(["celery"], follow=True, prefix=True) == [*FRONT, "logs", "--no-color", *follow, "celery"]


def test_execute_allocates_no_terminal_when_there_is_none() -> None:
    assert commands.execute("abc", ["env"], terminal=False) == ["docker", "exec", "--interactive", "abc", "env"]


def test_execute_allocates_a_terminal_when_there_is_one() -> None:
    assert commands.execute("abc", ["env"], terminal=True) == ["docker", "exec", "--interactive", "--tty", "abc", "env"]


def test_containers_are_found_by_project_also_when_they_have_ended() -> None:
    labels = ["label=com.docker.compose.project=shop", "label=com.docker.compose.config-hash"]
    assert commands.containers("shop") == [
        *["docker", "ps", "--all", "--quiet"],
        *["--filter", labels[0], "--filter", labels[1]],
    ]


def test_initdb_wants_passwords_and_checksums() -> None:
    line = postgres.initdb(Postgres(Path("/pg"), 18), Path("/data"), user="desk", password_file=Path("/password"))

    assert line == [
        "/pg/initdb",
        "--pgdata=/data",
        "--username=desk",
        "--pwfile=/password",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--data-checksums",
    ]


def test_initdb_before_17_takes_the_locale_that_the_system_has() -> None:
    assert postgres.locale(15, "linux") == ["--locale=C.UTF-8"]
    assert postgres.locale(15, "darwin") == ["--locale=C"]


def test_uv_installs_with_hashes_into_the_environment() -> None:
    _, install = venv.uv_commands("uv", Path("/x/.venv"), Path("/x/host.txt"))

    assert install == [
        *["uv", "pip", "install", "--quiet", "--python", "/x/.venv/bin/python", "--require-hashes"],
        *["-r", "/x/host.txt"],
    ]


def test_pip_installs_with_hashes_into_the_environment() -> None:
    _, install = venv.pip_commands(Path("/x/.venv"), Path("/x/host.txt"))

    assert install == [
        *["/x/.venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"],
        *["--require-hashes", "-r", "/x/host.txt"],
    ]

"""The postgres image: the contract of the official one, made once and whole, and closed to who has no password."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.integration.images.server import NO_CAPABILITY, Server, Starter

PASSWORD = "s:e cr\\et'1"
ENVIRONMENT = {"POSTGRES_PASSWORD": PASSWORD, "POSTGRES_USER": "desk", "POSTGRES_DB": "ticketing"}
VOLUME = "/var/lib/postgresql/data"
# The database server in the first place is the one that initialises; this line is the second one's.
READY = "listening on IPv4 address"
Starting = Callable[..., AbstractContextManager[Starter]]
SecretFile = Callable[[str], Path]
TMPFS = {"/tmp": "mode=1777,noexec", "/run/postgresql": "uid=10003,gid=10003,mode=0750,noexec"}  # noqa: S108 -- paths in the container


@pytest.fixture
def start(starting: Starting) -> Iterator[Starter]:
    with starting("postgres", tmpfs=TMPFS) as starter:
        yield starter


@pytest.fixture(scope="module")
def server(starting: Starting, secret: SecretFile) -> Iterator[Server]:
    """A server whose password is in a file, shared by the tests that only look."""
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "POSTGRES_PASSWORD"}
    with starting("postgres", tmpfs=TMPFS) as start:
        yield start(
            environment={**environment, "POSTGRES_PASSWORD_FILE": "/run/secrets/password"},
            volumes=[f"{secret(PASSWORD)}:/run/secrets/password:ro"],
        ).healthy()


def scripts(directory: Path, files: dict[str, bytes]) -> list[str]:
    """Write init scripts and return the mount."""
    directory.chmod(0o755)
    for name, content in files.items():
        path = directory / name
        path.write_bytes(content)
        path.chmod(0o755)
    return [f"{directory}:/docker-entrypoint-initdb.d:ro"]


def query(server: Server, statement: str) -> str:
    return server.shell(f'psql -X -At -v ON_ERROR_STOP=1 -U desk -d ticketing -c "{statement}"')


def by_password(server: Server, password: str, host: str = "127.0.0.1") -> tuple[int, str]:
    words = ("psql", "-XAtw", "-h", host, "-U", "desk", "-d", "ticketing", "-c", "SELECT current_user")
    return server.run(*words, PGPASSFILE="/dev/null", PGPASSWORD=password)


# --- Passwords ---------------------------------------------------------------------------------------------------


def test_postgres_refuses_to_start_without_a_password(start: Starter) -> None:
    server = start()

    assert server.ended() == 1
    assert server.events() == [
        "FATAL: the database is empty and has no password: set POSTGRES_PASSWORD_FILE (or POSTGRES_PASSWORD)"
    ]


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "POSTGRES_USER", "POSTGRES_DB"])
def test_postgres_refuses_a_value_that_is_given_twice(start: Starter, name: str) -> None:
    server = start(environment={**ENVIRONMENT, f"{name}_FILE": "/run/secrets/other"})

    assert server.ended() == 1
    assert server.events() == [f"FATAL: both {name} and {name}_FILE are set: keep one of them"]


def test_postgres_demands_the_password_from_every_address(server: Server) -> None:
    own = server.shell("hostname -i")

    assert by_password(server, PASSWORD) == (0, "desk")
    assert by_password(server, PASSWORD, own) == (0, "desk")
    assert by_password(server, "guess")[0] != 0
    assert by_password(server, "guess", own)[0] != 0


def test_postgres_keeps_passwords_by_scram_and_trusts_nobody(server: Server) -> None:
    assert query(server, "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'desk'") == "SCRAM-SHA-256"
    assert query(server, "SELECT DISTINCT auth_method FROM pg_hba_file_rules ORDER BY 1") == "peer\nscram-sha-256"


def test_postgres_lets_backup_tools_inside_in_without_a_prompt(server: Server) -> None:
    for host in ("", "-h localhost"):
        dump = server.shell(f"pg_dump {host} --no-password -Fc -U desk ticketing | gzip | gunzip | pg_restore --list")

        assert "dbname: ticketing" in dump


def test_postgres_password_is_in_no_argument_list_and_not_in_inspect(server: Server) -> None:
    told = server.shell("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' || true")

    assert "postgres" in told
    assert PASSWORD not in told
    assert PASSWORD not in str(server.container.attrs)


# --- Initialisation ----------------------------------------------------------------------------------------------


def test_postgres_runs_init_scripts_once_and_keeps_data(start: Starter, tmp_path: Path) -> None:
    insert = b"""#!/bin/bash
    psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO step VALUES ('shell')"
    """
    table = b"CREATE TABLE step (name text);"
    packed = gzip.compress(b"INSERT INTO step VALUES ('packed');")
    mount = scripts(tmp_path, {"1-table.sql": table, "2-packed.sql.gz": packed, "3-shell.sh": insert})
    server = start(environment=ENVIRONMENT, volumes=mount).logged(READY).healthy()

    assert query(server, "SELECT name FROM step") == "packed\nshell"
    server.container.restart()
    server.healthy()

    assert query(server, "SELECT name FROM step") == "packed\nshell"
    assert sum(event.startswith("running /docker-entrypoint") for event in server.events()) == 3


def test_postgres_keeps_nothing_of_an_initialisation_that_failed(start: Starter, tmp_path: Path) -> None:
    mount = scripts(tmp_path, {"1.sql": b"CREATE TABLE first (); SELECT 1/0;"})
    server = start(environment=ENVIRONMENT, volumes=mount)

    assert server.ended() == 1
    assert server.events()[-1] == (
        "FATAL: /docker-entrypoint-initdb.d/1.sql failed: nothing was kept; mend it and start again"
    )
    scripts(tmp_path, {"1.sql": b"CREATE TABLE second ();"})
    server.container.start()
    server.logged(READY).healthy()

    assert query(server, "SELECT relname FROM pg_stat_user_tables") == "second"


def test_postgres_keeps_nothing_of_an_initialisation_that_was_killed(start: Starter, tmp_path: Path) -> None:
    mount = scripts(tmp_path, {"1.sql": b"CREATE TABLE first (); SELECT pg_sleep(600);"})
    server = start(environment=ENVIRONMENT, volumes=mount).logged("running /docker-entrypoint")

    server.stop("SIGKILL")
    scripts(tmp_path, {"1.sql": b"CREATE TABLE second ();"})
    server.container.start()
    server.logged(READY).healthy()

    assert query(server, "SELECT relname FROM pg_stat_user_tables") == "second"
    assert server.shell(f"ls {VOLUME}") == "pgdata"


@pytest.mark.parametrize(
    ("place", "version", "sentence"),
    [
        (
            "pgdata",
            "16",
            f"FATAL: {VOLUME}/pgdata holds data of PostgreSQL 16 and this image runs 17: "
            "dump it with an image of PostgreSQL 16 and restore it into an empty volume",
        ),
        (
            "18/docker",
            "18",
            f"FATAL: {VOLUME}/18/docker holds data of PostgreSQL 18 and this image runs 17: "
            "dump it with an image of PostgreSQL 18 and restore it into an empty volume",
        ),
        (
            ".",
            "17",
            f"FATAL: {VOLUME} holds data of PostgreSQL 17 but PGDATA is {VOLUME}/pgdata: "
            f"set PGDATA={VOLUME}, or mount an empty volume",
        ),
    ],
)
def test_postgres_refuses_data_of_another_make(start: Starter, place: str, version: str, sentence: str) -> None:
    volumes = [f"{start.volume()}:{VOLUME}"]
    foreign = f"mkdir -p {VOLUME}/{place} && echo {version} >{VOLUME}/{place}/PG_VERSION"
    assert start("bash", "-c", foreign, volumes=volumes).ended() == 0

    server = start(environment=ENVIRONMENT, volumes=volumes)

    assert server.ended() == 1
    assert server.events() == [sentence]


# --- The running server ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("data_checksums", "on"),
        ("password_encryption", "scram-sha-256"),
        ("shared_buffers", "64MB"),
        ("effective_cache_size", "153MB"),
        ("wal_buffers", "8MB"),
        ("max_connections", "40"),
        ("jit", "off"),
        ("data_directory", f"{VOLUME}/pgdata"),
    ],
)
def test_postgres_setting(server: Server, name: str, value: str) -> None:
    assert query(server, f"SHOW {name}") == value


def test_postgres_is_hardened(server: Server) -> None:
    assert server.hardening() == {
        "CapBnd": [NO_CAPABILITY],
        "CapEff": [NO_CAPABILITY],
        "NoNewPrivs": ["1"],
        "Uid": ["10003"],
    }
    assert "Read-only file system" in server.run("touch", "/here")[1]


def test_postgres_takes_flags_memory_and_other_commands(start: Starter) -> None:
    memory = {**ENVIRONMENT, "POSTGRES_MEMORY_MB": "128"}
    flags = start("-c", "max_connections=17", environment=memory).logged(READY).healthy()
    other = start("psql", "--version")
    wrong = start(environment={**ENVIRONMENT, "POSTGRES_MEMORY_MB": "lots"})

    assert query(flags, "SHOW max_connections") == "17"
    assert query(flags, "SHOW shared_buffers") == "32MB"
    assert (other.ended(), other.lines()[0].split()[0]) == (0, "psql")
    assert wrong.ended() == 1
    assert wrong.events() == [
        "FATAL: POSTGRES_MEMORY_MB is 'lots': give the memory of this container in MiB, as in 512"
    ]


def test_postgres_folds_a_message_into_one_json_line(server: Server) -> None:
    server.run("psql", "-XU", "desk", "ticketing", "-c", "SELECT 1,\n  'é\"\\'::int")

    server.logged("invalid input syntax")

    line = next(line for line in server.logs() if "invalid input syntax" in line["event"])
    assert line.pop("ts").endswith("Z") and line.pop("pid") > 1
    assert line == {
        "level": "error",
        "logger": "postgres",
        "event": 'invalid input syntax for type integer: "é"\\" at character 13',
        "user": "desk",
        "database": "ticketing",
        "application": "psql",
        "statement": "SELECT 1,\n  'é\"\\'::int",
    }


def test_postgres_writes_its_own_lines_when_asked(start: Starter) -> None:
    server = start(environment={**ENVIRONMENT, "LOG_FORMAT": "plain"}).logged(READY)

    assert all(not line.startswith("{") for line in server.lines())


def test_a_stop_during_the_first_start_is_heard(start: Starter) -> None:
    server = start(environment=ENVIRONMENT).logged("initialising PostgreSQL")

    assert server.stop() < 30
    assert server.state["ExitCode"] != 128 + SIGKILL


@pytest.mark.parametrize("signal", [None, "SIGINT", "SIGTERM"])
def test_postgres_stops_clean_and_says_so_in_its_last_line(start: Starter, signal: str | None) -> None:
    server = start(environment=ENVIRONMENT).logged(READY).healthy()

    assert server.stop(signal) < 10
    assert server.state["ExitCode"] == 0
    assert server.events()[-1] == "database system is shut down"

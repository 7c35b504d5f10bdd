"""The redis image: the contract of the official one, a password always, and nothing lost that was acknowledged."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from kombu import Connection

from tests.integration.images.server import NO_CAPABILITY, Server, Starter
from tests.waiting import poll

PASSWORD = 's"e cr\\et #1'
READY = "Ready to accept connections tcp"
Starting = Callable[..., AbstractContextManager[Starter]]
SecretFile = Callable[[str], Path]


@pytest.fixture
def start(starting: Starting) -> Iterator[Starter]:
    with starting("redis") as starter:
        yield starter


@pytest.fixture(scope="module")
def server(starting: Starting, secret: SecretFile) -> Iterator[Server]:
    """A server whose password is in a file, shared by the tests that only look."""
    with starting("redis") as start:
        yield start(
            environment={"REDIS_PASSWORD_FILE": "/run/secrets/password"},
            volumes=[f"{secret(PASSWORD)}:/run/secrets/password:ro"],
            ports={"6379/tcp": ("127.0.0.1", None)},
        ).healthy()


def cli(server: Server, *words: str, password: str = PASSWORD) -> str:
    return server.run("redis-cli", *words, REDISCLI_AUTH=password)[1]


def test_redis_refuses_to_start_without_a_password(start: Starter) -> None:
    server = start()

    assert server.ended() == 1
    assert server.events() == ["FATAL: Redis has no password: set REDIS_PASSWORD_FILE (or REDIS_PASSWORD)"]


def test_redis_refuses_a_password_that_is_given_twice(start: Starter) -> None:
    server = start(environment={"REDIS_PASSWORD": "one", "REDIS_PASSWORD_FILE": "/run/secrets/two"})

    assert server.ended() == 1
    assert server.events() == ["FATAL: both REDIS_PASSWORD and REDIS_PASSWORD_FILE are set: keep one of them"]


def test_redis_answers_only_who_knows_the_password(server: Server) -> None:
    assert server.run("redis-cli", "ping") == (0, "NOAUTH Authentication required.")
    assert "WRONGPASS" in cli(server, "ping", password="guess")
    assert cli(server, "ping") == "PONG"


def test_redis_takes_its_password_from_the_environment(start: Starter) -> None:
    server = start(environment={"REDIS_PASSWORD": PASSWORD}).logged(READY)

    assert cli(server, "ping") == "PONG"


def test_redis_is_unhealthy_for_a_probe_with_another_password(server: Server) -> None:
    _, *probe = server.container.attrs["Config"]["Healthcheck"]["Test"]

    assert server.run(*probe, REDIS_PASSWORD="guess")[0] == 1
    assert server.run(*probe) == (0, "PONG")


def test_redis_password_is_in_no_argument_list_and_not_in_inspect(server: Server) -> None:
    arguments = server.shell("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' || true")

    assert "redis-server" in arguments
    assert PASSWORD not in arguments
    assert PASSWORD not in str(server.container.attrs)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("maxmemory-policy", "noeviction"),
        ("maxmemory", str(256 * 1024 * 1024 * 3 // 4)),
        ("appendonly", "yes"),
        ("appendfsync", "everysec"),
        ("save", ""),
        ("dir", "/data"),
        ("protected-mode", "yes"),
    ],
)
def test_redis_setting(server: Server, name: str, value: str) -> None:
    assert cli(server, "config", "get", name).splitlines() == ([name, value] if value else [name])


@pytest.mark.parametrize(
    "words",
    [
        "flushall",
        "config set dir /tmp",
        "debug sleep 0",
        "module list",
        "replicaof 127.0.0.1 1",
        "acl list",
        "shutdown nosave",
        "swapdb 0 1",
        "migrate 127.0.0.1 1 key 0 1",
    ],
)
def test_redis_refuses_what_the_application_never_asks(server: Server, words: str) -> None:
    assert cli(server, *words.split()).startswith(("NOPERM", "ERR DEBUG command not allowed"))


def test_redis_carries_a_message_of_kombu(server: Server) -> None:
    port = int(server.container.ports["6379/tcp"][0]["HostPort"])

    broker = Connection(hostname="127.0.0.1", port=port, password=PASSWORD, transport="redis")
    with broker as connection, connection.SimpleQueue("letters") as queue:
        queue.put({"to": "board"})
        message = queue.get(timeout=10)
        message.ack()
        queue.clear()

    assert message.payload == {"to": "board"}


def test_redis_is_hardened(server: Server) -> None:
    assert server.hardening() == {
        "CapBnd": [NO_CAPABILITY],
        "CapEff": [NO_CAPABILITY],
        "NoNewPrivs": ["1"],
        "Uid": ["10002"],
    }
    assert "Read-only file system" in server.run("touch", "/here")[1]


def test_redis_writes_one_json_line_per_event(server: Server) -> None:
    ready = next(line for line in server.logs() if line["event"] == READY)

    assert set(ready) == {"ts", "level", "logger", "event", "pid"}
    assert (ready["level"], ready["logger"]) == ("info", "redis")


@pytest.mark.parametrize("signal", [None, "SIGTERM", "SIGINT"])
def test_redis_stops_at_once_and_says_so_in_its_last_line(start: Starter, signal: str | None) -> None:
    server = start(environment={"REDIS_PASSWORD": PASSWORD}).logged(READY)

    assert server.stop(signal) < 5
    assert server.state["ExitCode"] == 0
    assert server.events()[-1] == "Redis is now ready to exit, bye bye..."


def test_redis_keeps_data_over_a_restart_and_a_kill(start: Starter) -> None:
    server = start(environment={"REDIS_PASSWORD": PASSWORD}).logged(READY)

    assert cli(server, "set", "kept", "1") == "OK"
    server.container.restart()
    poll(lambda: cli(server, "get", "kept") == "1", what="the key after a restart")
    cli(server, "set", "kept", "2")
    poll(lambda: "aof_pending_bio_fsync:0" in cli(server, "info", "persistence"), what="the file is on the disk")
    server.stop("SIGKILL")
    server.container.start()

    poll(lambda: cli(server, "get", "kept") == "2", what="the key after a kill")


def test_redis_takes_flags_a_file_and_other_commands(start: Starter, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "own.conf").write_text("maxclients 77\n")
    options = {"environment": {"REDIS_PASSWORD": PASSWORD}, "volumes": [f"{tmp_path}:/etc/own:ro"]}

    by_flags = start("--maxclients", "78", **options).logged(READY)
    by_file = start("/etc/own/own.conf", "--databases", "3", **options).logged(READY)
    other = start("redis-cli", "--version")

    assert cli(by_flags, "config", "get", "maxclients").split() == ["maxclients", "78"]
    assert cli(by_file, "config", "get", "maxclients").split() == ["maxclients", "77"]
    assert cli(by_file, "config", "get", "databases").split() == ["databases", "3"]
    assert (other.ended(), other.lines()[0].split()[0]) == (0, "redis-cli")


def test_redis_writes_its_own_lines_when_asked(start: Starter) -> None:
    server = start(environment={"REDIS_PASSWORD": PASSWORD, "LOG_FORMAT": "plain"}).logged(READY)

    assert server.lines()[-1].endswith(f"* {READY}")


def test_redis_says_why_it_cannot_write_its_volume(start: Starter, tmp_path: Path) -> None:
    tmp_path.chmod(0o555)

    server = start(environment={"REDIS_PASSWORD": PASSWORD}, volumes=[f"{tmp_path}:/data"])

    assert server.ended() == 1
    assert server.events() == ["FATAL: /data is not writable by uid 10002: chown 10002:10002 the volume"]

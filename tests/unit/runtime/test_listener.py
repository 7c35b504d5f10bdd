"""The listener speaks supervisord's protocol and knows when the container must end."""

import io
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from runtime.listener import ProgressWatch, busy, events, program_failure, server


def wire(*pairs: tuple[str, str]) -> io.StringIO:
    """Return what supervisord writes to a listener: a header line with the payload's length, then the payload."""
    return io.StringIO("".join(f"eventname:{name} len:{len(payload)}\n{payload}" for name, payload in pairs))


def test_each_event_is_asked_for_and_answered():
    answers = io.StringIO()

    seen = list(events(wire(("TICK_60", "when:1"), ("PROCESS_STATE_EXITED", "processname:beat expected:0")), answers))

    assert [header["eventname"] for header, _ in seen] == ["TICK_60", "PROCESS_STATE_EXITED"]
    assert seen[1][1] == {"processname": "beat", "expected": "0"}
    assert answers.getvalue() == "READY\nRESULT 2\nOKREADY\nRESULT 2\nOKREADY\n"


@pytest.mark.parametrize(
    ("name", "payload", "failure"),
    [
        ("PROCESS_STATE_FATAL", {"processname": "beat"}, "beat could not be started"),
        ("PROCESS_STATE_EXITED", {"processname": "beat", "expected": "0"}, "beat ended by itself"),
        ("PROCESS_STATE_EXITED", {"processname": "worker", "expected": "1"}, "worker ended by itself"),
        ("TICK_60", {"when": "1"}, None),
    ],
)
def test_a_program_that_is_gone_is_a_failure(name, payload, failure):
    assert program_failure(name, payload) == failure


@pytest.fixture
def answering():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()


def test_no_progress_is_a_failure_while_the_servers_answer(tmp_path: Path, answering):
    watch = ProgressWatch(tmp_path / "heartbeat", -1, [answering])

    assert watch.failure() == "no progress for 0 s"


def test_a_new_stamp_starts_the_time_anew(tmp_path: Path, answering):
    file = tmp_path / "heartbeat"
    file.touch()
    watch = ProgressWatch(file, 60, [answering])
    watch.failure()
    watch._since -= 120
    os.utime(file, (1, 1))

    assert watch.failure() is None


def test_an_outage_of_a_server_is_not_the_containers_failure(tmp_path: Path, answering):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        silent = gone.getsockname()
    watch = ProgressWatch(tmp_path / "heartbeat", 60, [answering, silent])
    watch._since -= 120

    assert watch.failure() is None


def test_who_can_make_no_progress_just_now_is_excused(tmp_path: Path, answering):
    watch = ProgressWatch(tmp_path / "heartbeat", 60, [answering])
    watch._since -= 120

    assert watch.failure(excused=True) is None
    assert watch.failure() is None


@pytest.mark.parametrize("name", [".s.PGSQL.5432", "redis.sock"])
def test_a_server_on_a_unix_socket_answers_only_while_it_listens(tmp_path: Path, name):
    """PostgreSQL is named by the directory of its socket, which outlives the server."""
    place = tmp_path if "PGSQL" in name else tmp_path / name
    watch = ProgressWatch(tmp_path / "heartbeat", -1, [(str(place), 5432)])
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / name))
        listening.listen()

        assert watch.failure() == "no progress for 0 s"

    watch = ProgressWatch(tmp_path / "heartbeat", 60, [(str(place), 5432)])
    watch._since -= 120

    assert watch.failure() is None


def marked(heartbeat: Path, process: int, seconds: float) -> None:
    """Write what core.heartbeat.work writes: this process is in a task that must have ended then."""
    mark = heartbeat.with_name(f"{heartbeat.name}.busy.{process}")
    mark.touch()
    os.utime(mark, (time.time() + seconds, time.time() + seconds))


def test_a_process_in_a_task_is_busy_until_the_task_must_have_ended(tmp_path: Path):
    marked(tmp_path / "heartbeat", os.getpid(), 60)
    marked(tmp_path / "heartbeat", os.getppid(), -1)

    assert busy(tmp_path / "heartbeat") == 1


def test_a_process_that_is_gone_is_not_busy(tmp_path: Path):
    with subprocess.Popen(["true"]) as gone:
        pass
    marked(tmp_path / "heartbeat", gone.pid, 60)

    assert busy(tmp_path / "heartbeat") == 0


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DB_HOST": "db"}, ("db", 5432)),
        ({"DB_HOST": "db", "DB_PORT": "6"}, ("db", 6)),
        ({"DATABASE_URL": "postgresql://u:p@h:7/n"}, ("h", 7)),
        ({}, ("localhost", 5432)),
    ],
)
def test_the_server_is_found_as_the_application_finds_it(environment, expected):
    assert server(environment, ("DATABASE_URL",), "DB", 5432) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"REDIS_HOST": "redis.example.org", "REDIS_PORT": "6380"}, ("redis.example.org", 6380)),
        ({"REDIS_URL": "rediss://u:p%2F@r.example.org?ssl_ca_certs=/ca.pem"}, ("r.example.org", 6379)),
        ({"CELERY_BROKER_URL": "rediss://[2001:db8::1]:7/1", "REDIS_URL": "rediss://r"}, ("2001:db8::1", 7)),
        ({"CELERY_BROKER_URL": "sentinel://:p@one:26380;sentinel://two?master_name=m"}, ("one", 26380)),
    ],
)
def test_a_broker_behind_tls_is_found_too(environment, expected):
    assert server(environment, ("CELERY_BROKER_URL", "REDIS_URL"), "REDIS", 6379) == expected

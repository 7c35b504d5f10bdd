"""PostgreSQL and Redis of the user's own, over TLS: verified or refused, by every process, with no way round."""

import json
from collections.abc import Iterator

import httpx
import pytest

from bundle.containers import overlaid
from tests.integration.overlays.front_door import FrontDoor
from tests.integration.overlays.servers import Servers
from tests.integration.stacks import started
from tests.integration.targets.host import Host
from tests.waiting import poll

SECURE = """
SELECT count(*) FILTER (WHERE ssl), count(*) FILTER (WHERE NOT ssl)
FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL AND datname = '{}'
"""
ASK_BROKER = "from celery import current_app as a; a.connection_for_write().ensure_connection(max_retries=1, timeout=5)"
ASK_DATABASE = "from django.db import connection; connection.ensure_connection()"
ARCHIVE = ("run_now", "archive-old-done-tickets", "--wait")


@pytest.fixture(scope="module")
def stack(servers: Servers) -> Iterator[FrontDoor]:
    with started(FrontDoor(overlay="external", given=servers.given("desk"))) as running:
        yield running


def test_the_stack_runs_without_servers_of_its_own(stack):
    running = {line.split()[0].removeprefix(f"{stack.name}-"): line for line in status(stack)}

    assert running.keys() == {"backend", "celery-1", "migrate"}
    assert "healthy" in running["backend"] and "healthy" in running["celery-1"]
    assert httpx.get(f"{stack.address}/readyz").json() == {"database and migrations": "ok", "redis": "ok"}


def status(stack: FrontDoor) -> list[str]:
    return [line for line in stack.verb("status").stdout.splitlines() if line.startswith(stack.name)]


def test_a_chore_goes_through_the_queue_and_back(stack):
    assert json.loads(stack.manage(*ARCHIVE).splitlines()[-1])["failed"] == 0


def test_every_connection_to_postgres_is_encrypted_though_plain_ones_are_allowed(stack, servers):
    encrypted, plain = map(int, servers.sql(SECURE.format("desk")).split("|"))

    assert encrypted > 0
    assert plain == 0
    assert "hostssl" not in servers.sql("SELECT DISTINCT type FROM pg_hba_file_rules")


def test_no_password_is_in_an_environment(stack, servers):
    environments = [stack.container(service).attrs["Config"]["Env"] for service in ("migrate", "backend", "celery")]

    assert servers.password not in str(environments)


@pytest.mark.parametrize(
    ("code", "variables", "words"),
    [
        (ASK_DATABASE, {"DB_CA_FILE": "OTHER"}, "certificate verify failed"),
        (ASK_DATABASE, {"DB_HOST": "UNNAMED"}, "does not match host name"),
        (ASK_BROKER, {"REDIS_CA_FILE": "OTHER"}, "CERTIFICATE_VERIFY_FAILED"),
        (ASK_BROKER, {"REDIS_HOST": "UNNAMED"}, "IP address mismatch"),
        (ASK_BROKER, {"REDIS_CA_FILE": "", "REDIS_URL_FILE": "PLAIN"}, "Connection closed by server"),
    ],
    ids=["db-ca", "db-name", "redis-ca", "redis-name", "redis-without-tls"],
)
def test_a_process_refuses_a_server_that_is_not_the_right_one(stack, servers, code, variables, words):
    """Each in the running container, with one thing wrong; as it is, the same line succeeds."""
    container = stack.container("backend")
    line = ["python", "/app/services/backend/manage.py", "shell", "--no-imports", "--verbosity", "0", "-c", code]
    assert container.exec_run(line)[0] == 0
    values = {"OTHER": "/tmp/other.pem", "UNNAMED": servers.unnamed, "PLAIN": "/tmp/plain"}  # noqa: S108
    plain = f"redis://:{servers.password}@{servers.address}:{stack.given['REDIS_PORT']}/0"
    write(container, "/tmp/other.pem", servers.directory.joinpath("other.pem").read_text())  # noqa: S108
    write(container, "/tmp/plain", plain)  # noqa: S108

    wrong = {name: values.get(value, value) for name, value in variables.items()}
    code, output = container.exec_run(line, environment=unnamed_ports(stack, servers, wrong))

    assert code != 0
    assert words in output.decode()


def write(container, path: str, text: str) -> None:
    code, output = container.exec_run(["sh", "-c", f'printf %s "$TEXT" >{path}'], environment={"TEXT": text})
    assert code == 0, output


def unnamed_ports(stack: FrontDoor, servers: Servers, wrong: dict[str, str]) -> dict[str, str]:
    """The other address of this machine has published ports of its own."""
    ports = {}
    for name, server, inside in (("DB", servers.database, "5432/tcp"), ("REDIS", servers.broker, "6380/tcp")):
        if f"{name}_HOST" in wrong:
            (port,) = {one["HostPort"] for one in server.ports[inside] if one["HostIp"] == servers.unnamed}
            ports[f"{name}_PORT"] = port
    return {**wrong, **ports}


def test_the_next_start_must_say_the_same(stack):
    done = stack.verb("up", RUNTIME="containers")

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{stack.name} was started with OVERLAY=external: repeat it so, or end that first with"
        f" `make down STACK_NAME={stack.name}`."
    ]


def test_logs_down_and_destroy_find_the_overlay_by_themselves(servers):
    stack = FrontDoor(overlay="external", given=servers.given("brief"))
    with started(stack):
        assert any(line["event"].endswith("ready.") for line in stack.logs("celery"))
        stack.down()
        assert stack.left() == []
        assert stack.start(ONLY="celery").returncode == 0
    assert stack.left() == []


# --- a start that must fail


def test_a_wrong_ca_of_postgres_ends_the_start_with_the_reason(servers):
    stack = FrontDoor(overlay="external", given={**servers.given("wrong_ca"), "DB_CA_FILE": servers.other_ca})
    try:
        done = stack.start()
    finally:
        stack.destroy()

    assert done.returncode == 1
    assert "certificate verify failed" in done.stderr
    assert "migrate is exited (1)" in done.stderr
    assert stack.left() == []


def test_a_wrong_ca_of_redis_leaves_the_worker_unhealthy_and_says_why(servers):
    stack = FrontDoor(overlay="external", given={**servers.given("wrong_redis"), "REDIS_CA_FILE": servers.other_ca})
    try:
        done = stack.start(ONLY="celery")
    finally:
        stack.destroy()

    assert done.returncode == 1
    assert "CERTIFICATE_VERIFY_FAILED" in done.stderr
    assert "celery is running and unhealthy" in done.stderr


def test_nothing_is_started_when_something_is_missing(docker):
    stack = FrontDoor(overlay="external", given={"DB_HOST": "db.example.org"})

    done = stack.start()

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("OVERLAY=external needs DB_PASSWORD_FILE, DB_CA_FILE, REDIS_HOST,")
    assert stack.left() == []


# --- without containers


def test_the_host_runtime_takes_the_same_servers_by_address(servers):
    given = servers.given("host")
    database = f"postgresql://postgres:{servers.password}@{servers.address}:{given['DB_PORT']}/host"
    redis = f"rediss://:{servers.password}@{servers.address}:{given['REDIS_PORT']}"
    settings = {
        "DATABASE_URL": f"{database}?sslmode=verify-full&sslrootcert={servers.ca}",
        # Databases of its own: the other stack's worker would take its tasks.
        "REDIS_URL": f"{redis}/2",
        "CELERY_BROKER_URL": f"{redis}/3",
        "REDIS_CA_FILE": servers.ca,
    }
    with started(Host(settings=settings)) as stack:
        assert json.loads(stack.manage(*ARCHIVE).splitlines()[-1])["failed"] == 0
        poll(lambda: httpx.get(f"{stack.address}/readyz").status_code == 200, what="a ready web")
        encrypted, plain = map(int, servers.sql(SECURE.format("host")).split("|"))

    assert (encrypted > 0, plain) == (True, 0)


def test_the_overlays_of_a_project_are_named_as_their_files_are():
    assert [file.name for file in overlaid.files(FrontDoor().root, ["external"])] == ["compose.external.yaml"]

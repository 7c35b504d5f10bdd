"""What the units say; what systemd makes of them is asked in tests/integration/systemd."""

import dataclasses
import subprocess
import sys
from collections import defaultdict

import pytest

from bundle import environment, units
from bundle.model import Stack
from bundle.render import systemd
from tests.checkout import ROOT, STACK

Directives = dict[str, list[str]]
TYPES = [f"worker@{name}" for name in ("general", "ml", "sync", "pricing", "reports")]
SERVICES = [f"ticketing-{name}.service" for name in ("migrate", "web", "worker@", "beat", *TYPES)]
LONG_RUNNING = SERVICES[1:]


def read(text: str) -> Directives:
    found = defaultdict(list)
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key].append(value)
    return found


def rendered(stack: Stack = STACK) -> dict[str, Directives]:
    return {name: read(text) for name, text in systemd.render(stack).items()}


def test_every_service_is_grouped_by_the_target() -> None:
    grouped = {name for name, unit in rendered().items() if unit["PartOf"] == unit["WantedBy"] == ["ticketing.target"]}

    assert grouped == {*SERVICES, "ticketing-web.socket"}
    assert rendered()["ticketing.target"]["WantedBy"] == ["multi-user.target"]


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_nothing_is_ever_given_up(name: str) -> None:
    unit = rendered()[name]

    assert (unit["Restart"], unit["StartLimitIntervalSec"]) == (["always"], ["0"])


def test_the_pause_between_two_restarts_grows_where_systemd_knows_how() -> None:
    first = {unit["RestartSec"][0] for name, unit in rendered().items() if name in SERVICES}
    grown = rendered()["ticketing-.service.d/backoff.conf"]

    assert first == {"5"}
    assert (grown["RestartSteps"], grown["RestartMaxDelaySec"]) == (["5"], ["60"])
    assert not any(unit["RestartSteps"] for name, unit in rendered().items() if name in SERVICES)


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_every_process_runs_in_the_foreground_and_says_when_it_is_ready(name: str) -> None:
    unit = rendered()[name]

    assert (unit["Type"], unit["NotifyAccess"], unit["PIDFile"]) == (["notify"], ["main"], [])
    assert len(unit["ExecStart"]) == 1


@pytest.mark.parametrize("name", SERVICES)
def test_the_main_process_alone_is_asked_to_stop(name: str) -> None:
    assert (rendered()[name]["KillMode"], rendered()[name]["KillSignal"]) == (["mixed"], ["SIGTERM"])


def test_a_running_task_is_waited_for_as_in_a_container() -> None:
    times = dataclasses.replace(STACK.times, task_seconds=7)
    worker = rendered(dataclasses.replace(STACK, times=times))["ticketing-worker@.service"]

    assert worker["TimeoutStopSec"] == [str(times.grace_seconds)]
    assert f"CELERY_TASK_TIME_LIMIT={times.hard_seconds}" in worker["Environment"]


def test_worker_and_beat_share_what_their_container_may_use() -> None:
    found = [rendered()[f"ticketing-{name}.service"] for name in ("worker@", "beat")]
    whole = STACK.service["celery"].resources

    assert sum(int(unit["MemoryMax"][0].removesuffix("M")) for unit in found) == whole.memory_mb
    assert sum(int(unit["TasksMax"][0]) for unit in found) == whole.pids


@pytest.mark.parametrize("name", TYPES)
def test_a_type_of_worker_differs_from_the_worker_by_what_is_its_own(name: str) -> None:
    usual, typed = (systemd.render(STACK)[f"ticketing-{unit}.service"].splitlines() for unit in ("worker@", name))
    kind = STACK.service[name.replace("@", "-")]
    own = " ".join(f"{variable}={value}" for variable, value in kind.environment.items())
    found = {line.partition("=")[0]: line for line in typed if line not in usual and not line.startswith("#")}

    assert f"ExecStart=/usr/bin/env {own} /opt/ticketing/current/entrypoints/worker.sh " in found["ExecStart"]
    assert found["MemoryMax"] == f"MemoryMax={kind.resources.memory_mb}M"
    addresses = {"IPAddressDeny", "IPAddressAllow"}
    assert found.keys() - addresses <= {"Description", "ExecStart", "MemoryMax", "TasksMax", "CPUQuota"}


def test_a_limit_of_processors_is_said_in_percent() -> None:
    web = STACK.service["backend"]
    limited = dataclasses.replace(web, resources=dataclasses.replace(web.resources, cpus=1.5))
    stack = dataclasses.replace(STACK, service={**STACK.service, "backend": limited})

    assert rendered(stack)["ticketing-web.service"]["CPUQuota"] == ["150%"]


@pytest.mark.parametrize("name", STACK.unit)
def test_every_secret_is_a_file_that_only_the_unit_can_read(name: str) -> None:
    unit = read(systemd.render(STACK)[f"ticketing-{name}{'@' if STACK.unit[name].nodes else ''}.service"])
    given = dict(line.split("=", 1) for line in unit["Environment"])
    service = units.service(STACK, STACK.unit[name]).name

    for variable in environment.read_by(STACK, service):
        if variable.secret or variable.sensitive:
            credential = given[f"{variable.name}_FILE"].removeprefix("%d/")
            assert variable.name not in given
            assert f"{credential}:/etc/ticketing/credentials/{credential}" in unit["LoadCredential"]


def test_an_address_with_a_password_may_be_missing_and_a_secret_may_not() -> None:
    web = rendered()["ticketing-web.service"]

    assert web["SetCredential"] == [r"database_url:\n", r"redis_url:\n", r"celery_broker_url:\n"]


def test_beat_wants_its_worker_and_does_not_require_it() -> None:
    beat = rendered()["ticketing-beat.service"]

    assert "ticketing-worker@1.service" in beat["Wants"][0].split()
    assert "ticketing-worker@1.service" in beat["After"][0].split()
    assert beat["Requires"] == []


def test_a_node_tells_itself_apart() -> None:
    worker = rendered()["ticketing-worker@.service"]

    assert "NODE_NAME=%H-worker-%i" in worker["Environment"]
    assert "HEARTBEAT_FILE=%t/ticketing-worker-%i/heartbeat" in worker["Environment"]
    assert worker["RuntimeDirectory"] == ["ticketing-worker-%i"]


def test_a_percent_sign_in_a_value_is_no_specifier() -> None:
    odd = dataclasses.replace(STACK.variable["LOG_LEVEL"], value="%d", tunable=False)
    stack = dataclasses.replace(STACK, variable={**STACK.variable, "LOG_LEVEL": odd})

    assert "LOG_LEVEL=%%d" in rendered(stack)["ticketing-web.service"]["Environment"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_had_to_stay_off_is_explained(name: str) -> None:
    assert "# Off, as it cannot work otherwise: PrivateNetwork" in systemd.render(STACK)[name]


def test_only_the_web_is_called_from_anywhere_and_only_workers_that_send_mail_call_anywhere() -> None:
    open_ones = {name for name in SERVICES if not rendered()[name]["IPAddressDeny"]}

    nodes = {f"ticketing-worker@{name}.service" for name in ("", "general", "sync")}
    assert open_ones == {"ticketing-web.service", *nodes}


def test_a_worker_without_a_way_out_is_filtered() -> None:
    worker = dataclasses.replace(STACK.unit["worker"], outbound=False)
    stack = dataclasses.replace(STACK, unit={**STACK.unit, "worker": worker})

    assert rendered(stack)["ticketing-worker@.service"]["IPAddressDeny"] == ["any"]


def test_rendering_needs_python_alone() -> None:
    """The installer renders on a machine that has no package of ours."""
    code = "import sys; sys.path.insert(0, 'deploy'); import bundle.load, bundle.render.systemd"

    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")

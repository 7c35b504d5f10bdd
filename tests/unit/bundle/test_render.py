"""Rendering is pure, and what is rendered is what the stack says."""

import base64
import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bundle.model import Stack
from bundle.render import dokploy, targets
from tests.checkout import ROOT, STACK

COMPOSE = Path(sys.prefix) / "bin" / "docker-compose"
COMPOSE_FILE = Path("deploy/compose/compose.yaml")
LONG_RUNNING = ["db", "redis", "backend", "celery"]


@pytest.fixture(scope="module")
def stack() -> Stack:
    return STACK


@pytest.fixture(scope="module")
def composed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _resolved(stack, tmp_path_factory.mktemp("compose"))


def _resolved(stack: Stack, folder: Path, **environ: str) -> dict[str, Any]:
    """Give the rendered file as Compose understands it."""
    file = folder / "compose.yaml"
    file.write_text(targets.files(stack)[COMPOSE_FILE], encoding="utf-8")
    line = [str(COMPOSE), "--file", str(file), "config", "--format", "json"]
    plain = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(line, env=plain | environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    resolved: dict[str, Any] = json.loads(done.stdout)
    return resolved


def test_rendering_twice_gives_the_same_bytes(stack: Stack) -> None:
    assert targets.files(stack) == targets.files(stack)


def test_another_stack_name_changes_names_and_nothing_else(stack: Stack) -> None:
    renamed = targets.files(dataclasses.replace(stack, name="zebra"))

    back = {
        Path(str(path).replace("zebra", stack.name)): _readable(path, text).replace("zebra", stack.name)
        for path, text in renamed.items()
    }
    assert back == {path: _readable(path, text) for path, text in targets.files(stack).items()}


def test_another_stack_name_changes_every_name(stack: Stack) -> None:
    """Two defaults are the same word on purpose; with them renamed too, the old name stands nowhere."""
    defaults = {name: dataclasses.replace(stack.variable[name], default="zebra") for name in ("STACK_NAME", "DB_NAME")}
    renamed = targets.files(dataclasses.replace(stack, name="zebra", variable={**stack.variable, **defaults}))

    assert [path for path, text in renamed.items() if stack.name in f"{path}\n{_readable(path, text)}"] == []


def _readable(path: Path, text: str) -> str:
    return base64.b64decode(text).decode() if path.name == dokploy.IMPORT else text


def test_another_stack_name_at_the_start_changes_every_name(
    stack: Stack, composed: dict[str, Any], tmp_path: Path
) -> None:
    renamed = _resolved(stack, tmp_path, STACK_NAME="zebra", SECRETS_DIR="/secrets")

    names = [service.get("container_name") for service in renamed["services"].values()]
    assert names == ["zebra-backend", None, "zebra-db", "zebra-migrate", "zebra-redis"]
    places = [renamed["name"], *_names(renamed)]
    assert all(place.startswith("zebra") for place in places)
    assert [place.replace("zebra", "ticketing") for place in places] == [composed["name"], *_names(composed)]


def _names(composed: dict[str, Any]) -> list[str]:
    return [each["name"] for family in ("networks", "volumes") for each in composed[family].values()]


def test_every_generated_file_says_what_made_it(stack: Stack) -> None:
    line = "Generated from deploy/stack.toml by `make render`; do not edit."

    # JSON has no comments, and what is pasted into Dokploy holds files that have their own.
    rendered = {path: text for path, text in targets.files(stack).items() if path.suffix not in (".json", ".txt")}
    # A program's first line names its interpreter.
    first_lines = [text.splitlines()[1 if text.startswith("#!") else 0] for text in rendered.values()]

    assert [text.strip("#<!->; ") for text in first_lines] == [line.strip("; ")] * len(first_lines)


def test_no_generated_file_knows_this_machine(stack: Stack) -> None:
    assert [path for path, text in targets.files(stack).items() if str(ROOT) in text] == []


def test_only_the_backend_publishes_a_port_and_only_on_loopback(composed: dict[str, Any]) -> None:
    published = {
        name: [(port["host_ip"], port["published"], port["target"]) for port in service.get("ports", [])]
        for name, service in composed["services"].items()
    }

    assert published == {"backend": [("127.0.0.1", "8000", 8000)], "celery": [], "db": [], "migrate": [], "redis": []}


def test_port_and_address_are_chosen_at_the_start(stack: Stack, tmp_path: Path) -> None:
    backend = _resolved(stack, tmp_path, WEB_PORT="9000", WEB_BIND="192.0.2.1")["services"]["backend"]

    assert [(port["host_ip"], port["published"]) for port in backend["ports"]] == [("192.0.2.1", "9000")]


def test_every_service_is_hardened(composed: dict[str, Any]) -> None:
    wanted = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}

    for service in composed["services"].values():
        assert {key: service[key] for key in wanted} == wanted
        assert int(service["user"].split(":")[0]) >= 999
        assert int(service["mem_limit"]) > 0
        assert service["pids_limit"] > 0
        assert service["logging"]["options"] == {"max-file": "3", "max-size": "10m"}
        assert all("noexec,nosuid,nodev" in directory for directory in service["tmpfs"])


def test_the_data_network_has_no_way_out(composed: dict[str, Any]) -> None:
    services = composed["services"].items()
    outside = {name: set(service["networks"]) for name, service in services if set(service["networks"]) != {"data"}}

    assert composed["networks"]["data"]["internal"] is True
    assert outside == {"backend": {"data", "public"}, "celery": {"data", "egress"}}


def test_services_find_each_other_by_the_stack_and_their_name(composed: dict[str, Any]) -> None:
    aliases = {name: service["networks"]["data"]["aliases"] for name, service in composed["services"].items()}

    assert aliases == {name: [f"ticketing-{name}"] for name in composed["services"]}
    assert composed["services"]["celery"]["environment"]["DB_HOST"] == "ticketing-db"


def test_everything_that_keeps_running_is_probed_and_restarted(composed: dict[str, Any]) -> None:
    services = composed["services"]

    assert sorted(name for name in services if "test" in services[name]["healthcheck"]) == sorted(LONG_RUNNING)
    assert {services[name]["restart"] for name in LONG_RUNNING} == {"unless-stopped"}
    assert services["migrate"]["restart"] == "no"


def test_what_runs_once_does_not_inherit_the_probe_of_its_image(composed: dict[str, Any]) -> None:
    assert composed["services"]["migrate"]["healthcheck"] == {"disable": True}


def test_no_probe_asks_for_an_engine_of_25(composed: dict[str, Any]) -> None:
    assert [name for name, one in composed["services"].items() if "start_interval" in one.get("healthcheck", {})] == []


def test_web_and_worker_start_after_the_migration(composed: dict[str, Any]) -> None:
    needs = {name: one.get("depends_on", {}) for name, one in composed["services"].items()}

    conditions = {name: {other: need["condition"] for other, need in each.items()} for name, each in needs.items()}
    ready = {"db": "service_healthy", "redis": "service_healthy", "migrate": "service_completed_successfully"}
    assert conditions["backend"] == conditions["celery"] == ready
    assert conditions["migrate"] == {"db": "service_healthy"}


def test_no_secret_is_in_the_environment(stack: Stack, composed: dict[str, Any]) -> None:
    secrets = {variable.name for variable in stack.variable.values() if variable.secret or variable.sensitive}

    handed = {name for service in composed["services"].values() for name in service["environment"]}

    assert handed & secrets == set()
    assert composed["services"]["celery"]["environment"]["DB_PASSWORD_FILE"] == "/run/secrets/db_password"


def test_a_service_gets_the_secrets_that_it_reads_and_no_other(composed: dict[str, Any]) -> None:
    given = {name: [each["source"] for each in one["secrets"]] for name, one in composed["services"].items()}

    everything = ["secret_key", "db_password", "redis_password"]
    assert given == {
        "backend": [*everything, "metrics_token"],
        "celery": [*everything, "email_host_password", "webhook_secret", "alert_webhook"],
        "db": ["db_password"],
        "migrate": ["secret_key", "db_password"],
        "redis": ["redis_password"],
    }


def test_an_image_is_built_by_one_service(composed: dict[str, Any]) -> None:
    built = [service["image"] for service in composed["services"].values() if "build" in service]

    assert sorted(built) == [f"deskbeat/{image}:local" for image in ("backend", "celery", "postgres", "redis")]


def test_services_that_share_an_image_start_their_own_script(composed: dict[str, Any]) -> None:
    entrypoints = {name: composed["services"][name]["entrypoint"] for name in ("backend", "celery", "migrate")}

    assert entrypoints == {
        "backend": ["/app/entrypoints/web.sh"],
        "celery": ["/app/entrypoints/celery.sh"],
        "migrate": ["/app/entrypoints/migrate.sh"],
    }


def test_a_dollar_sign_reaches_the_probe(stack: Stack, composed: dict[str, Any]) -> None:
    health = stack.service["redis"].health

    # Compose writes a literal dollar sign twice.
    test = [word.replace("$$", "$") for word in composed["services"]["redis"]["healthcheck"]["test"]]

    assert health is not None
    assert test == ["CMD", *health.command]


def test_an_optional_service_is_rendered_with_its_profile_and_left_out_without(
    stack: Stack, composed: dict[str, Any], tmp_path: Path
) -> None:
    profiles = [service.profile for service in stack.service.values() if service.profile]

    everything = _resolved(stack, tmp_path, COMPOSE_PROFILES=",".join(profiles))["services"]

    assert everything.keys() - composed["services"].keys() == {
        name for name, one in stack.service.items() if one.profile
    }


def test_a_type_of_worker_is_the_worker_with_its_own_queues_and_limits(stack: Stack, tmp_path: Path) -> None:
    services = _resolved(stack, tmp_path, COMPOSE_PROFILES="ml", CELERY_CONCURRENCY="7")["services"]
    usual, ml = services["celery"], services["worker-ml"]

    own = {name: value for name, value in ml["environment"].items() if usual["environment"].get(name) != value}
    assert own == {"CELERY_QUEUES": "ml_tasks", "CELERY_CONCURRENCY": "1", "CELERY_MAX_TASKS_PER_CHILD": "100"}
    assert {key for key in usual if usual[key] != ml.get(key)} - {"build", "environment", "networks"} == {"mem_limit"}
    assert (ml["mem_limit"], ml["cpus"]) == (str(4 * 1024**3), 2)
    assert ml["deploy"]["resources"]["reservations"] == {"cpus": 1, "memory": str(2 * 1024**3)}

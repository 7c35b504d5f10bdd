"""deploy/swarm/stack.yaml, in the words that were seen to take effect on Docker 20.10."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bundle.render import swarm_stack, targets
from tests.checkout import STACK

DOCUMENT = yaml.safe_load(targets.files(STACK)[Path("deploy/swarm/stack.yaml")])
SERVICES: dict[str, Any] = DOCUMENT["services"]
KEPT = [name for name, service in STACK.service.items() if not service.one_shot]
# What `docker stack deploy` ignores, with a warning or without one, or refuses.
WITHOUT_EFFECT = {
    *("build", "cap_add", "container_name", "depends_on", "mem_limit", "memswap_limit", "pids_limit", "cpus"),
    *("profiles", "restart", "security_opt", "shm_size", "tmpfs", "userns_mode", "network_mode"),
}


def test_the_file_is_what_the_verb_deploys() -> None:
    assert swarm_stack.document(STACK) == DOCUMENT


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_said_that_would_have_no_effect(name: str) -> None:
    assert WITHOUT_EFFECT & SERVICES[name].keys() == set()


def test_interpolations_are_not_nested_as_docker_would_not_read_them() -> None:
    assert "${" not in "".join(part.split("}")[0] for part in str(DOCUMENT).split("${")[1:])


@pytest.mark.parametrize("name", KEPT)
def test_a_bad_update_goes_back_by_itself(name: str) -> None:
    deploy = SERVICES[name]["deploy"]

    health = STACK.service[name].health
    assert health is not None
    assert deploy["update_config"]["failure_action"] == "rollback"
    assert deploy["update_config"]["monitor"] == f"{health.interval_seconds * health.retries}s"
    assert deploy["rollback_config"]["order"] == deploy["update_config"]["order"]


def test_only_what_is_published_is_started_before_the_old_one_ends() -> None:
    first = {name for name in KEPT if SERVICES[name]["deploy"]["update_config"]["order"] == "start-first"}

    assert first == {name for name, service in STACK.service.items() if service.port}


def test_only_what_has_a_volume_is_bound_to_a_node() -> None:
    bound = {name for name, service in SERVICES.items() if "placement" in service["deploy"]}

    assert bound == {name for name, service in STACK.service.items() if service.volumes}
    assert SERVICES["db"]["deploy"]["placement"] == {
        "constraints": ["node.labels.${STACK_NAME:-ticketing}.data == true"]
    }


def test_a_secret_has_a_new_name_when_its_content_is_new() -> None:
    assert DOCUMENT["secrets"]["db_password"] == {
        "name": "${STACK_NAME:-ticketing}-db_password-${DB_PASSWORD_VERSION:-1}",
        "file": "${SECRETS_DIR:-../../.run/ticketing/secrets}/db_password",
    }


def test_a_secret_belongs_to_whoever_reads_it() -> None:
    (secret,) = SERVICES["db"]["secrets"]

    assert (secret["uid"], secret["mode"]) == (str(STACK.image["postgres"].uid), 0o400)


def test_an_optional_service_has_no_replica_until_one_is_asked_for() -> None:
    off = {name for name, service in SERVICES.items() if str(service["deploy"]["replicas"]).endswith(":-0}")}

    assert off == {name for name, service in STACK.service.items() if service.profile}


def test_nothing_is_published_unless_the_mesh_is_wanted() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == []
    assert swarm_stack.mesh(STACK)["services"]["backend"]["ports"] == [
        {"target": 8000, "published": "${WEB_PORT:-8000}", "mode": "ingress"}
    ]

"""Each type of worker takes the same queues with the same limits wherever it runs, and as it is documented."""

import re
from pathlib import Path

import pytest
import yaml

from bundle.render import targets
from tests.checkout import ROOT, STACK

IN_CONTAINERS = ("compose/compose.yaml", "swarm/stack.yaml", "dokploy/docker-compose.yml")
WITHOUT = ("host/supervisord.conf", "systemd/ticketing-worker@.service")
LIMITS = {"CELERY_TASK_TIME_LIMIT": "1800", "CELERY_TASK_SOFT_TIME_LIMIT": "1500"}
PER_CHILD = {"CELERY_MAX_TASKS_PER_CHILD": "${CELERY_MAX_TASKS_PER_CHILD:-1000}"}
SHORT = {"CELERY_CONCURRENCY": "2", "CELERY_PREFETCH": "4", **LIMITS, **PER_CHILD}
TYPES = {
    "general": {"CELERY_QUEUES": "default,high_priority,low_priority,django5_queue,email_queue", **SHORT},
    "pricing": {"CELERY_QUEUES": "discounts,maintenance,analytics", **SHORT},
}


def rendered(file: str) -> str:
    return targets.files(STACK)[Path("deploy") / file]


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("file", IN_CONTAINERS)
def test_a_type_has_its_queues_and_limits(file: str, kind: str) -> None:
    services = yaml.safe_load(rendered(file))["services"]
    # In Dokploy the stack's name stands before it.
    (told,) = [service["environment"] for name, service in services.items() if name.endswith(f"worker-{kind}")]

    assert {name: told[name] for name in TYPES[kind]} == TYPES[kind]


@pytest.mark.parametrize("file", WITHOUT)
def test_the_one_worker_of_a_target_without_containers_takes_every_queue_within_the_same_limits(file: str) -> None:
    text = rendered(file)

    assert [value for name, value in LIMITS.items() if not re.search(rf'{name}="?{value}\b', text)] == []
    assert "CELERY_QUEUES" not in text


def test_the_page_tells_of_each_type_what_the_stack_says() -> None:
    page = (ROOT / "docs/how-to/add-worker-types.md").read_text(encoding="utf-8")
    rows = [row.replace("`", "").split(" | ") for row in re.findall(r"^\| (`\w+` \| .*) \|$", page, re.MULTILINE)]
    documented = {kind: (queues.replace(" ", ""), *numbers) for kind, queues, *numbers, _memory in rows}

    assert documented == {
        name.removeprefix("worker-"): (
            told["CELERY_QUEUES"],
            told["CELERY_CONCURRENCY"],
            told["CELERY_PREFETCH"],
            told.get("CELERY_MAX_TASKS_PER_CHILD") or STACK.variable["CELERY_MAX_TASKS_PER_CHILD"].default,
        )
        for name, told in ((name, service.environment) for name, service in STACK.service.items())
        if name.startswith("worker-")
    }

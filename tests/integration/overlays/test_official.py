"""The official images in the place of ours, on the same data. No registry answers here, so stand-ins take part.

A stand-in is our server in the official image's layout (uids, volume, PGDATA, entrypoint contract; see its Dockerfile),
under a name of this test, which a copy of the checkout renders into the overlay. What the published images do beyond
that contract is not tested.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker as engine_client
import pytest

from bundle.containers import engine
from tests.checkout import STACK
from tests.integration.overlays import checkout
from tests.integration.overlays.front_door import FrontDoor
from tests.integration.stacks import ROOT, started

HERE = Path(__file__).parent
STAND_INS = {"postgres": "deskbeat-test/postgres-stand-in:17", "redis": "deskbeat-test/redis-stand-in:8"}


@pytest.fixture(scope="module")
def stand_ins(tag: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Build them, as Compose builds the images that they are made of."""
    build = {name: {"context": str(HERE / "standins" / name), "args": arguments(name, tag)} for name in STAND_INS}
    services = {name: {"image": image, "build": build[name]} for name, image in STAND_INS.items()}
    file = tmp_path_factory.mktemp("standins") / "compose.json"
    file.write_text(json.dumps({"name": "deskbeat-test", "services": services}), encoding="utf-8")
    compose = [*engine.compose(ROOT, os.environ), "--file", str(file)]
    subprocess.run([*compose, "build", "--quiet"], check=True, env={**os.environ, "DOCKER_BUILDKIT": "1"})
    yield
    for image in STAND_INS.values():
        engine_client.from_env().images.remove(image)


def arguments(name: str, tag: str) -> dict[str, str]:
    return {"BASE_IMAGE": f"deskbeat/base:{tag}", f"{name.upper()}_IMAGE": f"deskbeat/{name}:{tag}"}


@pytest.fixture(scope="module")
def root(stand_ins: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render a copy of the checkout in which the official images have the stand-ins' names."""
    copy = checkout.copy(tmp_path_factory.mktemp("checkout"))
    for name, image in STAND_INS.items():
        checkout.change(copy / "deploy/stack.toml", f'"{STACK.image[f"{name}-official"].reference}"', f'"{image}"')
    assert FrontDoor(root=copy).verb("render").returncode == 0
    return copy


def seeded(stack: FrontDoor) -> int:
    stack.manage("seed_demo")
    return boards(stack)


def boards(stack: FrontDoor) -> int:
    return int(stack.python("from apps.tickets.models import Board; print(Board.objects.count())"))


def chore(stack: FrontDoor) -> None:
    words = stack.manage("run_now", "archive-old-done-tickets", "--wait", "--timeout", "90").splitlines()[-1]
    assert json.loads(words)["failed"] == 0


def image(stack: FrontDoor, service: str) -> str:
    return str(stack.container(service).attrs["Config"]["Image"])


def test_the_official_servers_start_empty_and_ours_take_their_data_over(root: Path) -> None:
    with started(FrontDoor(overlay="official", root=root)) as stack:
        assert {image(stack, service) for service in ("db", "redis")} == set(STAND_INS.values())
        chore(stack)
        before = seeded(stack)
        stack.down()
        stack.overlay = ""
        stack.up()

        assert "postgres-stand-in" not in image(stack, "db")
        assert boards(stack) == before > 0
        chore(stack)
        assert {line["logger"] for line in stack.logs("db")} == {"postgres"}


def test_the_official_servers_take_over_the_data_of_ours(root: Path) -> None:
    with started(FrontDoor(root=root)) as stack:
        before = seeded(stack)
        stack.down()
        stack.overlay = "official"
        stack.up()

        assert image(stack, "db") == STAND_INS["postgres"]
        assert boards(stack) == before > 0
        chore(stack)
        assert sorting(stack) == "b|C.UTF-8"


def sorting(stack: FrontDoor) -> str:
    """Ask how text is sorted: what an index rests on."""
    code = "SELECT datlocprovider::text || '|' || datlocale FROM pg_database WHERE datname = current_database()"
    shell = f'from django.db import connection as c; k = c.cursor(); k.execute("{code}"); print(k.fetchone()[0])'
    return stack.python(shell).strip()

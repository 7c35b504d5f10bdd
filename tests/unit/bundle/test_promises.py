"""What deploy/stack.toml says about the product is what the product asks for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bundle import environment
from bundle.render.reference.index import OF_FINDINGS, OF_TARGETS
from config.queues import SHARED_QUEUES, WORKER_TYPES
from tests.checkout import ROOT, STACK

CONFIG = ROOT / "services/backend/config"
# Programs that read their variables themselves, by name.
READERS = (
    "services/backend/gunicorn.conf.py",
    "services/celery",
    "services/postgres",
    "services/redis",
    "services/flower",
    "services/metrics",
    "entrypoints",
)
DJANGO = ("backend", "celery", "migrate")


def test_every_variable_that_the_settings_ask_for_is_in_the_stack() -> None:
    asked = {name for path in CONFIG.glob("*.py") for name in _asked(path)}

    assert "SECRET_KEY" in asked
    assert asked - STACK.variable.keys() == set()


def test_every_variable_that_a_script_insists_on_is_in_the_stack() -> None:
    scripts = [path.read_text(encoding="utf-8") for path in (ROOT / "entrypoints").glob("*.sh")]
    insisted = {name for text in scripts for name in re.findall(r"\$\{([A-Z_]+):\?", text)}
    files = {f"{variable.name}_FILE" for variable in STACK.variable.values() if variable.secret}

    assert insisted - STACK.variable.keys() - files == set()


def test_no_variable_of_a_service_is_read_by_nobody() -> None:
    words = {word for path in _sources() for word in re.findall(r"\b[A-Z][A-Z0-9_]+\b", path.read_text("utf-8"))}
    of_services = {variable.name for service in STACK.service for variable in environment.read_by(STACK, service)}

    assert of_services - words == set()


def test_the_defaults_in_the_stack_are_those_of_the_settings() -> None:
    stated = {name: one.default for name, one in STACK.variable.items() if one.default is not None}

    found = {name: default for path in CONFIG.glob("*.py") for name, default in _defaults(path) if name in stated}

    assert {name: stated[name] for name in found} == found


def test_what_is_taken_when_nothing_is_given_is_written_alike_everywhere() -> None:
    stated = {name: one.default for name, one in STACK.variable.items() if name != "SECRETS_DIR"}
    scripts = [*(ROOT / "entrypoints").glob("*.sh"), ROOT / "deploy/compose/compose.yaml"]
    found = {
        (path.name, name, default)
        for path in scripts
        for name, default in re.findall(r"\$\{([A-Z_]+):-([^${}]*)\}", path.read_text(encoding="utf-8"))
    }

    assert ("compose.yaml", "WEB_PORT", "8000") in found
    assert ("probe.sh", "HEARTBEAT_STALE_SECONDS", "90") in found
    assert {one for one in found if one[1] in stated and one[2] != (stated[one[1]] or "")} == set()


def test_every_process_of_django_gets_the_same_secrets_for_the_same_names() -> None:
    given = [{one.name: one.secret for one in environment.read_by(STACK, name) if one.secret} for name in DJANGO]

    # The web alone knows the token of who measures it, the worker alone what it needs to send mail and webhooks.
    assert given[0].items() - given[1].items() == {("METRICS_TOKEN", "metrics_token")}
    assert given[2].items() <= given[0].items() & given[1].items()


def test_every_health_check_names_a_runbook_and_every_runbook_is_named() -> None:
    named = {service.runbook for service in STACK.service.values()}
    of_overlays = {overlay.runbook for overlay in STACK.overlay.values() if overlay.runbook}
    of_units = {unit.runbook for unit in STACK.unit.values() if unit.runbook}
    of_others = of_overlays | of_units | OF_TARGETS.keys() | {*OF_FINDINGS}

    assert named | of_others == {path.name for path in (ROOT / "docs/runbooks").glob("*.md")}


def test_a_runbook_has_its_five_parts() -> None:
    parts = ["See", "Check", "Act", "Confirm", "Prevent"]

    for path in (ROOT / "docs/runbooks").glob("*.md"):
        assert re.findall(r"^\*\*(\w+)\.?\*\*", path.read_text(encoding="utf-8"), re.MULTILINE) == parts


def test_the_types_of_worker_take_every_queue_that_the_product_declares_each_once() -> None:
    taken = [queue for name in STACK.service for queue in environment.queues_of(STACK, name)]

    assert sorted(taken) == sorted(SHARED_QUEUES)


def test_the_product_knows_the_types_of_worker_as_they_are_deployed() -> None:
    """The schedule linter reads them there: it may not need a file of the bundle's."""
    types = {name: STACK.service[f"worker-{name}"].environment for name in WORKER_TYPES}
    deployed = {
        name: {"queues": tuple(told["CELERY_QUEUES"].split(",")), "prefetch": int(told["CELERY_PREFETCH"])}
        for name, told in types.items()
    }

    assert deployed == WORKER_TYPES
    assert {f"worker-{name}" for name in WORKER_TYPES} == {name for name in STACK.service if name.startswith("worker-")}


def _calls(path: Path) -> Iterator[tuple[str, str, ast.Call]]:
    """Find `env.<method>("NAME", ...)` and `environment.<method>(...)`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="env"), attr=method), args=[ast.Constant(value=str(name)), *_]
            ):
                yield name, method, node


def _asked(path: Path) -> set[str]:
    return {name for name, _, _ in _calls(path)}


def _defaults(path: Path) -> Iterator[tuple[str, str]]:
    """Give the defaults that stand in the code as they would stand in the environment."""
    for name, _, call in _calls(path):
        for keyword in call.keywords:
            if keyword.arg == "default" and isinstance(keyword.value, ast.Constant | ast.Tuple):
                value = ast.literal_eval(keyword.value)
                yield name, ",".join(value) if isinstance(value, tuple) else str(value)


def _sources() -> Iterator[Path]:
    yield from CONFIG.glob("*.py")
    for reader in READERS:
        place = ROOT / reader
        yield from (
            path for path in (place.rglob("*") if place.is_dir() else [place]) if path.suffix in (".py", ".sh", ".conf")
        )

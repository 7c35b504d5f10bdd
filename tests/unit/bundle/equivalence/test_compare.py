"""What is said of a text in Compose's words, changed in one place, beside the text itself: changes.toml."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from bundle.equivalence import compare, compose
from bundle.model import Difference, Stack
from bundle.render import targets
from tests.checkout import STACK

TEXT = targets.files(STACK)[Path("deploy/compose/compose.yaml")]
CHANGES = tomllib.loads((Path(__file__).parent / "changes.toml").read_text(encoding="utf-8"))
REMEDY = "declare it in [difference.*] or mend the renderer"
MORE_MEMORY = CHANGES["memory"]


@pytest.mark.parametrize("case", CHANGES.values(), ids=CHANGES.keys())
def test_one_change_is_one_line(case: dict[str, str]) -> None:
    said = _compared(_changed(case), _stack())

    assert said == [f"swarm: service {line}; {REMEDY}" for line in case["said"]]


def test_the_same_text_is_the_same() -> None:
    assert _compared(TEXT, _stack()) == []


def test_what_is_declared_is_not_said() -> None:
    assert _compared(_changed(MORE_MEMORY), _stack(services=("celery",), aspects=("memory",))) == []
    assert _compared(_changed(MORE_MEMORY), _stack(aspects=("memory",))) == []


def test_a_declaration_is_for_its_target_services_and_aspects_alone() -> None:
    others = [_stack(target="systemd"), _stack(services=("db",)), _stack(aspects=("pids",))]

    for stack in others:
        assert f"swarm: service {MORE_MEMORY['said'][0]}; {REMEDY}" in _compared(_changed(MORE_MEMORY), stack)


def test_a_declaration_of_the_environment_may_name_one_variable_or_all() -> None:
    text = _changed(CHANGES["variable"])

    assert _compared(text, _stack(services=("backend",), aspects=("environment",))) == []
    assert _compared(text, _stack(services=("backend",), aspects=("environment.CELERY_TASK_TIME_LIMIT",))) == []
    assert len(_compared(text, _stack(services=("backend",), aspects=("environment.LOG_LEVEL",)))) == 2


def test_a_declared_difference_that_is_none_is_said() -> None:
    assert _compared(TEXT, _stack(aspects=("memory", "pids"))) == [
        "difference.of-this-test: swarm says what compose says about memory of every service; take it out",
        "difference.of-this-test: swarm says what compose says about pids of every service; take it out",
    ]


def test_a_declaration_may_not_name_one_service_too_many() -> None:
    assert _compared(_changed(MORE_MEMORY), _stack(services=("celery", "db"), aspects=("memory",))) == [
        "difference.of-this-test: swarm says what compose says about memory of db; take it out"
    ]


def _stack(**keys: str | tuple[str, ...]) -> Stack:
    """Declare one difference, or none."""
    given = {"name": "of-this-test", "target": "swarm", "aspects": ("memory",), "reason": "a test", **keys}
    return dataclasses.replace(STACK, difference={"of-this-test": Difference(**given)} if keys else {})


def _changed(case: dict[str, str]) -> str:
    head, mark, tail = TEXT.partition(f"\n  {case['service']}:\n")
    assert case["from"] in tail
    return head + mark + tail.replace(case["from"], case["to"], 1)


def _compared(text: str, stack: Stack) -> list[str]:
    return compare.sentences(stack, {"compose": compose.read(stack, TEXT, {}), "swarm": compose.read(stack, text, {})})

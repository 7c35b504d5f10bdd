"""Every wrong input gives exactly its sentences: cases.toml."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from bundle import rules
from bundle.errors import BundleError
from bundle.load import build

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
REMOVED = "(removed)"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_wrong_stack_is_told_what_is_wrong(case: dict[str, Any], minimal: dict[str, Any], tree: Path) -> None:
    _change(minimal, case["change"])

    assert _problems(minimal, tree) == case["expected"]


def test_the_minimal_stack_breaks_no_rule(minimal: dict[str, Any], tree: Path) -> None:
    assert _problems(minimal, tree) == []


def _change(values: dict[str, Any], change: dict[str, Any]) -> None:
    for key, value in change.items():
        if value == REMOVED:
            del values[key]
        elif isinstance(value, dict):
            _change(values.setdefault(key, {}), value)
        else:
            values[key] = value


def _problems(values: dict[str, Any], tree: Path) -> list[str]:
    try:
        return rules.broken(build(values), tree)
    except BundleError as error:
        return [problem.removeprefix("deploy/stack.toml: ") for problem in error.problems]

"""Every wrong input gives exactly its sentences: cases.toml."""

import copy
import functools
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bundle import rules
from bundle.errors import BundleError
from bundle.load import build
from bundle.model import Stack

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
REMOVED = "(removed)"
WRONG = ("", "a b", 0, -1, 1.5, True, [], [1], [{}], {}, {"a": 1}, {"a": {}})


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_wrong_stack_is_told_what_is_wrong(case: dict[str, Any], minimal: dict[str, Any], tree: Path) -> None:
    _change(minimal, case["change"])

    assert _problems(minimal, tree) == case["expected"]


def test_the_minimal_stack_breaks_no_rule(minimal: dict[str, Any], tree: Path) -> None:
    assert _problems(minimal, tree) == []


def test_every_rule_has_a_case_that_breaks_it(minimal: dict[str, Any], tree: Path) -> None:
    stacks = [stack for case in CASES.values() if (stack := _changed(minimal, case["change"]))]

    unbroken = [rule for rule in rules.RULES if not any(list(rule(stack, tree)) for stack in stacks)]

    assert unbroken == []


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_whatever_stands_in_the_file_is_answered_with_sentences(
    wrong: Any, minimal: dict[str, Any], tree: Path
) -> None:
    """Put it in the place of every key, one after the other: no other error may come out than sentences."""
    for place in list(_places(minimal)):
        values = copy.deepcopy(minimal)
        functools.reduce(dict.__getitem__, place[:-1], values)[place[-1]] = wrong
        assert all(": " in sentence for sentence in _problems(values, tree))


def _places(values: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from _places(value, (*above, key))


def _changed(minimal: dict[str, Any], change: dict[str, Any]) -> Stack | None:
    """Build it, unless the loader refuses it."""
    values = copy.deepcopy(minimal)
    _change(values, change)
    try:
        return build(values)
    except BundleError:
        return None


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

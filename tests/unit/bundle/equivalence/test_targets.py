"""Every target says what Compose says, or deploy/stack.toml gives the reason; what drifts is named in one line."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bundle import aspects, equivalence
from bundle.equivalence import READERS, compare
from bundle.render import targets
from tests.checkout import STACK

DRIFTS = tomllib.loads((Path(__file__).parent / "drifts.toml").read_text(encoding="utf-8"))
REMEDY = "declare it in [difference.*] or mend the renderer"
FILES = targets.files(STACK)
READ = equivalence.read(STACK, FILES)


def test_the_targets_of_this_checkout_say_the_same() -> None:
    assert equivalence.differences(STACK, FILES) == []


@pytest.mark.parametrize("case", DRIFTS.values(), ids=DRIFTS.keys())
def test_a_target_that_drifts_is_named(case: dict[str, Any]) -> None:
    path = Path("deploy") / case["file"]
    spoilt = {file: text for file, text in FILES.items() if file.parent == path.parent}
    spoilt[path] = _changed(FILES[path], case)

    said = compare.sentences(STACK, READ | equivalence.read(STACK, spoilt))

    assert said == [f"{line}; {REMEDY}" for line in case["said"]]


@pytest.mark.parametrize("name", STACK.difference)
def test_no_declared_difference_could_be_left_out(name: str) -> None:
    rest = {key: difference for key, difference in STACK.difference.items() if key != name}

    said = compare.sentences(dataclasses.replace(STACK, difference=rest), READ)

    assert said
    assert {line.partition(":")[0] for line in said} == {STACK.difference[name].target}


def test_every_target_is_read() -> None:
    rendered = {folder.name for folder in targets.TARGETS if folder.parent.name == "deploy"}

    assert rendered == READERS.keys() == {aspects.REFERENCE, *aspects.TARGETS}


def _changed(text: str, case: dict[str, Any]) -> str:
    head, mark, tail = text.partition(case["after"])
    assert case["from"] in tail
    return head + mark + tail.replace(case["from"], case["to"], 1)

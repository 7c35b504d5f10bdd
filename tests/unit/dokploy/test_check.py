"""`make dokploy-check` takes what is rendered, and each wrong text gets exactly its sentences: cases/."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bundle.dokploy import checks
from bundle.dokploy.checks import submission
from bundle.dokploy.checks.submission import Submission
from bundle.render.dokploy import COMPOSE, IMPORT, TEMPLATE, pasted
from tests.checkout import ROOT, STACK

HERE = Path(__file__).parent
CASES = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted((HERE / "cases").glob("*.toml"))}
GOOD = {
    str(path.relative_to(HERE / "good")): path.read_text("utf-8")
    for path in (HERE / "good").rglob("*")
    if path.is_file()
}
RULES = {rule.__name__: rule for rules in checks.ROUNDS for rule in rules}
BLUEPRINT = "site/blueprints/desk"


def test_what_is_rendered_keeps_every_rule() -> None:
    assert checks.problems(submission.read(ROOT, STACK)) == []


def test_the_small_example_keeps_every_rule() -> None:
    assert checks.problems(_submission(GOOD)) == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_wrong_text_is_told_what_is_wrong(case: dict[str, Any]) -> None:
    files = dict(GOOD)
    for change in case["change"]:
        files[change["file"]] = _changed(files.get(change["file"], ""), change)
    wrong = _submission({name: text for name, text in files.items() if text})

    assert checks.problems(wrong) == case["expected"]
    assert list(RULES[case["rule"]](wrong)) == case["expected"]


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert {case["rule"] for case in CASES.values()} == RULES.keys()


def _changed(text: str, change: dict[str, str]) -> str:
    if "text" in change:
        return change["text"]
    assert text.count(change["old"]) == 1, f"{change['old']!r} must stand once in {change['file']}"
    return text.replace(change["old"], change["new"])


def _submission(files: dict[str, str]) -> Submission:
    """Add what is made of the other files, unless the case itself gives it."""
    compose, template = files.get(COMPOSE, ""), files.get(TEMPLATE, "")
    made = {IMPORT: pasted(compose, template), f"{BLUEPRINT}/{COMPOSE}": compose, f"{BLUEPRINT}/{TEMPLATE}": template}
    made["site/meta.json"] = _list(files.get(f"{BLUEPRINT}/meta.json", ""))
    return Submission({**made, **files}, "desk", ("desk-store", "desk-prepare", "desk-web"))


def _list(entry: str) -> str:
    try:
        return json.dumps([json.loads(entry)])
    except ValueError:
        return "[]"

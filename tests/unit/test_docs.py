"""Every link inside README and docs leads somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery.schedules import crontab

from bundle.render.reference.page import anchor
from tests.checkout import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "services").rglob("*.md"))]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_resolves(page: Path) -> None:
    assert [link for link in _links(page) if not _resolves(page, link)] == []


def test_every_runbook_is_reached_from_the_reference() -> None:
    reference = ROOT / "docs/reference"
    reached = {(reference / link).resolve() for link in _links(reference / "README.md")}

    assert {path.resolve() for path in (ROOT / "docs/runbooks").glob("*.md")} - reached == set()


def test_every_page_of_the_docs_is_reached_from_the_readme() -> None:
    reached = {ROOT / "README.md"}
    waiting = [*reached]
    while waiting:
        page = waiting.pop()
        targets = {(page.parent / link.partition("#")[0]).resolve() for link in _links(page)}
        found = {path for target in targets for path in _pages(target)} - reached
        reached |= found
        waiting += found

    assert {path for path in PAGES if path.is_relative_to(ROOT / "docs")} - reached == set()


def _links(page: Path) -> Iterator[str]:
    text = CODE.sub(lambda code: "code", page.read_text(encoding="utf-8"))
    return (link for link in LINK.findall(text) if "://" not in link and not link.startswith("mailto:"))


def _resolves(page: Path, link: str) -> bool:
    path, _, place = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not place or place in _anchors(target))


def _anchors(page: Path) -> set[str]:
    return {anchor(title) for title in re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)}


def _pages(target: Path) -> list[Path]:
    """A link to a folder leads to every page in it."""
    return sorted(target.rglob("*.md")) if target.is_dir() else [target] if target.suffix == ".md" else []


def test_the_crontabs_that_are_documented_are_those_of_celery() -> None:
    page = (ROOT / "docs/how-to/add-a-task.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| `([^`]+)` \| `(crontab[^`]+)` \|$", page, re.MULTILINE)

    assert len(rows) == 5
    assert [ours for ours, theirs in rows if crontab.from_string(ours) != eval(theirs)] == []  # noqa: S307  # our page

"""Markdown: pages, tables, and the links between them."""

import re
from collections.abc import Iterable

from bundle.render import origin

RUNBOOKS = "../runbooks"


def page(title: str, blocks: Iterable[str]) -> str:
    return "\n\n".join([f"<!-- {origin.LINE} -->", f"# {title}", *blocks]) + "\n"


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def link(text: str, file: str, title: str = "") -> str:
    return f"[{text}]({file}{f'#{anchor(title)}' if title else ''})"


def runbook(file: str) -> str:
    return link(file, f"{RUNBOOKS}/{file}")


def anchor(title: str) -> str:
    """Give the name by which Markdown viewers find a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def codes(words: Iterable[str]) -> str:
    return ", ".join(code(word) for word in words)

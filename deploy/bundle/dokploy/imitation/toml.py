"""TOML as Dokploy's parser (npm toml 3.0.0, TOML 0.4) takes it: less than Python's tomllib."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
# Texts and comments, which may hold anything.
OPAQUE = re.compile(r"'''.*?'''|\"\"\".*?\"\"\"|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|#[^\n]*", re.DOTALL)
KEY = r"(?:[\w-]+|\"\")"
DOTTED = re.compile(rf"(?:^|[{{,])[ \t]*({KEY}(?:\s*\.\s*{KEY})+)\s*=", re.MULTILINE)


class TomlRefusedError(Exception):
    """Dokploy could not parse the text; the message says what to change."""


def parse(text: str) -> dict[str, Any]:
    if text.startswith(BYTE_ORDER_MARK):
        raise TomlRefusedError("begins with a byte order mark; save it as UTF-8 without one")
    if dotted := DOTTED.search(OPAQUE.sub('""', text)):
        raise TomlRefusedError(f"the dotted key {dotted[1]} is TOML 1.0; write a table")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TomlRefusedError(f"not TOML: {error}; mend that line") from None
    for place in _mixed(values, ""):
        raise TomlRefusedError(f"{place} mixes types in one list, which is TOML 1.0; give all items one type")
    return values


def _mixed(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, list):
        if len({type(item) for item in value}) > 1:
            yield place
        for number, item in enumerate(value):
            yield from _mixed(item, f"{place}[{number}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _mixed(item, f"{place}.{key}".lstrip("."))

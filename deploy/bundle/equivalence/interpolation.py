"""What a Compose file says when nothing is chosen at the start: `${NAME:-default}` becomes the default."""

import re
from collections.abc import Mapping
from typing import Any

# The innermost one: a default may hold another interpolation.
VARIABLE = re.compile(r"\$\{(\w+)(?::?([-?+])([^${}]*))?\}")
LITERAL_DOLLAR = "\0"


def resolve(document: Any, chosen: Mapping[str, str]) -> Any:
    """Replace in every text of a document; `chosen` is what the environment file beside it holds."""
    if isinstance(document, dict):
        return {key: resolve(value, chosen) for key, value in document.items()}
    if isinstance(document, list):
        return [resolve(value, chosen) for value in document]
    return text(document, chosen) if isinstance(document, str) else document


def text(template: str, chosen: Mapping[str, str]) -> str:
    given = template.replace("$$", LITERAL_DOLLAR)
    before = ""
    while given != before:
        before, given = given, VARIABLE.sub(lambda match: _value(match, chosen), given)
    return given.replace(LITERAL_DOLLAR, "$")


def _value(match: re.Match[str], chosen: Mapping[str, str]) -> str:
    name, operator, word = match.groups()
    given = chosen.get(name)
    if operator == "+":
        return word if given else ""
    # An unset variable that is required is still a variable: it shows as its name.
    return given or (word if operator == "-" else f"<{name}>")


def without(prefix: str, document: Any) -> Any:
    """Take a prefix off every name."""
    if isinstance(document, dict):
        return {key.removeprefix(prefix): without(prefix, value) for key, value in document.items()}
    if isinstance(document, list):
        return [without(prefix, value) for value in document]
    return document.removeprefix(prefix) if isinstance(document, str) else document

"""A task's arguments as JSON: as its message carries them, and as people may see them."""

import json
import re
from typing import Any

from kombu.utils import json as message_json

SECRET = re.compile(r"pass(word|wd)?$|secret|token|api_?key|credential|authorization", re.IGNORECASE)
HIDDEN = "[hidden]"


class ArgumentEncoder(message_json.JSONEncoder):
    """Encode what a message can carry, times and UUIDs too; anything else is refused where the task is asked for."""


class ArgumentDecoder(json.JSONDecoder):
    def __init__(self, **settings: Any) -> None:
        super().__init__(object_hook=message_json.object_hook, **settings)


def hidden(value: Any) -> Any:
    """Return the value with everything replaced that is named like a secret.

    The row itself keeps it, because the row is what a lost message is sent again from: secrets do not belong into
    arguments, their names do.
    """
    if isinstance(value, dict):
        return {key: HIDDEN if SECRET.search(str(key)) else hidden(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(inner) for inner in value]
    return value


def scrubbed(text: str, arguments: Any) -> str:
    """Return the text without the values that `hidden` would hide: an error often quotes its arguments."""
    for secret in sorted(_secrets(arguments), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def _secrets(value: Any) -> set[str]:
    if isinstance(value, dict):
        named = {str(inner) for key, inner in value.items() if SECRET.search(str(key)) and inner not in (None, "")}
        return named.union(*(_secrets(inner) for inner in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(_secrets(inner) for inner in value))
    return set()

"""deploy/stack.toml -> Stack; every problem is listed at once, each with its place, its cause and the next step."""

import tomllib
from pathlib import Path
from typing import Any, cast

from bundle import rules
from bundle.errors import BundleError
from bundle.model import Stack
from bundle.schema import Reader

SOURCE = Path("deploy/stack.toml")


def load(root: Path) -> Stack:
    """Read the stack of this checkout; what it returns keeps every rule."""
    stack = build(parse(_text(root / SOURCE)))
    problems = [f"{SOURCE}: {sentence}" for sentence in rules.broken(stack, root)]
    if problems:
        raise BundleError(*problems)
    return stack


def parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BundleError(f"{SOURCE}: not TOML: {error}; mend that line") from None


def build(values: dict[str, Any]) -> Stack:
    """Fit tables into the model; the rules are not asked yet."""
    reader = Reader(str(SOURCE))
    stack = reader.table(Stack, completed(values))
    if reader.problems:
        raise BundleError(*reader.problems)
    return cast("Stack", stack)


def completed(values: dict[str, Any]) -> dict[str, Any]:
    """Give each service that is `like` another the keys that it lacks; a rule tells whether there is such a service."""
    services = values.get("service")
    if not isinstance(services, dict):
        return values
    return {**values, "service": {name: _complete(one, services) for name, one in services.items()}}


def _complete(service: Any, services: dict[str, Any]) -> Any:
    model = services.get(str(service.get("like"))) if isinstance(service, dict) else None
    return {**model, **service} if isinstance(model, dict) else service


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BundleError(f"{SOURCE}: cannot be read ({error.strerror}); run this from a complete checkout") from None

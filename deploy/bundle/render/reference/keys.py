"""stack.md: every key of the source, from the metadata of the model."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from bundle.model import Stack
from bundle.render.reference.page import table


def blocks() -> Iterator[str]:
    yield "Every key of the source, from the dataclasses that read it (`deploy/bundle/model.py`)."
    yield from _section(Stack, "Top of the file", "")


def _section(model: type[Any], title: str, place: str) -> Iterator[str]:
    hints = get_type_hints(model)
    keys = [each for each in fields(model) if "help" in each.metadata]
    yield f"## {title}"
    yield " ".join((model.__doc__ or "").split())
    yield table(("key", "type", "default", "what it is"), [_key(each, hints[each.name]) for each in keys])
    for each in keys:
        inner = _model(hints[each.name])
        if inner:
            path = f"{place}.{each.name}".lstrip(".") + _member(hints[each.name])
            yield from _section(inner, f"`[{path}]`", path)


def _key(each: "Field[Any]", hint: Any) -> tuple[str, ...]:
    choices = ", ".join(f"`{choice}`" for choice in each.metadata["choices"])
    what = each.metadata["help"] + (f" ({choices})" if choices else "")
    return (f"`{each.name}`", _word(hint), _key_default(each), what)


def _key_default(each: "Field[Any]") -> str:
    if each.default is MISSING:
        return "none" if each.default_factory is not MISSING else "required"
    if isinstance(each.default, bool):
        return str(each.default).lower()
    return "none" if each.default in (None, ()) else f"`{each.default}`"


def _model(hint: Any) -> type[Any] | None:
    """Find the dataclass in a hint: itself, optional, in a list or in a family of tables."""
    for found in (hint, *get_args(hint)):
        if isinstance(found, type) and is_dataclass(found):
            return found
    return None


def _member(hint: Any) -> str:
    return ".*" if get_origin(hint) is Mapping else "[]" if get_origin(hint) is tuple else ""


def _word(hint: Any) -> str:
    if _model(hint):
        return {"": "table", ".*": "tables", "[]": "list of tables"}[_member(hint)]
    plain = {str: "text", int: "number", float: "number", bool: "true or false"}
    kinds = {tuple: "list of text", Mapping: "table of text"}
    return kinds.get(get_origin(hint)) or next(plain[kind] for kind in (hint, *get_args(hint)) if kind in plain)

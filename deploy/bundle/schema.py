"""Read tables into dataclasses: the fields are the schema, and every problem is kept with its place."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

WANTED = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "a list",
    Mapping: "a table",
}


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, else which words there are."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(words) or 'none'}"


class Reader:
    """Turn TOML into the model; `problems` holds one sentence for everything that is wrong."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[str] = []

    def refuse(self, place: str, sentence: str) -> None:
        self.problems.append(f"{self._file}: {place}: {sentence}")

    def table(self, model: type[Any], values: Any, place: str = "", name: str = "") -> Any:
        """Build one dataclass; what it returns is worth nothing once a problem was found in it."""
        if not isinstance(values, dict):
            return self.refuse(place, f"{_shown(values)} stands where a table is wanted")
        found_before = len(self.problems)
        keys = {each.name: each for each in fields(model) if "help" in each.metadata}
        self._unknown(values.keys() - keys.keys(), keys, place)
        hints = get_type_hints(model)
        given = {
            key: self._value(hints[key], each, values[key], _join(place, key))
            for key, each in keys.items()
            if self._present(each, values, place)
        }
        named = {each.name: name for each in fields(model) if "table_name" in each.metadata}
        return model(**named, **given) if len(self.problems) == found_before else None

    def _unknown(self, unknown: Iterable[str], keys: Iterable[str], place: str) -> None:
        for key in sorted(unknown):
            self.refuse(_join(place, key), f"unknown key; {suggestion(key, keys)}")

    def _present(self, each: "Field[Any]", values: dict[str, Any], place: str) -> bool:
        if each.name not in values and each.default is MISSING and each.default_factory is MISSING:
            self.refuse(_join(place, each.name), f"missing; add it ({each.metadata['help']})")
        return each.name in values

    def _value(self, hint: Any, each: "Field[Any]", value: Any, place: str) -> Any:
        read = self._typed(hint, value, place)
        choices = each.metadata.get("choices")
        if choices and isinstance(value, str) and value not in choices:
            self.refuse(place, f"{value!r} is not accepted; {suggestion(value, choices)}")
        return read

    def _typed(self, hint: Any, value: Any, place: str) -> Any:
        if isinstance(hint, UnionType):
            hint = get_args(hint)[0]
        if is_dataclass(hint) and isinstance(hint, type):
            return self.table(hint, value, place)
        if get_origin(hint) in (tuple, Mapping):
            return self._many(hint, value, place)
        return self._plain(hint, value, place)

    def _many(self, hint: Any, value: Any, place: str) -> Any:
        """Read a list, or a family of named tables."""
        if get_origin(hint) is tuple:
            if not isinstance(value, list):
                return self._wrong(tuple, value, place)
            inner = get_args(hint)[0]
            return tuple(self._typed(inner, item, f"{place}[{number}]") for number, item in enumerate(value))
        if not isinstance(value, dict):
            return self._wrong(Mapping, value, place)
        inner = get_args(hint)[1]
        return {key: self._member(inner, item, _join(place, key), key) for key, item in value.items()}

    def _member(self, hint: Any, value: Any, place: str, name: str) -> Any:
        if is_dataclass(hint) and isinstance(hint, type):
            return self.table(hint, value, place, name)
        return self._typed(hint, value, place)

    def _plain(self, hint: Any, value: Any, place: str) -> Any:
        accepted = (int, float) if hint is float else (hint,)
        # In Python True is an int; in stack.toml it is not.
        if type(value) not in accepted:
            return self._wrong(hint, value, place)
        return value

    def _wrong(self, hint: Any, value: Any, place: str) -> None:
        self.refuse(place, f"{_shown(value)} is not {WANTED[hint]}; write {WANTED[hint]}")


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)

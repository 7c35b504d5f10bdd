"""YAML 1.2 with unique keys, as Dokploy's library reads and writes it; PyYAML by itself speaks 1.1.

In 1.2 `yes` is text and needs no quotes, so a quoted one comes out bare: whoever reads 1.1 then finds a boolean.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

FLOAT = r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan"
CORE = (
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("tag:yaml.org,2002:float", FLOAT, "-+.0123456789"),
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", "~nN\0"),
)


class YamlRefusedError(Exception):
    """Dokploy would stop the deploy at this text; the message says where."""


class Loader(yaml.SafeLoader):
    """Read the core schema; a key that stands twice is an error."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                raise YamlRefusedError(f"the key {key!r} stands twice; keep one")
        return super().construct_mapping(node, deep)


class Dumper(yaml.SafeDumper):
    """Write plain whatever the core schema reads as text."""

    yaml_implicit_resolvers: dict[str, Any] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


for side in (Loader, Dumper):
    for tag, pattern, first in CORE:
        # The empty word is found under "" (PyYAML's own convention).
        side.add_implicit_resolver(tag, re.compile(rf"^(?:{pattern})$"), ["" if one == "\0" else one for one in first])


def _number(loader: Loader, node: yaml.ScalarNode) -> int:
    text = node.value
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


Loader.add_constructor("tag:yaml.org,2002:int", _number)


def load(text: str) -> Any:
    try:
        return yaml.load(text, Loader)  # noqa: S506 - it derives from SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "unreadable"
        raise YamlRefusedError(f"{where}not YAML: {problem}; mend that line") from None


def dump(document: Any) -> str:
    return yaml.dump(document, Dumper=Dumper, sort_keys=False, width=1000, default_flow_style=False)

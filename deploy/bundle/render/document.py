"""Write a document as YAML: the form of every file that an engine or Dokploy reads."""

from dataclasses import dataclass
from typing import Any

import yaml


@dataclass(frozen=True)
class Override:
    """A value in an overlay of Compose that takes the place of the whole one below it, instead of being merged."""

    value: Any


@dataclass(frozen=True)
class Reset:
    """What an overlay of Compose takes out."""


def dump(document: dict[str, Any]) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000, default_flow_style=False)


class _Dumper(yaml.SafeDumper):
    """Repeat instead of anchors, and indent lists below their key."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _override(dumper: yaml.SafeDumper, node: Override) -> yaml.Node:
    represented = dumper.represent_data(node.value)
    represented.tag = "!override"
    return represented


def _reset(dumper: yaml.SafeDumper, node: Reset) -> yaml.Node:
    return dumper.represent_sequence("!reset", [], flow_style=True)


_Dumper.add_representer(Override, _override)
_Dumper.add_representer(Reset, _reset)

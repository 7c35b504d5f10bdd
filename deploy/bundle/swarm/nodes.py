"""The swarm around this engine: whether it is one, which nodes it has, which of them keeps the stack's data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bundle import terminal
from bundle.errors import BundleError
from bundle.process import capture
from bundle.render.swarm_stack import data_label
from bundle.swarm import commands


@dataclass(frozen=True)
class Membership:
    """What this engine says of its swarm."""

    facts: Mapping[str, Any]

    @property
    def active(self) -> bool:
        return str(self.facts.get("LocalNodeState")) == "active"

    @property
    def manager(self) -> bool:
        return self.active and bool(self.facts.get("ControlAvailable"))

    @property
    def node(self) -> str:
        return str(self.facts.get("NodeID"))

    @property
    def absence(self) -> str:
        """Say why nothing can be deployed from here, or nothing."""
        if self.manager:
            return ""
        if self.active:
            managers = [str(one["Addr"]).rpartition(":")[0] for one in self.facts.get("RemoteManagers") or []]
            return f"this node is a worker of its swarm: run the command on a manager ({', '.join(managers)})"
        if str(self.facts.get("LocalNodeState")) == "locked":
            return "this node's swarm is locked: `docker swarm unlock` opens it"
        return (
            "this engine is in no swarm: make one with `docker swarm init`"
            " (`docker swarm init --advertise-addr 127.0.0.1` when it will stay alone)"
        )


def membership(environ: Mapping[str, str]) -> Membership:
    return Membership(json.loads(capture(commands.membership(), env=environ).out or "{}") or {})


def count(environ: Mapping[str, str]) -> int:
    return len(capture(commands.nodes(), env=environ).out.split())


def refuse_unpullable(nodes: int, *, registry: bool) -> None:
    """Refuse images that are on this node only where others could be asked to run them."""
    if nodes > 1 and not registry:
        raise BundleError(
            f"The swarm has {nodes} nodes, and the images that are built here are on this one only: bring them to a"
            " registry that all nodes reach, as in `make push REGISTRY=registry.example.org/team TAG=<release>`, and"
            " start with the same REGISTRY and TAG."
        )


def keep_data_here(stack: str, member: Membership, environ: Mapping[str, str]) -> None:
    """Label this node as the one with the stack's volumes, unless another one is: a volume never moves by itself."""
    label = data_label(stack)
    if labelled(label, environ):
        return
    result = capture(commands.label_node(member.node, label), env=environ)
    if not result.ok:
        raise BundleError(f"This node cannot be labelled {label}=true: {result.last_words}.")
    terminal.note(f"The data of {stack} is kept on this node (label {label}=true).")


def labelled(label: str, environ: Mapping[str, str]) -> list[str]:
    """Name the nodes with a label."""
    return [_name(node) for node in _all(environ) if node["Spec"]["Labels"].get(label) == "true"]


def names(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the host name of each node by its id."""
    return {node["ID"]: _name(node) for node in _all(environ)}


def _name(node: Mapping[str, Any]) -> str:
    return str(node["Description"]["Hostname"])


def _all(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    ids = capture(commands.nodes(), env=environ).out.split()
    answer = capture(commands.inspect("node", ids), env=environ).out if ids else ""
    found: list[dict[str, Any]] = json.loads(answer or "[]")
    return found

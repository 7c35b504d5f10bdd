"""What is deployed one after the other, and the files that say it: the rendered stack, cut into parts."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle.invocation import Invocation
from bundle.model import Stack
from bundle.render import swarm_stack
from bundle.swarm import overlay, varied

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Phase:
    """Services that may change at the same time."""

    name: str
    doing: str
    services: tuple[str, ...]


def phases(stack: Stack, wanted: Collection[str], only: str = "") -> list[Phase]:
    """Order what is wanted: what needs nothing, what runs once, the rest; `only` leaves of the rest one half."""
    before = (*servers(stack), *once(stack))
    rest = [name for name in stack.service if name in wanted and name not in before and _asked(stack, name, only)]
    found = [
        Phase("servers", "Starting the servers", servers(stack)),
        Phase("migration", "Migrating the database", once(stack)),
        Phase("application", "Rolling out the application", tuple(rest)),
    ]
    return [phase for phase in found if phase.services]


def _asked(stack: Stack, name: str, only: str) -> bool:
    return not only or name == only or bool(stack.service[name].profile)


def servers(stack: Stack) -> tuple[str, ...]:
    return tuple(one.name for one in stack.service.values() if not (one.needs or one.one_shot or one.profile))


def once(stack: Stack) -> tuple[str, ...]:
    return tuple(one.name for one in stack.service.values() if one.one_shot)


def part(document: Document, services: Iterable[str]) -> dict[str, Any]:
    """Keep some services; what they share stays whole."""
    kept = set(services)
    found = {name: service for name, service in document.get("services", {}).items() if name in kept}
    return {**document, "services": found}


def write(invocation: Invocation, phase: Phase, images: Mapping[str, str]) -> list[Path]:
    """Write what this phase deploys: the stack, what its images are pinned to, and what the user adds."""
    directory = invocation.run_dir / "swarm"
    directory.mkdir(parents=True, exist_ok=True)
    chosen = invocation.environ.get("SWARM_OVERLAY")
    mine = {"labels": varied.labels(invocation)}
    pinned = {name: {"image": images[name], "deploy": mine} for name in phase.services}
    documents = {
        "stack": varied.document(invocation),
        "images": {"version": swarm_stack.VERSION, "services": pinned},
        **({"mesh": swarm_stack.mesh(invocation.source)} if invocation.yes("WEB_MESH") else {}),
        **({"overlay": overlay.read(invocation.root / chosen)} if chosen else {}),
    }
    parts = {name: part(document, phase.services) for name, document in documents.items()}
    # What adds nothing to this phase is left out; only the stack itself says what all services share.
    said = {name: document for name, document in parts.items() if document["services"] or name == "overlay"}
    return [_written(directory / f"{phase.name}-{name}.json", document) for name, document in said.items()]


def _written(path: Path, document: Document) -> Path:
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return path


def versions(secrets: Mapping[str, Path]) -> dict[str, str]:
    """Name each secret by its content: a Swarm secret can be made and removed, and never changed."""
    found = {name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for name, path in secrets.items()}
    return {swarm_stack.version_variable(name): digest for name, digest in found.items()}


def secret_names(stack: str, secrets: Mapping[str, Path]) -> set[str]:
    """Name the Swarm secrets with today's content."""
    said = versions(secrets)
    return {f"{stack}-{name}-{said[swarm_stack.version_variable(name)]}" for name in secrets}

"""The user's own stack file, laid over ours: JSON by itself, YAML where PyYAML is there."""

import json
from pathlib import Path
from typing import Any

from bundle.errors import BundleError
from bundle.render import swarm_stack

try:
    import yaml
except ImportError:
    yaml = None  # type: ignore[assignment]


def read(path: Path) -> dict[str, Any]:
    """Read it as a document of our version: `docker stack deploy` takes no two of different versions."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(f"SWARM_OVERLAY: {path} cannot be read: {error}.") from None
    found = _parsed(path, text)
    if not isinstance(found, dict) or not isinstance(found.get("services", {}), dict):
        raise BundleError(f"SWARM_OVERLAY: {path} is no stack file: it must be a mapping, with a mapping `services`.")
    return {**found, "version": swarm_stack.VERSION}


def _parsed(path: Path, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return _yaml(path, text)


def _yaml(path: Path, text: str) -> object:
    if yaml is None:
        raise BundleError(
            f"SWARM_OVERLAY: {path} is not JSON, and this Python has no PyYAML to read YAML with: write it as JSON, or"
            " run `make venv` and add PYTHON=.venv/bin/python."
        )
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BundleError(f"SWARM_OVERLAY: {path} cannot be read: {' '.join(str(error).split())}.") from None

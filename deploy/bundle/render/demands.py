"""What an overlay makes the start give: addresses in its environment, files of the machine as secrets and configs."""

from collections.abc import Mapping
from typing import Any

from bundle import overlays
from bundle.model import Overlay, Stack

Document = dict[str, Any]


def make(stack: Stack, overlay: Overlay, whole: Document) -> None:
    """Write the demands into a document, which the start then refuses to interpolate without an answer."""
    for service in whole["services"].values():
        service["environment"] |= _asked(stack, overlay, service["environment"])
    for secret, name in overlays.secrets_given(stack, overlay).items():
        whole["secrets"][secret]["file"] = _required(name, overlay)
    for variable in overlays.files_given(stack, overlay):
        source = variable.name.lower()
        whole.setdefault("configs", {})[source] = {"file": _required(variable.name, overlay)}
        for service in whole["services"].values():
            if variable.name in service["environment"]:
                mount = {"source": source, "target": overlays.mounted(variable)}
                service.setdefault("configs", []).append(mount)


def _asked(stack: Stack, overlay: Overlay, environment: Mapping[str, str]) -> dict[str, str]:
    plain = [name for name in overlay.required if name in stack.variable and stack.variable[name].type != "path"]
    return {name: _required(name, overlay) for name in plain if name in environment}


def _required(name: str, overlay: Overlay) -> str:
    return f"${{{name}:?the overlay {overlay.name} needs it}}"

"""deploy/compose/compose.<name>.yaml: what each overlay says otherwise than compose.yaml.

The whole project is described twice, as the stack says and as the overlay varies it; the file is the difference, with
Compose's own words (!override, !reset) where it would merge what shall be replaced or gone.
"""

from collections.abc import Mapping
from typing import Any

from bundle import overlays
from bundle.model import Overlay, Stack
from bundle.render import compose, container, demands, document, origin

LOOPBACK = "127.0.0.1"
Document = dict[str, Any]


def render(stack: Stack) -> dict[str, str]:
    base = compose.project(stack)
    return {
        f"compose.{name}.yaml": _header(overlay) + document.dump(difference(base, project(stack, overlay)))
        for name, overlay in stack.overlay.items()
    }


def _header(overlay: Overlay) -> str:
    lines = [
        origin.LINE,
        *(["DEVELOPMENT: never for production."] if overlay.development else []),
        f"`make up OVERLAY={overlay.name}` puts it on compose.yaml: {overlay.description}.",
    ]
    return "".join(f"# {line}\n" for line in lines)


def project(stack: Stack, overlay: Overlay) -> Document:
    """Describe the whole project as the overlay varies it."""
    varied = overlays.vary(stack, [overlay.name])
    whole = compose.project(varied)
    for name, service in whole["services"].items():
        if overlay.development and "ports" in service:
            # On loopback, whatever WEB_BIND says.
            ports = varied.service[name].port.values()
            service["ports"] = [f"{LOOPBACK}:{container.port_pair(port)}" for port in ports]
    for name in [one.name for one in varied.service.values() if overlays.takes_source(one, overlay)]:
        whole["services"][name]["volumes"] = _source(stack)
    demands.make(stack, overlay, whole)
    return whole


def _source(stack: Stack) -> list[str]:
    return [f"{compose.ROOT}/{part}:{stack.code_path}/{part}:ro" for part in ("services", "entrypoints")]


def difference(base: Mapping[str, Any], other: Mapping[str, Any]) -> Document:
    """Say what must be laid over `base` so that Compose reads `other`."""
    changed = {key: _change(base.get(key), value) for key, value in other.items() if base.get(key) != value}
    return {**changed, **{key: document.Reset() for key in base if key not in other}}


def _change(before: Any, after: Any) -> Any:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return difference(before, after)
    # Compose would append to a list that is there.
    return document.Override(after) if isinstance(before, list) else after

"""How the installed services are, asked without changing anything."""

from bundle import probe
from bundle.systemd import nodes, systemctl
from bundle.systemd.place import Place
from bundle.systemd.switch import State

STALE_SECONDS = 90


def problems(place: Place, state: State) -> list[str]:
    """Name each service that is not healthy, with what is wrong."""
    found = {
        f"{place.stack}-web.service": probe.web(state.address),
        f"{place.stack}-beat.service": "",
        **{
            nodes.unit(place.stack, name): probe.heartbeat(place.heartbeat(name), stale_seconds=STALE_SECONDS)
            for name in state.workers
        },
    }
    said = {unit: word or ("" if systemctl.active(unit) else systemctl.state(unit)) for unit, word in found.items()}
    return [f"{unit}: {word}" for unit, word in said.items() if word]

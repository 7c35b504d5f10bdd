"""How the tests of the hardening look into a running container."""

from typing import Any

from docker.models.containers import Container

STATUSES = "for p in /proc/[0-9]*; do cat $p/status 2>/dev/null; echo; done"
# The probes, and what looks here: the engine starts them beside the container's own process.
VISITORS = ("sh", "cat", "probe.sh", "stat", "date")


def shell(container: Container, command: str) -> tuple[int, str]:
    code, output = container.exec_run(["sh", "-c", command])
    return code, output.decode()


def own_processes(container: Container) -> list[dict[str, Any]]:
    """Return what the kernel says of each process that the container's own one started, and of that one.

    What `docker exec` and the probes start is no child of it, and left out.
    """
    found = [
        dict(line.split(":\t", 1) for line in one.splitlines()) for one in shell(container, STATUSES)[1].split("\n\n")
    ]
    own = [one for one in found if one and (one["Pid"] == "1" or one["PPid"].strip() != "0")]
    own = [one for one in own if one["Name"] not in VISITORS]
    assert own != []
    return own


def capabilities(processes: list[dict[str, Any]]) -> set[int]:
    """Return each set of capabilities that any of them has, or could regain."""
    return {int(one["CapEff"], 16) | int(one["CapBnd"], 16) for one in processes}


def users(processes: list[dict[str, Any]]) -> set[str]:
    return {one["Uid"].split()[0] for one in processes}


def reaches(container: Container, address: str, port: int) -> bool:
    return shell(container, f"timeout 3 bash -c '</dev/tcp/{address}/{port}'")[0] == 0


def outward_networks(container: Container, stack_name: str) -> set[str]:
    """Return which of the stack's networks it is on that have a way out."""
    networks = [container.client.networks.get(name) for name in container.attrs["NetworkSettings"]["Networks"]]
    return {one.name.removeprefix(f"{stack_name}-") for one in networks if not one.attrs["Internal"]}

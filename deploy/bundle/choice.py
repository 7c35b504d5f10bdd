"""Which runtime a verb speaks to: the one that was asked for, the one that runs, else the one this machine has."""

from bundle import terminal
from bundle.containers import engine
from bundle.containers.runtime import Containers
from bundle.errors import BundleError
from bundle.host.runtime import Host
from bundle.invocation import Invocation
from bundle.runtimes import Runtime
from bundle.swarm.runtime import Swarm
from bundle.systemd.runtime import Units

WITH_ENGINE = ("containers", "swarm")


def to_start(invocation: Invocation) -> Runtime:
    """Choose for `make up`, and say so when it is not what most people expect."""
    absence = engine.absence(invocation.environ)
    wanted = invocation.runtime
    if wanted in WITH_ENGINE and absence:
        raise BundleError(f"RUNTIME={wanted}: {absence}. Start Docker, or use RUNTIME=host, which needs none.")
    runs = next(iter(running(invocation)), None)
    if invocation.overlays and (absence or "host" in (wanted, runs and runs.title)):
        reason = absence or f"{invocation.stack} is not to run in any, or does not"
        raise BundleError(f"OVERLAY={','.join(invocation.overlays)} varies containers, but {reason}: leave it out.")
    if wanted and runs and runs.title != wanted:
        raise BundleError(
            f"{invocation.stack} already runs in the runtime {runs.title!r}: end that with"
            f" `{invocation.command('down')}`, or choose another STACK_NAME."
        )
    return runs or _fresh(invocation, absence)


def running(invocation: Invocation) -> list[Runtime]:
    """List the runtimes in which this stack runs."""
    possible: list[Runtime] = [Host(invocation), Units(invocation)]
    if not engine.absence(invocation.environ):
        possible += [Containers(invocation), Swarm(invocation)]
    return [runtime for runtime in possible if runtime.running()]


def the_running(invocation: Invocation) -> Runtime:
    """Return the runtime that answers, or say that the stack does not run."""
    found = running(invocation)
    if not found:
        raise BundleError(f"{invocation.stack} does not run: start it with `{invocation.command('up')}`.")
    return found[0]


def data(invocation: Invocation) -> str:
    """Name the data that the secrets of this stack open, in any runtime."""
    host = Host(invocation)
    absent = engine.absence(invocation.environ)
    kept = [] if absent else dict.fromkeys([*Containers(invocation).volumes(), *Swarm(invocation).volumes()])
    found = [invocation.shown(host.place.postgres)] if host.place.postgres.exists() else []
    return ", ".join([*found, *(f"volume {name}" for name in kept)])


def _fresh(invocation: Invocation, absence: str) -> Runtime:
    if invocation.runtime == "host":
        return Host(invocation)
    if invocation.runtime == "swarm":
        return Swarm(invocation)
    if absence:
        terminal.note(f"Starting without containers (RUNTIME=host), because {absence}.")
        return Host(invocation)
    return Containers(invocation)

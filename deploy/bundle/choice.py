"""Which runtime a verb speaks to: the one that was asked for, the one that runs, else the one this machine has."""

from bundle import terminal
from bundle.containers import engine
from bundle.containers.runtime import Containers
from bundle.errors import BundleError
from bundle.host.runtime import Host
from bundle.invocation import Invocation
from bundle.runtimes import Runtime


def to_start(invocation: Invocation) -> Runtime:
    """Choose for `make up`, and say so when it is not what most people expect."""
    absence = engine.absence(invocation.environ)
    wanted = invocation.runtime
    if wanted == "containers" and absence:
        raise BundleError(f"RUNTIME=containers: {absence}. Start Docker, or use RUNTIME=host, which needs none.")
    runs = _running(invocation, absence)
    if wanted and runs and runs.title != wanted:
        raise BundleError(
            f"{invocation.stack} already runs in the runtime {runs.title!r}: end that with"
            f" `{invocation.command('down')}`, or choose another STACK_NAME."
        )
    return runs or _fresh(invocation, absence)


def running(invocation: Invocation) -> list[Runtime]:
    """List the runtimes in which this stack runs."""
    host = Host(invocation)
    found: list[Runtime] = [host] if host.running() else []
    if not engine.absence(invocation.environ) and (containers := Containers(invocation)).running():
        found.append(containers)
    return found


def the_running(invocation: Invocation) -> Runtime:
    """Return the runtime that answers, or say that the stack does not run."""
    found = running(invocation)
    if not found:
        raise BundleError(f"{invocation.stack} does not run: start it with `{invocation.command('up')}`.")
    return found[0]


def data(invocation: Invocation) -> str:
    """Name the data that the secrets of this stack open, in either runtime."""
    host = Host(invocation)
    kept = [] if engine.absence(invocation.environ) else Containers(invocation).volumes()
    found = [invocation.shown(host.place.postgres)] if host.place.postgres.exists() else []
    return ", ".join([*found, *(f"volume {name}" for name in kept)])


def _running(invocation: Invocation, absence: str) -> Runtime | None:
    host = Host(invocation)
    if host.running():
        return host
    containers = Containers(invocation)
    return containers if not absence and containers.running() else None


def _fresh(invocation: Invocation, absence: str) -> Runtime:
    if invocation.runtime == "host":
        return Host(invocation)
    if absence:
        terminal.note(f"Starting without containers (RUNTIME=host), because {absence}.")
        return Host(invocation)
    return Containers(invocation)

"""supervisord as a detached process: start it, find it again, notice its death, stop it with all it runs."""

import signal
from collections.abc import Iterable
from pathlib import Path

from bundle import programs, terminal
from bundle.control import SOCKET
from bundle.errors import BundleError
from bundle.host import processes
from bundle.host.environment import Place
from bundle.host.record import Record
from bundle.host.supervisor import Program, Supervisor
from bundle.logs import tail
from bundle.model import Stack
from bundle.process import detach

CONFIGURATION = Path("deploy/host/supervisord.conf")
START_SECONDS = 20
# supervisord kills at its own stopwaitsecs; a margin lets it do so.
MARGIN_SECONDS = 30


def connect(record: Record) -> Supervisor:
    return Supervisor(Path(record.sockets) / SOCKET, record.password)


def answers(record: Record | None) -> bool:
    return record is not None and record.boot == processes.boot() and connect(record).answers()


def leftovers(record: Record | None) -> list[int]:
    """List programs that outlived their supervisord."""
    if record is None or record.boot != processes.boot() or processes.alive(record.pid):
        return []
    return processes.session_leaders(record.pid)


def start(place: Place, environ: dict[str, str]) -> int:
    """Start supervisord with no program running yet, and return its pid."""
    log = place.invocation.logs_dir / "supervisord.log"
    command = [str(place.venv / "bin" / "supervisord"), "-c", str(place.invocation.root / CONFIGURATION)]
    child = detach(command, env=environ, cwd=place.invocation.root, log=log)
    supervisor = Supervisor(place.sockets / SOCKET, environ["SUPERVISOR_PASSWORD"])

    def missing() -> str:
        if child.poll() is not None:
            raise BundleError(
                *tail(log.read_text(encoding="utf-8"), lines=8), f"supervisord ended with {child.returncode}."
            )
        return "" if supervisor.answers() else "supervisord"

    terminal.wait_until(missing, timeout_seconds=START_SECONDS, what="The host runtime does not start")
    return child.pid


def stop(record: Record, stack: Stack) -> None:
    """Stop the programs that use the data servers, then those, then supervisord."""
    supervisor = connect(record)
    data = programs.in_group(stack, "data")
    names = supervisor.programs()
    _stop_programs(supervisor, [name for name in names if name not in data], _stop_seconds(stack, "app"))
    _stop_programs(supervisor, [name for name in names if name in data], _stop_seconds(stack, "data"))
    supervisor.shut_down()
    terminal.wait_until(
        lambda: "supervisord" if processes.alive(record.pid) else "",
        timeout_seconds=START_SECONDS,
        what="The host runtime does not stop",
    )


def stop_leftovers(record: Record, place: Place) -> None:
    """End what a killed supervisord left behind: the data servers last, nobody by force before the time is up."""
    pids = leftovers(record)
    data = {pid for pid in pids if _serves_data(processes.command(pid), place)}
    stack = place.invocation.source
    _end([pid for pid in pids if pid not in data], signal.SIGTERM, timeout_seconds=_stop_seconds(stack, "app"))
    # Fast shutdown for PostgreSQL, which would wait for its clients at SIGTERM; Redis takes both alike.
    _end(data, signal.SIGINT, timeout_seconds=_stop_seconds(stack, "data"))


def _stop_seconds(stack: Stack, group: str) -> int:
    return max(programs.stop_seconds(stack, name) for name in programs.in_group(stack, group))


def _stop_programs(supervisor: Supervisor, names: list[str], seconds: int) -> None:
    for name in names:
        supervisor.stop(name)

    def missing() -> str:
        found = supervisor.programs()
        return ", ".join(f"{name} to stop" for name in names if found[name].running)

    terminal.wait_until(missing, timeout_seconds=seconds + MARGIN_SECONDS, what="The host runtime does not stop")


def _end(pids: Iterable[int], what: signal.Signals, *, timeout_seconds: int) -> None:
    waited = list(pids)
    processes.send(waited, what)
    try:
        terminal.wait_until(
            lambda: ", ".join(f"process {pid} to stop" for pid in waited if processes.alive(pid)),
            timeout_seconds=timeout_seconds,
            what="A process without supervisord does not stop",
        )
    except BundleError:
        processes.send(waited, signal.SIGKILL)


def _serves_data(command: str, place: Place) -> bool:
    return str(place.postgres) in command or str(place.redis_socket) in command


def failed(found: dict[str, Program]) -> list[Program]:
    """Pick the programs that supervisord has given up."""
    return [program for program in found.values() if program.state in ("FATAL", "UNKNOWN")]

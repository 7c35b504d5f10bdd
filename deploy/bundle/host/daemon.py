"""supervisord as a detached process: start it, find it again, notice its death, stop it with all it runs."""

import signal
from collections.abc import Iterable
from pathlib import Path

from bundle import terminal
from bundle.errors import BundleError
from bundle.host import processes
from bundle.host.environment import Place
from bundle.host.record import Record
from bundle.host.supervisor import Program, Supervisor
from bundle.logs import tail
from bundle.process import detach

CONFIGURATION = Path("deploy/host/supervisord.conf")
START_SECONDS = 20
DATA = ("postgres", "redis")
# PostgreSQL's fast shutdown and Redis' last write.
DATA_STOP_SECONDS = 90


def connect(record: Record) -> Supervisor:
    return Supervisor(Path(record.sockets) / "supervisor.sock", record.password)


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
    supervisor = Supervisor(place.sockets / "supervisor.sock", environ["SUPERVISOR_PASSWORD"])

    def missing() -> str:
        if child.poll() is not None:
            raise BundleError(
                *tail(log.read_text(encoding="utf-8"), lines=8), f"supervisord ended with {child.returncode}."
            )
        return "" if supervisor.answers() else "supervisord"

    terminal.wait_until(missing, timeout_seconds=START_SECONDS, what="The host runtime does not start")
    return child.pid


def stop(record: Record, *, task_seconds: int) -> None:
    """Stop the programs that use the data servers, then those, then supervisord."""
    supervisor = connect(record)
    names = supervisor.programs()
    _stop_programs(supervisor, [name for name in names if name not in DATA], timeout_seconds=task_seconds)
    _stop_programs(supervisor, [name for name in names if name in DATA], timeout_seconds=DATA_STOP_SECONDS)
    supervisor.shut_down()
    terminal.wait_until(
        lambda: "supervisord" if processes.alive(record.pid) else "",
        timeout_seconds=START_SECONDS,
        what="The host runtime does not stop",
    )


def stop_leftovers(record: Record, place: Place, *, task_seconds: int) -> None:
    """End what a killed supervisord left behind: the data servers last, nobody by force before the time is up."""
    pids = leftovers(record)
    data = {pid for pid in pids if _serves_data(processes.command(pid), place)}
    _end([pid for pid in pids if pid not in data], signal.SIGTERM, timeout_seconds=task_seconds)
    # Fast shutdown for PostgreSQL, which would wait for its clients at SIGTERM; Redis takes both alike.
    _end(data, signal.SIGINT, timeout_seconds=DATA_STOP_SECONDS)


def _stop_programs(supervisor: Supervisor, names: list[str], *, timeout_seconds: int) -> None:
    for name in names:
        supervisor.stop(name)

    def missing() -> str:
        programs = supervisor.programs()
        return ", ".join(f"{name} to stop" for name in names if programs[name].running)

    # supervisord kills at its own stopwaitsecs; a margin lets it do so.
    terminal.wait_until(missing, timeout_seconds=timeout_seconds + 30, what="The host runtime does not stop")


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


def failed(programs: dict[str, Program]) -> list[Program]:
    """Pick the programs that supervisord has given up."""
    return [program for program in programs.values() if program.state in ("FATAL", "UNKNOWN")]

"""A release is proven before anything is switched: its web, its migration and its worker run once beside the old ones.

The candidate's units are the release's own, under the name `<stack>-candidate`, in /run: nothing of them is left after
a reboot, and nothing that they own is shared with what serves.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bundle import logs, probe, terminal
from bundle.errors import BundleError
from bundle.files import write
from bundle.model import Stack
from bundle.systemd import credentials, systemctl, transient, unit_files
from bundle.systemd.place import Place
from bundle.systemd.plan import Plan
from bundle.systemd.unit_files import Fit, write_all

RUNTIME_UNITS = Path("/run/systemd/system")
START_SECONDS = 90
# Its instance names its node and its heartbeat's queue, which must not be a real one's.
WEB, WORKER, MIGRATE = "web", "worker@candidate", "migrate"


@dataclass(frozen=True)
class Candidate:
    """One release that is tried."""

    plan: Plan
    release: str

    @property
    def place(self) -> Place:
        return self.plan.request.place

    @property
    def name(self) -> str:
        return f"{self.place.stack}-candidate"

    @property
    def directory(self) -> Path:
        """Hold the settings and secrets as they will be, apart from those in use."""
        return Path("/run") / self.name

    @property
    def heartbeat(self) -> Path:
        return Path("/run") / f"{self.name}-worker-candidate" / "heartbeat"

    @property
    def socket(self) -> Path:
        return Path("/run") / f"{self.name}-web.sock"

    def units(self) -> dict[str, str]:
        return {name: fitted(text, self) for name, text in self._rendered().items()}

    def _rendered(self) -> dict[str, str]:
        stack: Stack = replace(self.plan.asked.source, name=self.name)
        place = replace(self.place, stack=self.name)
        return Fit(place, self.plan.request.user).units(stack)


def fitted(text: str, candidate: Candidate) -> str:
    """Point a unit of the candidate at its release, and let it fail at once instead of trying again."""
    name, place = candidate.name, candidate.place
    text = text.replace(f"{place.prefix}/{name}/current", str(place.releases / candidate.release))
    text = text.replace(f"/etc/{name}/", f"{candidate.directory}/")
    if unit_files.elsewhere(candidate.plan.values):
        text = re.sub(r"^IPAddress(Deny|Allow)=.*\n", "", text, flags=re.MULTILINE)
    for pattern, words in (
        (r"^Restart=.*$", "Restart=no"),
        # A queue of its own: it proves that it can start, and takes nobody's work.
        (r"^(ExecStart=\S+/worker\.sh.*)$", rf"\1 --queues={name}"),
        (r"^ListenStream=.*$", f"ListenStream={candidate.socket}"),
        # What it wants beside itself is started one by one, and it belongs to no target.
        (rf"^PartOf=.*\n|(?<= ){re.escape(name)}-\w+(@\d+)?\.service", ""),
    ):
        text = re.sub(pattern, words, text, flags=re.MULTILINE)
    return text


@contextmanager
def prepared(candidate: Candidate) -> Iterator[None]:
    """Lay out the candidate's settings and units for the block; leave nothing of it."""
    try:
        _clear(candidate)
        candidate.directory.mkdir(mode=0o700)
        write(candidate.directory / "env", candidate.plan.settings, mode=0o600)
        credentials.keep(candidate.directory / "credentials", candidate.plan.credentials)
        write_all(RUNTIME_UNITS, candidate.units())
        systemctl.must("daemon-reload")
        yield
    finally:
        _clear(candidate)


def _clear(candidate: Candidate) -> None:
    files = [path for path in RUNTIME_UNITS.glob(f"{candidate.name}[-.]*") if path.is_file()]
    names = [path.name.replace("@.", "@candidate.") for path in files]
    if names:
        systemctl.run("stop", *names)
        systemctl.run("reset-failed", *names)
    for path in files:
        path.unlink()
    candidate.socket.unlink(missing_ok=True)
    shutil.rmtree(candidate.directory, ignore_errors=True)
    if names:
        systemctl.run("daemon-reload")


def prove(candidate: Candidate) -> None:
    """Go from what costs nothing to what changes the database; the first failure ends it."""
    with prepared(candidate):
        with terminal.step(f"Trying release {candidate.release} beside what runs"):
            _check(candidate)
            web, worker = Trial(candidate, WEB), Trial(candidate, WORKER)
            web.start()
            web.wait(lambda: probe.web_socket(candidate.socket, "/healthz"))
            worker.start()
        with terminal.step("Migrating the database"):
            Trial(candidate, MIGRATE).start()
        web.wait(lambda: probe.web_socket(candidate.socket, "/readyz"))
        worker.wait(lambda: probe.heartbeat(candidate.heartbeat, stale_seconds=START_SECONDS))


def _check(candidate: Candidate) -> None:
    """Let Django look at the release under the settings that it will have."""
    unit = candidate.units()[f"{candidate.name}-web.service"]
    words = ["check", "--deploy", "--fail-level", "ERROR"]
    result = transient.ask(unit, candidate.place.releases / candidate.release, words)
    if not result.ok:
        raise BundleError(f"`manage.py check` refuses it: {_reason(result.err or result.out)}")


def _reason(text: str) -> str:
    return logs.short(systemctl.worst([line for line in text.splitlines() if line.strip()] or ["no word"]))


class Trial:
    """One unit of the candidate."""

    def __init__(self, candidate: Candidate, name: str) -> None:
        self.name = name
        self.unit = f"{candidate.name}-{name}.service"
        self.begun = ""

    def start(self) -> None:
        """Wait until it is ready, or has ended if it runs once."""
        started = systemctl.run("start", self.unit)
        self.begun = systemctl.invocation(self.unit)
        if not started.ok:
            raise self._failed()

    def wait(self, problem: Callable[[], str]) -> None:
        def missing() -> str:
            # A socket starts a web that has failed again, at the next question.
            if systemctl.state(self.unit) == "failed" or systemctl.invocation(self.unit) != self.begun:
                raise self._failed()
            said = problem()
            return f"{self.name}: {said}" if said else ""

        terminal.wait_until(missing, timeout_seconds=START_SECONDS, what=f"its {self.name} does not become healthy")

    def _failed(self) -> BundleError:
        return BundleError(f"its {self.name} fails: {systemctl.last_words(self.unit, of=self.begun)}")

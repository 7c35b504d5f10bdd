"""A stack that the installer has put on a machine, and a checkout there that a test may change."""

import json
import shlex
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.integration.systemd.machine import Done, Machine

STACK = "desk"
SERVICES = ("web", "worker@1", "beat")
# Everything but what git does not know and the tests.
COPY = "tar -C /src --exclude=./.[a-hj-z]* --exclude=./tests --exclude=./dist --exclude=./static -c . | tar -C {to} -x"


@dataclass
class Desk:
    """The installed stack `desk`, in the words of its administrator."""

    machine: Machine
    checkout: str = "/root/checkout"

    def install(self, *, check: bool = True, **variables: str) -> Done:
        """Run the script, whose exit code is the installer's own."""
        return self._script("install", check=check, **variables)

    def uninstall(self, **variables: str) -> Done:
        return self._script("uninstall", **variables)

    def _script(self, name: str, *, check: bool = True, **variables: str) -> Done:
        given = {"STACK_NAME": STACK, **variables}
        words = [f"{self.checkout}/deploy/systemd/{name}", *(f"{key}={value}" for key, value in given.items())]
        return self.machine.run(shlex.join(words), check=check)

    @contextmanager
    def changed(self, path: str, text: str) -> Iterator[None]:
        """Have a file of the checkout end with a text, or consist of it when there is none, for the block."""
        place = f"{self.checkout}/{path}"
        try:
            self.machine.run(f"mkdir -p $(dirname {place}) && cat >>{place}", stdin=text)
            yield
        finally:
            self.machine.run(f"rm {place}; [ ! -e /src/{path} ] || cp -p /src/{path} {place}")

    def manage(self, *words: str) -> str:
        return self.machine.run(shlex.join([f"{STACK}-manage", *words])).stdout

    def python(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "--verbosity", "0", "-c", code).strip()

    @property
    def release(self) -> str:
        return self.machine.ask(f"readlink /opt/{STACK}/current").removeprefix("releases/")

    @property
    def pids(self) -> dict[str, str]:
        return {name: self.machine.show(f"{STACK}-{name}.service", "MainPID") for name in SERVICES}

    @property
    def secrets(self) -> str:
        return self.machine.ask(f"cd /etc/{STACK}/credentials && sha256sum *")

    def events(self, unit: str) -> list[str]:
        """Return what a unit's processes have said, since it was installed."""
        lines = self.machine.ask(f"journalctl --no-pager --output=cat --identifier={STACK}-{unit}").splitlines()
        return [json.loads(line)["event"] for line in lines if line.startswith("{")]

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.machine.port}/readyz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False


def prepared(machine: Machine, **variables: str) -> Desk:
    """Copy the checkout and install it; the web answers on the published port."""
    desk = Desk(machine)
    machine.run(f"mkdir -p {desk.checkout} && {COPY.format(to=desk.checkout)}")
    desk.install(WEB_BIND="0.0.0.0", **variables)  # noqa: S104
    return desk


@dataclass
class Visitor:
    """Somebody who asks /healthz all the time, each time by a new connection."""

    port: int
    asked: int = 0
    slowest: float = 0
    failures: list[str] = field(default_factory=list)

    def ask_until(self, over: threading.Event) -> None:
        while not over.wait(0.05):
            began = time.monotonic()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=60) as answer:
                    answer.read()
            except OSError as error:
                self.failures.append(repr(error))
            self.asked += 1
            self.slowest = max(self.slowest, time.monotonic() - began)


@contextmanager
def visited(desk: Desk) -> Iterator[Visitor]:
    """Visit the web for the block."""
    visitor, over = Visitor(desk.machine.port), threading.Event()
    thread = threading.Thread(target=visitor.ask_until, args=[over])
    thread.start()
    try:
        yield visitor
    finally:
        over.set()
        thread.join()


@contextmanager
def background(desk: Desk, command: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a shell line in the machine beside the block, and wait for its end."""
    words = ["docker", "exec", desk.machine.name, "sh", "-c", command]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        yield process

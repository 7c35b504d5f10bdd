"""A Debian machine of its own for a test: a container that systemd has booted, with Debian's PostgreSQL and Redis."""

import os
import secrets
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bundle.containers import engine
from tests.integration import clock
from tests.integration.stacks import ROOT, outside_environment
from tests.servers import free_port
from tests.waiting import poll

FILE = Path(__file__).with_name("compose.yaml")
CA = Path("/etc/ssl/certs/ca-certificates.crt")
# The checkout, read-only, and what shifts clocks.
SOURCE = Path("/src")
FAKETIME = Path("/opt/libfaketime.so.1")
BOOT_SECONDS = 60
NOW = "runuser -u postgres -- psql --no-psqlrc --tuples-only --command='SELECT extract(epoch FROM now())'"
# A published port arrives at the machine's own network, not at its loopback.
ANYWHERE = "0.0.0.0"  # noqa: S104

Done = subprocess.CompletedProcess[str]


@dataclass
class Machine:
    """The ways of an administrator: run a command, write a file, read the journal."""

    name: str = field(default_factory=lambda: f"test-machine-{secrets.token_hex(3)}")
    # Of the engine's machine; it leads to port 8000 of this one.
    port: int = field(default_factory=free_port)

    def run(self, command: str, *, check: bool = True, stdin: str = "", **environ: str) -> Done:
        """Run a shell line as root."""
        given = [word for name, value in environ.items() for word in ("--env", f"{name}={value}")]
        words = ["docker", "exec", "--interactive", *given, self.name, "sh", "-c", command]
        done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not check, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def ask(self, command: str) -> str:
        """Return what a command prints, whether it succeeds or not."""
        return self.run(command, check=False).stdout.strip()

    def write(self, path: str | Path, text: str, *, mode: str = "0644") -> None:
        place = shlex.quote(str(path))
        self.run(f'mkdir -p "$(dirname {place})" && cat >{place} && chmod {mode} {place}', stdin=text)

    def copy(self, source: Path, path: Path) -> None:
        subprocess.run(["docker", "cp", "--quiet", str(source), f"{self.name}:{path}"], check=True)

    def read(self, path: str | Path) -> str:
        return self.run(f"cat {shlex.quote(str(path))}").stdout

    def show(self, unit: str, key: str) -> str:
        """Return one property of a unit."""
        return self.ask(f"systemctl show --value --property={key} {unit}")

    def active(self, unit: str) -> bool:
        return self.show(unit, "ActiveState") == "active"

    def install(self, stack: str, **variables: str) -> str:
        """Install the checkout as a user does; its web answers on the published port."""
        given = {"STACK_NAME": stack, "WEB_BIND": ANYWHERE, **variables}
        return self.run("make -C /src systemd-install", **given).stdout

    def reboot(self) -> None:
        """Shut down in order and boot again; the disk stays."""
        subprocess.run(["docker", "restart", "--time", "60", self.name], capture_output=True, check=True)
        self.wait_for_boot()

    def wait_for_boot(self) -> None:
        states = ("running", "degraded")
        poll(lambda: self.ask("systemctl is-system-running") in states, what="the boot", seconds=BOOT_SECONDS)

    def shift(self, shift: clock.Shift, stack: str) -> None:
        """Shift the clock of the stack's units, of its management commands and of PostgreSQL.

        Redis is left alone: no message waits for a time there, and its allocator (jemalloc) cannot start so.
        """
        if not shift.seconds:
            return
        self.copy(clock.library(), FAKETIME)
        given = shift.environment(FAKETIME)
        directives = "".join(f"Environment={name}={value}\n" for name, value in given.items())
        for unit in (f"{stack}-.service", "run-.service"):
            self.write(f"/etc/systemd/system/{unit}.d/clock.conf", f"[Service]\n{directives}")
        # Debian starts a cluster with the variables of this file, whatever its unit has.
        lines = "".join(f"{name} = '{value}'\n" for name, value in given.items())
        self.run("for cluster in /etc/postgresql/*/*; do cat >>$cluster/environment; done", stdin=lines)
        self.run("systemctl daemon-reload && systemctl restart postgresql")
        assert abs(float(self.ask(NOW)) - shift.now().timestamp()) < BOOT_SECONDS, "PostgreSQL has the true time"


def compose(*words: str, **variables: str) -> Done:
    """Run Compose v2 on this folder's file."""
    program = engine.compose(ROOT, os.environ)
    ca = {"BUILD_CA": os.environ.get("BUILD_CA") or (str(CA) if CA.exists() else "/dev/null")}
    environ = {**outside_environment(), **ca, "MACHINE": "machine", "MACHINE_PORT": "8000", **variables}
    line = [*program, "--file", str(FILE), *words]
    done = subprocess.run(line, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def build() -> None:
    """Make the image on our own base; the layers are kept until the lock of the Python packages changes."""
    base = subprocess.run(
        [str(ROOT / "services/base/build.sh"), f"{registry()}/base:{tag()}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert base.returncode == 0, base.stdout + base.stderr
    compose("build")


def registry() -> str:
    return os.environ.get("REGISTRY") or "deskbeat"


def tag() -> str:
    return os.environ.get("TAG") or "local"


@contextmanager
def booted(machine: Machine) -> Iterator[Machine]:
    """Run the machine for the block; nothing of it is left."""
    build()
    variables = {"MACHINE": machine.name, "MACHINE_PORT": str(machine.port)}
    try:
        compose("up", "--detach", "--no-build", **variables)
        machine.wait_for_boot()
        yield machine
    finally:
        compose("down", "--volumes", "--timeout", "0", **variables)

"""One container of an image under test, hardened as the stack hardens it."""

import json
import secrets
import time
from typing import Any

from docker import DockerClient
from docker.models.containers import Container

from tests.waiting import poll

HARDENED: dict[str, Any] = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "mem_limit": "256m",
    # The image's own command, asked more often: the first answer comes after one interval.
    "healthcheck": {"interval": 1_000_000_000},
    "tmpfs": {"/tmp": "mode=1777,noexec"},  # noqa: S108 -- a path in the container
}
NO_CAPABILITY = "0000000000000000"


class Server:
    """A started container; `Starter` removes it."""

    def __init__(self, container: Container) -> None:
        self.container = container

    @property
    def state(self) -> dict[str, Any]:
        self.container.reload()
        state: dict[str, Any] = self.container.attrs["State"]
        return state

    def lines(self) -> list[str]:
        return bytes(self.container.logs()).decode().splitlines()

    def logs(self) -> list[dict[str, Any]]:
        """Return the log; every line must be one JSON event."""
        return [json.loads(line) for line in self.lines()]

    def events(self) -> list[str]:
        return [line["event"] for line in self.logs()]

    def run(self, *command: str, **environment: str) -> tuple[int, str]:
        """Run a command in the container, and return its exit code and all it said."""
        done = self.container.exec_run(list(command), environment=environment)
        return done.exit_code, done.output.decode().strip()

    def shell(self, line: str, **environment: str) -> str:
        code, words = self.run("bash", "-euo", "pipefail", "-c", line, **environment)
        assert code == 0, words
        return words

    def hardening(self) -> dict[str, list[str]]:
        """Return what the kernel grants to its processes: each value that any of them has."""
        lines = self.shell("grep -hE '^(Uid|CapEff|CapBnd|NoNewPrivs)' /proc/[0-9]*/status | sort -u").splitlines()
        return {name.rstrip(":"): sorted(set(values)) for name, *values in map(str.split, lines)}

    def ended(self) -> int:
        """Wait until the container ends by itself and return its exit code."""
        poll(lambda: self.state["Status"] == "exited", what="the container ends", every=0.1)
        return int(self.state["ExitCode"])

    def logged(self, event: str) -> "Server":
        def said() -> bool:
            assert self.state["Running"], self.lines()
            return any(event in line for line in self.lines())

        poll(said, what=f"a log line with {event!r}", every=0.1)
        return self

    def healthy(self) -> "Server":
        poll(lambda: self.state["Health"]["Status"] == "healthy", what="the container is healthy", every=0.1)
        return self

    def stop(self, signal: str | None = None) -> float:
        """Stop it as `docker stop` does, or by a signal, and return the seconds it took."""
        started = time.monotonic()
        if signal:
            self.container.kill(signal)
            self.ended()
        else:
            self.container.stop(timeout=60)
        return time.monotonic() - started


class Starter:
    """Starts containers, and removes them with their volumes."""

    def __init__(self, client: DockerClient, image: str, **hardening: Any) -> None:
        self.client = client
        self.image = image
        self.hardening = HARDENED | hardening
        self.servers: list[Server] = []
        self.names: list[str] = []

    def __call__(self, *command: str, **options: Any) -> Server:
        name = f"deskbeat-test-{secrets.token_hex(4)}"
        options = self.hardening | options
        server = Server(self.client.containers.run(self.image, list(command), name=name, detach=True, **options))
        self.servers.append(server)
        return server

    def volume(self) -> str:
        """Make a volume that outlives its containers and not this test."""
        self.names.append(f"deskbeat-test-{secrets.token_hex(4)}")
        self.client.volumes.create(self.names[-1])
        return self.names[-1]

    def remove(self) -> None:
        for server in self.servers:
            server.container.remove(force=True, v=True)
        for name in self.names:
            self.client.volumes.get(name).remove(force=True)

"""Dokploy: the pasted text, imported and deployed as Dokploy does it; there is no Dokploy server in it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import yaml

from bundle.containers import engine, state
from bundle.dokploy.imitation import compose, dotenv, template
from bundle.render.dokploy import COMPOSE, IMPORT
from bundle.render.dokploy_compose import host_name
from bundle.runtimes import MANAGE
from tests.checkout import STACK
from tests.integration.stacks import ROOT, Stack
from tests.integration.targets.compose import shifted
from tests.waiting import poll

OVERLAY = "overlay.yml"
# Options stay off, and nobody builds their images.
BUILT = {one.image for one in STACK.service.values() if not one.profile and STACK.image[one.image].dockerfile}


@dataclass
class Dokploy(Stack):
    """The stack as one Compose service of Dokploy; its appName is the stack's own name."""

    runtime: ClassVar[str] = "dokploy"
    lead_seconds: ClassVar[int] = 180
    # In Dokploy: CELERY_REPLICAS=2 in the Environment tab.
    hour_workers: ClassVar[int] = 2

    isolated: bool = False

    def __post_init__(self) -> None:
        self.imported = template.import_text((ROOT / "deploy/dokploy" / IMPORT).read_text("utf-8"), self.name)
        # What a user fills in there; the rest was generated.
        self.tab = self.imported.environment
        self.fill_in(REGISTRY=self.registry, TAG=self.tag)

    @property
    def registry(self) -> str:
        """A registry that nobody could pull from: the images are on this machine."""
        return f"registry.invalid/{self.name}"

    @property
    def tag(self) -> str:
        return os.environ.get("TAG") or "local"

    @property
    def host(self) -> str:
        return str(self.imported.domains[0]["host"])

    def fill_in(self, **values: str) -> None:
        """Edit the Environment tab."""
        lines = [line for line in self.tab.splitlines() if line.partition("=")[0] not in values]
        self.tab = "\n".join([*lines, *(f"{name}={value}" for name, value in values.items())])

    def prepare(self) -> None:
        done = self.verb("images")
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def running(self) -> Iterator[None]:
        self.prepare()
        self.fill_in(CELERY_REPLICAS=str(self.workers))
        try:
            self._bring_what_the_server_has()
            self.up()
            yield
        finally:
            self._compose("down", "--volumes", "--remove-orphans", "--timeout", "5")
            docker("network", "rm", self.network)
            docker("image", "rm", *map(self._pulled, BUILT))
            shutil.rmtree(self.code.parent)

    def up(self) -> str:
        """Deploy; Dokploy does not wait until the services are healthy."""
        self.write()
        done = self._compose("up", "-d", "--build", "--remove-orphans")
        assert done.returncode == 0, done.stdout + done.stderr
        poll(lambda: self.containers() and all(one.good for one in self.containers()), what="healthy", seconds=120)
        return done.stdout + done.stderr

    def down(self) -> None:
        done = self._compose("down")
        assert done.returncode == 0, done.stdout + done.stderr

    def write(self) -> None:
        """Write what Dokploy writes before each deploy, and the test's own difference beside it."""
        text = compose.converted(self.imported.compose, self.name, self.imported.domains, isolated=self.isolated)
        (self.code / COMPOSE).write_text(text, encoding="utf-8")
        (self.code / ".env").write_text(dotenv.written(self.tab, self.name), encoding="utf-8")
        (self.code / OVERLAY).write_text(yaml.safe_dump(self._overlay()), encoding="utf-8")

    @property
    def network(self) -> str:
        """The network between Traefik and the services: the server's, or in an isolated deployment the app's own."""
        return self.name if self.isolated else f"{self.name}-dokploy"

    @cached_property
    def code(self) -> Path:
        """The folder that Dokploy wipes and fills at each deploy; made at the first use."""
        folder = Path(tempfile.mkdtemp(prefix="dokploy-")) / "code"
        folder.mkdir()
        return folder

    def containers(self) -> list[state.Container]:
        return state.containers(self.name, dict(os.environ))

    def of(self, service: str) -> list[state.Container]:
        """Give the containers of a service, or of all, as Dokploy finds them: by project and name."""
        name = host_name(STACK, service)
        return [one for one in self.containers() if not service or one.service == name]

    def manage(self, *words: str) -> str:
        return self.execute("backend", "python", f"{STACK.code_path}/{MANAGE}", *words)

    def execute(self, service: str, *words: str) -> str:
        done = docker("exec", self.of(service)[0].id, *words)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def log_lines(self, service: str = "") -> list[str]:
        """Read the log as Dokploy does: with the engine's timestamp, which it takes off each line."""
        done = [docker("container", "logs", "--timestamps", "--tail", "10000", one.id) for one in self.of(service)]
        return [line.partition(" ")[2] for one in done for line in (one.stdout + one.stderr).splitlines()]

    def _pulled(self, image: str) -> str:
        return f"{self.registry}/{image}:{self.tag}"

    def _overlay(self) -> dict[str, Any]:
        services = {host_name(STACK, name): shifted(self) for name in ("db", "migrate", "backend", "celery")}
        services[host_name(STACK, "backend")]["ports"] = [f"127.0.0.1:{self.port}:8000"]
        key = self.name if self.isolated else compose.NETWORK
        return {"services": services, "networks": {key: {"external": True, "name": self.network}}}

    def _bring_what_the_server_has(self) -> None:
        """Give the machine Dokploy's network, the images under the registry's name, and `docker compose`."""
        assert docker("network", "create", "--attachable", self.network).returncode == 0
        for image in BUILT:
            assert docker("tag", f"{STACK.product}/{image}:{self.tag}", self._pulled(image)).returncode == 0
        program = engine.compose(ROOT, os.environ)
        if len(program) == 1:
            plugins = self.code.parent / ".docker" / "cli-plugins"
            plugins.mkdir(parents=True)
            (plugins / "docker-compose").symlink_to(program[0])

    def _compose(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Call Compose as Dokploy does, with no environment: `env -i PATH HOME docker compose ...`."""
        kept = {name: os.environ[name] for name in ("PATH", "DOCKER_HOST") if name in os.environ}
        command = ["docker", "compose", "-p", self.name, "-f", COMPOSE, "-f", OVERLAY, *words]
        return subprocess.run(
            command,
            cwd=self.code,
            env={**kept, "HOME": str(self.code.parent)},
            capture_output=True,
            text=True,
            check=False,
        )


def docker(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=False)

"""What somebody types, and the server that hears it."""

import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from bundle.__main__ import main
from bundle.dokploy import checks, deployment
from bundle.dokploy.checks.submission import Submission
from bundle.dokploy.imitation import dotenv
from tests.checkout import STACK
from tests.unit.dokploy.apply.fake_dokploy import KEY, FakeDokploy, Server


@dataclass(frozen=True)
class Result:
    """How `make dokploy-apply` ended."""

    code: int
    out: str
    err: str


Apply = Callable[..., Result]
IMAGES = {"REGISTRY": "registry.example.org/team", "TAG": "1.4.0"}
HOST = {"DOMAIN": "desk.example.org"}
ASKED = {**IMAGES, **HOST, "HTTPS": "1"}
SECRETS = [name.upper() for name, secret in STACK.secret.items() if not secret.given]
# What every call would read again from the same files: the trusted certificates, and the rules' judgement of one text.
PROBLEMS = checks.problems
TRUSTED = ssl.create_default_context()


def tab(dokploy: FakeDokploy) -> dict[str, str]:
    """Return what stands in the environment tab of its first service."""
    return dotenv.parse(dokploy.services[0]["env"])


def kept(dokploy: FakeDokploy) -> dict[str, str]:
    """Return the secrets in it that no apply may change."""
    return {name: tab(dokploy)[name] for name in SECRETS}


def procedures(dokploy: FakeDokploy) -> list[str]:
    return [procedure for procedure, _ in dokploy.writes]


@cache
def judged(files: frozenset[tuple[str, str]], name: str, names: tuple[str, ...]) -> list[str]:
    return PROBLEMS(Submission(dict(files), name, names))


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def dokploy(server: Server) -> FakeDokploy:
    return server.dokploy


@pytest.fixture
def apply(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Apply:
    """Run the verb as `make dokploy-apply NAME=value ...` does, with nothing else in the environment."""
    monkeypatch.setattr(deployment, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(ssl, "create_default_context", lambda: TRUSTED)
    monkeypatch.setattr(checks, "problems", lambda one: judged(frozenset(one.files.items()), one.id, one.names))

    def run(**environ: str) -> Result:
        usual = {"DOKPLOY_URL": server.url, "DOKPLOY_API_KEY": KEY, "PATH": os.environ["PATH"]}
        for name in list(os.environ):
            monkeypatch.delenv(name)
        for name, value in (usual | environ).items():
            monkeypatch.setenv(name, value)
        code = main(["dokploy-apply"])
        said = capsys.readouterr()
        assert KEY not in said.out + said.err
        return Result(code, said.out, said.err)

    return run

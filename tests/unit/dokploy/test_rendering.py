"""What is rendered for Dokploy beside the pasted text: the site, and the text that builds."""

import functools
import json
import os
import subprocess
import sys
import threading
import tomllib
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bundle.containers import engine
from bundle.render import dokploy
from tests.checkout import ROOT, STACK

COMPOSE = engine.wheel_binary(Path(sys.prefix))
FILES = dokploy.render(STACK)
BUILT = yaml.safe_load(FILES[dokploy.GIT_COMPOSE])["services"]


def _compose(file: str, *words: str, env_file: Path | None = None, **environ: str) -> Any:
    """Ask Compose about a rendered file, in its own folder; values that it demands are given."""
    given = dict.fromkeys(["REGISTRY", "TAG", *(name.upper() for name in STACK.secret)], "x")
    flags = ["--env-file", str(env_file)] if env_file else []
    done = subprocess.run(
        [str(COMPOSE), "-p", "app", *flags, "-f", str(ROOT / "deploy/dokploy" / file), *words],
        env={"PATH": os.environ["PATH"], **given, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_listed_version_is_that_of_the_product() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert STACK.listing.version == project["version"]


def test_the_site_lists_the_blueprint_that_it_serves() -> None:
    (entry,) = json.loads(FILES["site/meta.json"])

    assert {name.rpartition("/")[2] for name in FILES if name.startswith(f"site/blueprints/{entry['id']}/")} == {
        "docker-compose.yml",
        "template.toml",
        "meta.json",
        "logo.svg",
        "instructions.md",
    }


def test_any_static_server_serves_the_site() -> None:
    """Dokploy asks the Base URL for the list, and then for the two texts of what was chosen."""
    handler = functools.partial(QuietHandler, directory=str(ROOT / "deploy/dokploy/site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as dokploy_server:
            (entry,) = dokploy_server.get("/meta.json").raise_for_status().json()
            folder = f"/blueprints/{entry['id']}"
            served = {name: dokploy_server.get(f"{folder}/{name}").text for name in (dokploy.COMPOSE, dokploy.TEMPLATE)}
        server.shutdown()

    assert dokploy.pasted(*served.values()) == FILES[dokploy.IMPORT]


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Keep what was asked out of the test's output."""


def test_both_texts_run_the_same_services() -> None:
    pulled = yaml.safe_load(FILES[dokploy.COMPOSE])["services"]
    origin = {"image", "build"}

    assert {name: _without(one, origin) for name, one in BUILT.items()} == {
        name: _without(one, origin) for name, one in pulled.items()
    }


def _without(service: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in service.items() if key not in keys}


def test_no_image_that_is_built_is_looked_for_in_a_registry() -> None:
    """A service without a build uses an image that another one builds: Compose then pulls nothing."""
    built = {one["image"] for one in BUILT.values() if "build" in one}

    assert {one["image"] for one in BUILT.values() if one["image"].startswith("${")} == built


@pytest.mark.parametrize("service", [name for name, one in BUILT.items() if "build" in one])
def test_a_build_finds_its_dockerfile_from_the_folder_of_the_text(service: str) -> None:
    build = BUILT[service]["build"]

    assert (ROOT / "deploy/dokploy" / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()


def test_every_builder_knows_that_the_worker_is_built_on_the_backend() -> None:
    """`build --print` writes what buildx is given where Compose delegates to it, as Docker does by default."""
    printed = json.loads(_compose(dokploy.GIT_COMPOSE, "build", "--print"))

    worker = printed["target"]["ticketing-celery"]
    assert worker["contexts"] == {"backend-image": "target:ticketing-backend"}
    assert worker["args"] == {"BACKEND_IMAGE": "backend-image"}


def test_an_option_is_switched_on_in_the_environment_tab(tmp_path: Path) -> None:
    """Compose reads COMPOSE_PROFILES from the `.env` that Dokploy writes."""
    profiles = {one.profile for one in STACK.service.values() if one.profile}
    always = {f"ticketing-{name}" for name, one in STACK.service.items() if not one.profile}
    tab = tmp_path / ".env"

    tab.write_text("", encoding="utf-8")
    assert set(_compose(dokploy.COMPOSE, "config", "--services", env_file=tab).split()) == always
    tab.write_text(f'COMPOSE_PROFILES="{",".join(sorted(profiles))}"\n', encoding="utf-8")
    assert set(_compose(dokploy.COMPOSE, "config", "--services", env_file=tab).split()) == {
        f"ticketing-{name}" for name in STACK.service
    }

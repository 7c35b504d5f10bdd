"""Each overlay, laid on compose.yaml by Compose itself, gives the stack that it promises."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bundle import overlays
from bundle.containers import engine
from bundle.model import Stack
from bundle.render import compose, document
from bundle.render import overlays as rendering
from bundle.render.targets import files
from tests.checkout import STACK

# Not the wheel's script, which ends with 0 whatever Compose said.
COMPOSE = engine.wheel_binary(Path(sys.prefix))
FOLDER = Path("deploy/compose")
GIVEN = {
    "DB_HOST": "db.example.org",
    "DB_PASSWORD_FILE": "/given/db",
    "DB_CA_FILE": "/given/db-ca.pem",
    "REDIS_HOST": "redis.example.org",
    "REDIS_PASSWORD_FILE": "/given/redis",
    "REDIS_CA_FILE": "/given/redis-ca.pem",
}
# What is passed on and not mounted.
ADDRESSES = {"DB_HOST": "db.example.org", "REDIS_HOST": "redis.example.org"}


def resolve(folder: Path, texts: dict[str, str], **environ: str) -> tuple[int, str, dict[str, Any]]:
    """Ask Compose what the files mean together."""
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    words = [word for name in texts for word in ("--file", str(folder / name))]
    line = [str(COMPOSE), *words, "config", "--format", "json"]
    plain = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(line, env=plain | environ, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr, json.loads(done.stdout or "{}")


def laid(folder: Path, *names: str, stack: Stack = STACK, **environ: str) -> dict[str, Any]:
    """Lay overlays on compose.yaml, as they are rendered."""
    texts = {name: files(stack)[FOLDER / name] for name in ("compose.yaml", *(f"compose.{one}.yaml" for one in names))}
    code, words, meant = resolve(folder, texts, **environ)
    assert (code, words) == (0, "")
    return meant


@pytest.mark.parametrize("name", STACK.overlay)
def test_an_overlay_makes_of_the_base_what_the_varied_stack_is(name: str, tmp_path: Path) -> None:
    whole = document.dump(rendering.project(STACK, STACK.overlay[name]))

    assert laid(tmp_path, name, **GIVEN) == resolve(tmp_path, {"compose.yaml": whole}, **GIVEN)[2]


def test_an_overlay_says_only_what_differs() -> None:
    base = compose.project(STACK)

    assert rendering.difference(base, base) == {}
    whole = len(document.dump(base).splitlines())
    assert {name: len(text.splitlines()) < whole / 3 for name, text in rendering.render(STACK).items()} == {
        f"compose.{name}.yaml": True for name in STACK.overlay
    }


# --- dev


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return laid(tmp_path_factory.mktemp("dev"), "dev", WEB_BIND="0.0.0.0", SECURE_COOKIES="True")  # noqa: S104


def test_dev_mounts_the_source_read_only_and_runs_the_same_programs(dev: dict[str, Any]) -> None:
    for name in ("backend", "celery"):
        service = dev["services"][name]
        mounts = {mount["target"]: mount.get("read_only") for mount in service["volumes"]}
        assert mounts == {"/app/services": True, "/app/entrypoints": True}
        assert service["entrypoint"] == ["/app/entrypoints/reload.sh"]
    assert dev["services"]["backend"]["command"] == ["entrypoints/web.sh"]
    assert dev["services"]["celery"]["command"] == ["entrypoints/celery.sh"]


def test_dev_migrates_with_the_checkouts_code_once(dev: dict[str, Any]) -> None:
    migrate = dev["services"]["migrate"]

    assert migrate["entrypoint"] == ["/app/entrypoints/migrate.sh"]
    assert [mount["target"] for mount in migrate["volumes"]] == ["/app/services", "/app/entrypoints"]


def test_dev_is_published_on_loopback_only_whatever_is_asked(dev: dict[str, Any]) -> None:
    ports = [port for service in dev["services"].values() for port in service.get("ports", [])]

    assert [(port["host_ip"], port["published"]) for port in ports] == [("127.0.0.1", "8000")]
    assert {dev["services"][name]["environment"]["SECURE_COOKIES"] for name in ("backend", "celery")} == {"False"}
    assert dev["services"]["backend"]["environment"]["DEBUG"] == "True"


def test_dev_says_what_it_is_in_its_first_lines() -> None:
    assert "# DEVELOPMENT: never for production." in files(STACK)[FOLDER / "compose.dev.yaml"].splitlines()[:3]


def test_debug_is_on_in_no_other_file() -> None:
    texts = {path.name: text for path, text in files(STACK).items() if path.suffix in (".yaml", ".yml", ".conf")}

    assert [name for name, text in texts.items() if "DEBUG: 'True'" in text] == ["compose.dev.yaml"]


# --- external


@pytest.fixture(scope="module")
def external(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return laid(tmp_path_factory.mktemp("external"), "external", **GIVEN)


def test_external_runs_no_server_and_waits_for_none(external: dict[str, Any]) -> None:
    needs = {name: list(service.get("depends_on", {})) for name, service in external["services"].items()}

    assert needs == {"backend": ["migrate"], "celery": ["migrate"], "migrate": []}


def test_external_gives_every_client_a_way_out(external: dict[str, Any]) -> None:
    for service in external["services"].values():
        assert not all(external["networks"][name].get("internal") for name in service["networks"])


def test_external_hands_over_the_addresses_and_the_mounted_cas(external: dict[str, Any]) -> None:
    given = external["services"]["celery"]["environment"]

    assert given.items() >= ADDRESSES.items()
    assert (given["DB_CA_FILE"], given["REDIS_CA_FILE"]) == ("/run/configs/db_ca_file", "/run/configs/redis_ca_file")
    mounts = [(one["source"], one["target"]) for one in external["services"]["celery"]["configs"]]
    assert mounts == [("db_ca_file", given["DB_CA_FILE"]), ("redis_ca_file", given["REDIS_CA_FILE"])]
    assert {one["file"] for one in external["configs"].values()} == {"/given/db-ca.pem", "/given/redis-ca.pem"}


def test_external_takes_passwords_from_files_and_shows_none(external: dict[str, Any]) -> None:
    assert external["secrets"]["db_password"]["file"] == "/given/db"
    assert external["secrets"]["redis_password"]["file"] == "/given/redis"
    assert external["services"]["backend"]["environment"]["DB_PASSWORD_FILE"] == "/run/secrets/db_password"


@pytest.mark.parametrize("missing", GIVEN)
def test_compose_refuses_external_without_what_it_needs(missing: str, tmp_path: Path) -> None:
    texts = {name: files(STACK)[FOLDER / name] for name in ("compose.yaml", "compose.external.yaml")}
    environ = {name: value for name, value in GIVEN.items() if name != missing}

    code, words, _ = resolve(tmp_path, texts, **environ)

    assert code != 0
    assert f"required variable {missing} is missing a value: the overlay external needs it" in words


# --- official


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return laid(tmp_path_factory.mktemp("official"), "official")


def test_official_takes_the_images_and_builds_neither(official: dict[str, Any]) -> None:
    services = official["services"]

    assert {name: services[name]["image"] for name in ("db", "redis")} == {
        name: STACK.image[f"{image}-official"].reference for name, image in (("db", "postgres"), ("redis", "redis"))
    }
    assert [name for name in ("db", "redis") if "build" in services[name]] == []


def test_official_servers_own_the_data_as_ours_do(official: dict[str, Any], tmp_path: Path) -> None:
    base = laid(tmp_path)

    for name in ("db", "redis"):
        before, after = base["services"][name], official["services"][name]
        assert after["user"] == before["user"]
        assert [mount["source"] for mount in kept(after)] == [mount["source"] for mount in kept(before)]
    assert official["services"]["db"]["environment"]["PGDATA"] == base["services"]["db"]["environment"]["PGDATA"]
    assert official["volumes"] == base["volumes"]


def kept(service: dict[str, Any]) -> list[dict[str, Any]]:
    return [mount for mount in service["volumes"] if mount["type"] != "tmpfs"]


def test_what_an_official_image_would_keep_in_vain_is_in_memory(official: dict[str, Any]) -> None:
    (idle,) = [mount["target"] for mount in official["services"]["redis"]["volumes"] if mount["type"] == "tmpfs"]

    assert idle == STACK.image["redis-official"].idle_volume


def test_official_servers_are_hardened_and_probed_as_ours_are(official: dict[str, Any], tmp_path: Path) -> None:
    same = ("read_only", "cap_drop", "security_opt", "mem_limit", "pids_limit", "healthcheck", "stop_signal", "tmpfs")
    base = laid(tmp_path)

    for name in ("db", "redis"):
        before, after = base["services"][name], official["services"][name]
        assert {key: after[key] for key in same} == {key: before[key] for key in same}


# --- together


def test_dev_with_external_servers_is_both(tmp_path: Path) -> None:
    both = laid(tmp_path, "dev", "external", **GIVEN)

    varied = overlays.vary(STACK, ["dev", "external"])
    assert both["services"].keys() == {name for name, service in varied.service.items() if not service.profile}
    assert both["services"]["celery"]["environment"].items() >= {**ADDRESSES, "DEBUG": "True"}.items()
    assert both["services"]["celery"]["entrypoint"] == ["/app/entrypoints/reload.sh"]
    assert [mount["target"] for mount in both["services"]["celery"]["volumes"]] == ["/app/services", "/app/entrypoints"]

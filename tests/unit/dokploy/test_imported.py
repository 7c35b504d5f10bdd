"""What is imported into Dokploy, and what the real Compose makes of what Dokploy writes then."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bundle.containers import engine
from bundle.dokploy.imitation import compose, dotenv, template, yaml12
from bundle.render import dokploy
from tests.checkout import ROOT, STACK

# The wheel's own script ends with 0 whatever Compose says.
COMPOSE = engine.wheel_binary(Path(sys.prefix))
APP = "ticketing-a1b2c3"


@pytest.fixture(scope="module")
def imported() -> template.Imported:
    return template.import_text((ROOT / "deploy/dokploy" / dokploy.IMPORT).read_text("utf-8"), APP)


def test_compose_reads_back_what_dokploy_writes(tmp_path: Path) -> None:
    """The real Compose, with no other environment: quotes, dollar signs and backslashes arrive."""
    tab = "A=plain\nB='two words'\nC='$HOME'\nD='say \"hi\"'\nE='back\\slash'\nF="
    (tmp_path / ".env").write_text(dotenv.written(tab, APP), encoding="utf-8")
    environment = {name: f"${{{name}-unset}}" for name in (*"ABCDEF", "APP_NAME", "COMPOSE_PROJECT_NAME")}

    resolved = _resolved(tmp_path, yaml12.dump({"services": {"one": {"image": "one:1", "environment": environment}}}))

    assert resolved["services"]["one"]["environment"] == {
        **dotenv.parse(tab),
        "APP_NAME": APP,
        "COMPOSE_PROJECT_NAME": APP,
    }


def _resolved(folder: Path, text: str) -> dict[str, Any]:
    """Give the text as Compose understands it: a literal dollar sign is written twice there."""
    (folder / "docker-compose.yml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [str(COMPOSE), "-p", APP, "-f", "docker-compose.yml", "config"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    resolved: dict[str, Any] = yaml.safe_load(done.stdout.replace("$$", "$"))
    return resolved


def test_every_secret_of_the_stack_is_generated_anew(imported: template.Imported) -> None:
    again = template.import_text((ROOT / "deploy/dokploy" / dokploy.IMPORT).read_text("utf-8"), APP)
    first, second = (dotenv.parse(one.environment) for one in (imported, again))

    secrets = [name.upper() for name, secret in STACK.secret.items() if not secret.given]
    assert [first[name] == second[name] for name in secrets] == [False] * len(secrets)
    assert {len(first[name]) for name in secrets} == {64}


def test_what_only_the_operator_knows_is_left_for_him_and_nothing_waits_for_it(imported: template.Imported) -> None:
    assert dotenv.parse(imported.environment)["ALERT_WEBHOOK"] == ""
    assert "${ALERT_WEBHOOK:-}" in imported.compose


def test_the_domain_leads_to_the_web_and_is_allowed_there(imported: template.Imported) -> None:
    (domain,) = imported.domains
    tab = dotenv.parse(imported.environment)

    assert (domain["serviceName"], domain["port"], domain["path"]) == ("ticketing-backend", 8000, "/")
    assert tab["ALLOWED_HOSTS"].split(",") == [domain["host"], "localhost", "127.0.0.1"]
    assert tab["CSRF_TRUSTED_ORIGINS"] == f"http://{domain['host']},https://{domain['host']}"


def test_a_deploy_before_the_registry_is_filled_in_ends_with_one_sentence(
    imported: template.Imported, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(dotenv.written(imported.environment, APP), encoding="utf-8")
    (tmp_path / "docker-compose.yml").write_text(imported.compose, encoding="utf-8")

    done = subprocess.run(
        [str(COMPOSE), "-f", "docker-compose.yml", "config"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert re.search(
        r"required variable (REGISTRY|TAG) is missing a value: give it in the Environment tab$", done.stderr.strip()
    )


def test_the_text_that_dokploy_writes_starts_the_same_services(imported: template.Imported, tmp_path: Path) -> None:
    """The commands, too: an empty word and a `yes` are words of the broker's."""
    tab = imported.environment.replace("REGISTRY=", "REGISTRY=r").replace("TAG=", "TAG=1")
    (tmp_path / ".env").write_text(dotenv.written(tab, APP), encoding="utf-8")

    before = _resolved(tmp_path, imported.compose)["services"]
    after = _resolved(tmp_path, compose.converted(imported.compose, APP, imported.domains))["services"]

    added = {"labels", "networks"}
    assert {name: _without(one, added) for name, one in after.items()} == {
        name: _without(one, added) for name, one in before.items()
    }
    assert after["ticketing-redis"]["command"][-6:] == [
        "--appendonly",
        "yes",
        "--appendfsync",
        "everysec",
        "--save",
        "",
    ]


def _without(service: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in service.items() if key not in keys}


def test_workers_are_switched_on_and_scaled_in_the_environment_tab(imported: template.Imported, tmp_path: Path) -> None:
    mine = ["REGISTRY=registry.example.org", "TAG=1", "CELERY_REPLICAS=3", "COMPOSE_PROFILES=reports"]
    tab = "\n".join([imported.environment, *mine, "WORKER_REPORTS_REPLICAS=2"])
    (tmp_path / ".env").write_text(dotenv.written(tab, APP), encoding="utf-8")

    services = _resolved(tmp_path, imported.compose)["services"]

    scales = {name: one["scale"] for name, one in services.items() if "scale" in one}
    assert scales == {"ticketing-celery": 3, "ticketing-worker-reports": 2}


def test_only_what_has_a_domain_joins_dokploys_network(imported: template.Imported) -> None:
    document = yaml12.load(compose.converted(imported.compose, APP, imported.domains))

    joined = {name: one["networks"] for name, one in document["services"].items() if "networks" in one}
    assert joined == {"ticketing-backend": ["dokploy-network", "default"]}
    assert document["networks"] == {"dokploy-network": {"external": True}}


def test_an_isolated_deployment_has_one_network_of_its_own(imported: template.Imported) -> None:
    document = yaml12.load(compose.converted(imported.compose, APP, imported.domains, isolated=True))

    assert {tuple(one["networks"]) for one in document["services"].values()} == {(APP,)}


def test_https_adds_a_router_and_a_redirect(imported: template.Imported) -> None:
    domains = [{**imported.domains[0], "https": True}]

    labels = yaml12.load(compose.converted(imported.compose, APP, domains))["services"]["ticketing-backend"]["labels"]

    assert f"traefik.http.routers.{APP}-1-websecure.tls.certresolver=letsencrypt" in labels
    assert f"traefik.http.routers.{APP}-1-web.middlewares=redirect-to-https@file" in labels


def test_a_domain_of_no_service_stops_the_deploy(imported: template.Imported) -> None:
    with pytest.raises(compose.DeployRefusedError, match=r"^a domain leads to 'desk', which is no service"):
        compose.converted(imported.compose, APP, [{**imported.domains[0], "serviceName": "desk"}])

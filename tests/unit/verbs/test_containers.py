from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from bundle import logs, programs
from bundle.containers import failure, images, overlaid, report, runtime, state
from bundle.host import daemon
from bundle.invocation import Invocation
from bundle.render import targets
from tests.checkout import ROOT, STACK


def container(service: str, **status: Any) -> state.Container:
    facts = {
        "Id": service,
        "Name": f"/shop-{service}",
        "State": {"Status": "running", "Running": True, "ExitCode": 0, **status},
        "Config": {"Labels": {"com.docker.compose.service": service}, "Image": f"deskbeat/{service}:local"},
        "HostConfig": {"PortBindings": {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8123"}]}},
    }
    return state.Container(facts)


def test_culprits_are_those_that_ended_badly_or_are_not_healthy() -> None:
    found = [
        container("db", Health={"Status": "unhealthy"}),
        container("migrate", Status="exited", Running=False),
        container("redis", Status="exited", Running=False, ExitCode=137),
        container("backend", Status="created", Running=False),
    ]

    told = [failure.summary(one) for one in failure.culprits(found)]

    assert told == ["db is running and unhealthy", "redis is exited (137)"]


def test_the_last_probe_of_a_container_that_ended_means_nothing() -> None:
    assert container("migrate", Status="exited", Running=False, Health={"Status": "unhealthy"}).health == "-"


def test_ports_of_our_own_container_are_known() -> None:
    assert container("backend").ports == {8123}
    assert container("backend").addresses == ["http://127.0.0.1:8123"]


@pytest.mark.parametrize(
    ("test", "words"),
    [(["CMD", "probe.sh"], ["probe.sh"]), (["CMD-SHELL", "test 1"], ["sh", "-c", "test 1"]), (["NONE"], []), ([], [])],
)
def test_probe_gives_the_words_of_the_health_check(test: list[str], words: list[str]) -> None:
    facts = {"Config": {"Healthcheck": {"Test": test}}}

    assert state.Container(facts).probe == words


@pytest.mark.parametrize(("text", "size"), [("12.5MiB ", 13_107_200), ("1.2GB", 1_200_000_000), ("7B", 7), ("--", 0)])
def test_size_is_read_as_docker_writes_it(text: str, size: int) -> None:
    assert state.size(text) == size


def test_children_seconds_leaves_the_shell_itself_out() -> None:
    assert report.children_seconds("1m1.50s 0m2.00s\n0m0.120s 0m0.080s\n") == pytest.approx(0.2)


@pytest.mark.parametrize(
    "text",
    ["cache 900\ntotal_rss 70\ntotal_shmem 5\n", "anon 70\nfile 900\nshmem 5\n"],
)
def test_resident_is_read_from_either_version_of_cgroups(text: str) -> None:
    assert report.resident(text) == 75


def test_celery_is_built_in_a_round_after_backend() -> None:
    made = images.recipe(STACK, "deskbeat", "v1")

    rounds = {service: number for number, some in enumerate(made.rounds) for service in some}
    assert rounds["celery"] > rounds["backend"]
    assert "deskbeat/celery:v1" in made.names


def test_the_image_of_an_optional_service_is_built_when_it_is_asked_for() -> None:
    usual = images.recipe(STACK, "deskbeat", "v1")
    asked = images.recipe(STACK, "deskbeat", "v1", ["flower", "worker-ml"])

    assert set(asked.names) - set(usual.names) == {"deskbeat/flower:v1"}
    assert "flower" in asked.rounds[-1]


def test_a_start_names_the_profiles_and_leaves_the_rest_to_the_usual_worker() -> None:
    told = runtime.choices(STACK, {"worker-ml": 1, "flower": 1}, {})

    assert told["COMPOSE_PROFILES"] == "ml,flower"
    assert "ml_tasks" not in told["CELERY_QUEUES"].split(",")
    assert runtime.choices(STACK, {"worker-ml": 1}, {"CELERY_QUEUES": "default"})["CELERY_QUEUES"] == "default"


def test_what_stops_or_shows_the_stack_reaches_every_optional_service(typed: Callable[..., Invocation]) -> None:
    profiles = runtime.environment(typed())["COMPOSE_PROFILES"].split(",")

    assert set(profiles) == {service.profile for service in STACK.service.values() if service.profile}


def test_the_environment_of_compose_says_which_stack(typed: Callable[..., Invocation], tmp_path: Path) -> None:
    built = runtime.environment(typed(STACK_NAME="shop", WEB_PORT="81", WEB_BIND="::1", TAG="v1"))

    assert {name: built[name] for name in ("STACK_NAME", "WEB_PORT", "WEB_BIND", "TAG", "SECRETS_DIR")} == {
        "STACK_NAME": "shop",
        "WEB_PORT": "81",
        "WEB_BIND": "::1",
        "TAG": "v1",
        "SECRETS_DIR": str(tmp_path / ".run/shop/secrets"),
    }


def test_the_certificates_of_the_user_come_before_those_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()

    assert runtime.ca_bundle({"PIP_CERT": "/gone", "SSL_CERT_FILE": str(tmp_path / "ca.pem")}) == str(
        tmp_path / "ca.pem"
    )


def test_short_shortens_a_json_line_to_what_happened() -> None:
    line = '{"ts": "x", "level": "error", "event": "cannot start", "exc": "Traceback\\n  File\\nOSError: disk full"}'

    assert logs.short(line) == "ERROR cannot start OSError: disk full"


def test_short_leaves_other_lines_as_they_are() -> None:
    assert logs.short("FATAL: no such role\n") == "FATAL: no such role"


def test_the_worker_is_told_to_stop_with_the_patience_of_the_stack() -> None:
    stack = STACK

    assert programs.stop_seconds(stack, "worker") == stack.times.supervisor_seconds
    assert programs.stop_seconds(stack, "postgres") == stack.service["db"].stop_seconds


def test_the_files_that_the_verbs_start_are_rendered() -> None:
    assert {overlaid.FILE, daemon.CONFIGURATION} <= targets.files(STACK).keys()


def quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def test_start_on_windows_builds_the_same_images_and_names_the_same_secrets() -> None:
    script = (ROOT / "start.ps1").read_text()
    stack = STACK
    rounds = ", ".join(f"@({quoted(some)})" for some in images.recipe(stack, "deskbeat", "x").rounds)

    assert f"foreach ($round in {rounds})" in script
    assert quoted(stack.secret) in script
    assert len(script.splitlines()) <= 15

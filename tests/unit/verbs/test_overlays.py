"""OVERLAY at the front door: remembered on the containers, and refused in one sentence where it cannot work."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bundle import choice, overlays, secrets
from bundle.containers import engine, images, overlaid, state
from bundle.errors import BundleError
from bundle.invocation import Invocation
from tests.checkout import STACK

Typed = Callable[..., Invocation]
PROGRAM = ("docker", "compose")
KINDS = {"PASSWORD": "password", "CA": "ca.pem"}
NAMES = STACK.overlay["external"].required


@pytest.fixture
def new_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "version", lambda *_: overlaid.COMPOSE_AT_LEAST)


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """Give everything that `external` asks for."""
    for name in KINDS.values():
        (tmp_path / name).touch()
    files = {f"{server}_{kind}_FILE": name for server in ("DB", "REDIS") for kind, name in KINDS.items()}
    return {"OVERLAY": "external", "DB_HOST": "db.example.org", "REDIS_HOST": "r.example.org", **files}


def made_by(*files: str) -> list[state.Container]:
    labels = {"com.docker.compose.project.config_files": ",".join(f"/srv/deploy/compose/{name}" for name in files)}
    return [state.Container({"Config": {"Labels": labels}})]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["compose.yaml"], ()),
        (["compose.yaml", "compose.dev.yaml"], ("dev",)),
        (["compose.yaml", "compose.external.yaml", "compose.dev.yaml", "compose.mine.yaml"], ("dev", "external")),
    ],
)
def test_overlays_are_read_from_the_containers(files: list[str], names: tuple[str, ...]) -> None:
    assert overlaid.remembered(STACK, made_by(*files)) == names
    assert overlaid.remembered(STACK, []) == ()


@pytest.mark.parametrize(
    ("runs", "asked", "was"),
    [
        (["compose.yaml"], "dev", "no OVERLAY"),
        (["compose.yaml", "compose.external.yaml"], "", "OVERLAY=external"),
    ],
)
def test_a_start_with_other_overlays_than_those_that_run_is_refused(
    typed: Typed, new_compose: None, runs: list[str], asked: str, was: str
) -> None:
    with pytest.raises(BundleError) as refused:
        overlaid.refuse(typed(OVERLAY=asked), made_by(*runs), PROGRAM)

    assert str(refused.value) == (
        f"ticketing was started with {was}: repeat it so, or end that first with `make down`."
    )


def test_the_same_overlays_again_and_others_after_a_stop_are_accepted(typed: Typed, new_compose: None) -> None:
    overlaid.refuse(typed(OVERLAY="dev"), made_by("compose.yaml", "compose.dev.yaml"), PROGRAM)
    overlaid.refuse(typed(OVERLAY="dev"), [], PROGRAM)


@pytest.mark.parametrize("missing", NAMES)
def test_what_external_needs_is_named(typed: Typed, new_compose: None, given: dict[str, str], missing: str) -> None:
    with pytest.raises(BundleError) as refused:
        overlaid.refuse(typed(**given | {missing: ""}), [], PROGRAM)

    assert str(refused.value) == (
        f"OVERLAY=external needs {missing}: give it as in `make up OVERLAY=external {missing}=...`."
    )


def test_a_file_that_is_none_is_named(typed: Typed, new_compose: None, given: dict[str, str]) -> None:
    with pytest.raises(BundleError, match=r"DB_CA_FILE='gone.pem' is no file that can be read: correct it"):
        overlaid.refuse(typed(**given | {"DB_CA_FILE": "gone.pem"}), [], PROGRAM)


def test_files_are_found_from_the_checkout(typed: Typed, given: dict[str, str], tmp_path: Path) -> None:
    environ = overlaid.environment(typed(**given), ["external"])

    assert environ["DB_CA_FILE"] == environ["REDIS_CA_FILE"] == str(tmp_path / "ca.pem")


def test_other_verbs_than_up_need_no_values(typed: Typed) -> None:
    assert overlaid.environment(typed(), ["external"]).keys() == set(NAMES)


def test_an_old_compose_is_refused_for_overlays_only(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "version", lambda *_: (2, 20))

    overlaid.refuse(typed(), [], PROGRAM)
    with pytest.raises(BundleError, match=r"OVERLAY needs Compose 2.24 or newer, and docker compose is older"):
        overlaid.refuse(typed(OVERLAY="official"), [], PROGRAM)


def test_development_is_never_opened_to_the_network(typed: Typed, new_compose: None) -> None:
    with pytest.raises(BundleError, match=r"WEB_BIND=0.0.0.0 would show tracebacks"):
        overlaid.refuse(typed(OVERLAY="dev", WEB_BIND="0.0.0.0"), [], PROGRAM)  # noqa: S104


def test_overlays_without_containers_are_refused(typed: Typed) -> None:
    with pytest.raises(BundleError, match=r"OVERLAY=dev varies containers, but .*: leave it out"):
        choice.to_start(typed(OVERLAY="dev", RUNTIME="host"))


def test_passwords_that_the_start_gives_are_not_generated(typed: Typed, given: dict[str, str]) -> None:
    assert secrets.missing(typed(**given)) == [
        name for name in STACK.secret if name not in ("db_password", "redis_password")
    ]
    assert secrets.missing(typed(OVERLAY="dev")) == list(STACK.secret)


def test_images_that_nobody_needs_are_not_built() -> None:
    made = images.recipe(overlays.vary(STACK, ["external"]), "deskbeat", "v1")

    assert {"deskbeat/postgres:v1", "deskbeat/redis:v1"} & set(made.names) == set()
    assert "deskbeat/backend:v1" in made.names

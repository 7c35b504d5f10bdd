import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.render import swarm_stack
from bundle.swarm import overlay, phases
from tests.checkout import STACK

Typed = Callable[..., Invocation]
ALL = list(STACK.service)


def test_servers_come_before_the_migration_and_the_migration_before_the_rest() -> None:
    found = {phase.name: phase.services for phase in phases.phases(STACK, ALL)}

    assert list(found) == ["servers", "migration", "application"]
    assert (found["servers"], found["migration"]) == (("db", "redis"), ("migrate",))
    assert {"backend", "celery"} <= set(found["application"])


def test_the_phases_together_are_the_stack() -> None:
    assert sorted(name for phase in phases.phases(STACK, ALL) for name in phase.services) == sorted(ALL)


def test_an_optional_service_that_nobody_wants_is_in_no_phase() -> None:
    *_, application = phases.phases(STACK, ["db", "redis", "migrate", "backend", "celery"])

    assert application.services == ("backend", "celery")


def test_one_half_leaves_the_other_alone() -> None:
    *_, application = phases.phases(STACK, ["backend", "celery"], only="celery")

    assert application.services == ("celery",)


def test_a_phase_is_cut_out_of_what_was_rendered(typed: Typed) -> None:
    asked = typed(STACK_NAME="shop")
    servers, *_ = phases.phases(STACK, ALL)

    stack, images = (
        json.loads(path.read_text()) for path in phases.write(asked, servers, {"db": "sha256:1", "redis": "x"})
    )

    whole = swarm_stack.document(STACK)
    assert stack == {**whole, "services": {name: whole["services"][name] for name in ("db", "redis")}}
    assert {name: one["image"] for name, one in images["services"].items()} == {"db": "sha256:1", "redis": "x"}


def test_a_changed_secret_gets_another_name(tmp_path: Path) -> None:
    file = tmp_path / "db_password"
    file.write_text("one")
    before = phases.secret_names("shop", {"db_password": file})
    file.write_text("two")

    after = phases.secret_names("shop", {"db_password": file})

    assert before != after
    assert phases.versions({"db_password": file})["DB_PASSWORD_VERSION"] in next(iter(after))


def test_an_overlay_may_be_json_or_yaml_and_takes_our_version(tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"

    file.write_text("services: {backend: {labels: {a: b}}}")
    assert overlay.read(file) == {"services": {"backend": {"labels": {"a": "b"}}}, "version": swarm_stack.VERSION}
    file.write_text('{"version": "3.1", "services": {}}')
    assert overlay.read(file) == {"services": {}, "version": swarm_stack.VERSION}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[1]", "is no stack file: it must be a mapping, with a mapping `services`."),
        ("services: []", "is no stack file: it must be a mapping, with a mapping `services`."),
        ("a: [", "cannot be read: "),
    ],
)
def test_a_wrong_overlay_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "more.yaml"
    file.write_text(text)

    with pytest.raises(BundleError) as refused:
        overlay.read(file)

    assert str(refused.value).startswith(f"SWARM_OVERLAY: {file} ")
    assert sentence in str(refused.value)


def test_an_overlay_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="No such file"):
        overlay.read(tmp_path / "gone.yaml")

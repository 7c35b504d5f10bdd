"""`make dokploy-apply DRY_RUN=1` shows every request, reads what it may, changes nothing and shows no secret."""

import re

from tests.unit.dokploy.apply.conftest import ASKED, Apply
from tests.unit.dokploy.apply.fake_dokploy import FakeDokploy

DRY = {**ASKED, "DRY_RUN": "1"}


def shown(out: str) -> list[str]:
    return re.findall(r"^(?:GET|POST) +/api/[\w.]+", out, re.MULTILINE)


def test_every_request_to_an_empty_server_is_shown_and_none_that_changes_is_sent(
    apply: Apply, dokploy: FakeDokploy
) -> None:
    result = apply(**DRY)

    assert (result.code, dokploy.reads, dokploy.writes) == (0, ["project.all"], [])
    assert shown(result.out) == [
        "GET  /api/project.all",
        "POST /api/project.create",
        "POST /api/compose.create",
        "POST /api/compose.import",
        "POST /api/compose.saveEnvironment",
        "POST /api/domain.update",
        "GET  /api/compose.getConvertedCompose",
        "POST /api/compose.deploy",
        "GET  /api/deployment.allByCompose",
        "POST /api/compose.update",
    ]


def test_what_is_shown_is_what_is_sent(apply: Apply, dokploy: FakeDokploy) -> None:
    foreseen = [line.split("/api/")[1] for line in shown(apply(**DRY).out) if line.startswith("POST")]

    apply(**ASKED, DRY_RUN="")

    assert [procedure for procedure, _ in dokploy.writes] == foreseen


def test_without_an_address_the_way_on_an_empty_server_is_shown(apply: Apply, dokploy: FakeDokploy) -> None:
    with_server = apply(**DRY).out.split("\n", 1)[1]

    without = apply(**DRY, DOKPLOY_URL="", DOKPLOY_API_KEY="")

    assert (without.code, without.out) == (0, with_server)
    assert without.err.startswith("DOKPLOY_URL is not set: this is the way on a Dokploy that has nothing of ours.\n")


def test_secrets_are_hidden_and_the_rest_is_shown(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**ASKED, DRY_RUN="")
    dokploy.services[0]["env"] += "\nSMTP_PASSWORD=correct horse"
    tab = dict(line.split("=", 1) for line in dokploy.services[0]["env"].splitlines())

    result = apply(**{**DRY, "TAG": "1.5.0"})

    assert '"TAG=1.5.0"' in result.out
    hidden = ("SECRET_KEY", "DB_PASSWORD", "REDIS_PASSWORD", "SMTP_PASSWORD")
    assert [name for name in hidden if f'"{name}=<hidden>"' not in result.out] == []
    assert [name for name in hidden if tab[name] in result.out + result.err] == []


def test_a_token_in_the_address_of_the_repository_is_hidden(apply: Apply) -> None:
    result = apply(**DRY, DOKPLOY_SOURCE="git", GIT_URL="https://me:token@git.example.org/desk.git")

    assert '"customGitUrl": "https://<hidden>@git.example.org/desk.git"' in result.out
    assert "token" not in result.out + result.err


def test_a_server_that_is_as_it_should_be_has_nothing_to_do(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**ASKED, DRY_RUN="")
    dokploy.writes.clear()

    result = apply(**DRY)

    assert "Nothing is to be done." in result.out.splitlines()
    assert (result.code, dokploy.writes) == (0, [])

"""What goes wrong is said in one sentence, changes as little as can be, and the same command goes on from there."""

import threading
from typing import Any

import pytest

from bundle.dokploy import deployment
from tests.unit.dokploy.apply import bodies
from tests.unit.dokploy.apply.conftest import ASKED, IMAGES, Apply
from tests.unit.dokploy.apply.fake_dokploy import FakeDokploy, Server

AGAIN = "Nothing is lost: the same command goes on from there."


@pytest.mark.parametrize("dies", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 8))
def test_a_call_that_was_cut_off_is_made_good_by_the_next(
    apply: Apply, dokploy: FakeDokploy, number: int, dies: str
) -> None:
    dokploy.dies_at, dokploy.dies = number, dies

    cut_off = apply(**ASKED)
    dokploy.dead, dokploy.dies_at = False, 0
    repeated = apply(**ASKED)

    assert (cut_off.code, repeated.code) == (1, 0)
    _is_complete(dokploy)
    dokploy.writes.clear()
    assert (apply(**ASKED).code, dokploy.writes) == (0, [])


def test_an_import_that_got_no_further_than_the_tab_is_made_good(apply: Apply, dokploy: FakeDokploy) -> None:
    dokploy.dies_at, dokploy.dies = 3, "halfway"

    apply(**ASKED)
    assert dokploy.domains == []
    dokploy.dead, dokploy.dies_at = False, 0
    apply(**ASKED)

    _is_complete(dokploy)


def test_an_import_that_got_no_further_finds_the_made_up_host_again(apply: Apply, dokploy: FakeDokploy) -> None:
    dokploy.dies_at, dokploy.dies = 3, "halfway"

    apply(**IMAGES)
    dokploy.dead, dokploy.dies_at = False, 0
    apply(**IMAGES)

    host = dokploy.domains[0]["host"]
    assert dokploy.running["tab"]["ALLOWED_HOSTS"] == f"{host},localhost,127.0.0.1"
    assert dokploy.running["hosts"] == [(host, False)]


def _is_complete(dokploy: FakeDokploy) -> None:
    assert (len(dokploy.projects), len(dokploy.services), len(dokploy.domains)) == (1, 1, 1)
    assert dokploy.running["hosts"] == [("desk.example.org", True)]
    assert dokploy.running["tab"]["ALLOWED_HOSTS"] == "desk.example.org,localhost,127.0.0.1"
    assert dokploy.running["tab"]["SECURE_COOKIES"] == "True"
    assert dokploy.running["tab"]["TAG"] == "1.4.0"


def test_a_failure_in_the_middle_says_what_was_done_and_what_was_not(apply: Apply, dokploy: FakeDokploy) -> None:
    dokploy.dies_at = 3

    lines = [line for line in apply(**ASKED).err.splitlines() if not line.endswith("...")]

    assert "cannot be reached" in lines[0]
    assert lines[1:] == [
        "Done: create the project ticketing, create the Compose service ticketing.",
        "Perhaps done: import the stack.",
        "Not done: save the Environment tab, set the domain desk.example.org with HTTPS,"
        " look at the text that Dokploy starts, deploy.",
        AGAIN,
    ]


def test_a_deployment_that_fails_is_told_and_tried_again(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**ASKED)
    dokploy.volume_password = "another"

    failed = apply(TAG="1.5.0")
    again = apply()

    assert (failed.code, again.code) == (1, 1)
    assert "The deployment ended as 'error': password authentication failed for user postgres." in failed.err
    assert "/services/compose/compose-3?tab=deployments." in failed.err
    assert [one["status"] for one in dokploy.deployments] == ["done", "error", "error"]


def test_a_queue_that_stands_still_is_not_waited_for_without_end(apply: Apply, dokploy: FakeDokploy) -> None:
    dokploy.patience = 10_000

    result = apply(**ASKED, DOKPLOY_WAIT_SECONDS="1")

    assert result.code == 1
    assert "Dokploy: still waiting for a place in Dokploy's queue after 1 s." in result.err
    assert AGAIN in result.err


def test_a_server_that_is_away_while_it_deploys_is_waited_for(
    apply: Apply, dokploy: FakeDokploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = dokploy.deployment_allByCompose
    away = iter([False, True, True, False])

    def sometimes(compose_id: str) -> Any:
        dokploy.dead = next(away, False)
        if dokploy.dead:
            threading.Timer(0.05, lambda: setattr(dokploy, "dead", False)).start()
        return asked(compose_id)

    monkeypatch.setattr(dokploy, "deployment_allByCompose", sometimes)

    assert apply(**ASKED).code == 0
    assert dokploy.deployments[0]["status"] == "done"


def test_a_text_that_leads_nowhere_is_not_deployed(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**ASKED)
    dokploy.domains[0]["enabled"] = False
    dokploy.writes.clear()

    result = apply(TAG="1.5.0")

    assert result.code == 1
    assert "is the domain switched off in the Domains tab?" in result.err
    assert [procedure for procedure, _ in dokploy.writes] == ["compose.saveEnvironment"]


def test_a_server_that_forgets_what_it_took_is_noticed(apply: Apply, dokploy: FakeDokploy) -> None:
    apply(**ASKED)
    dokploy.services[0]["composeFile"] += "# old"
    dokploy.forgets = {"composeFile"}

    result = apply()

    assert result.code == 1
    assert "Dokploy took the requests to update the Compose text and is as it was" in result.err


def test_a_wrong_key_is_one_sentence(apply: Apply, server: Server) -> None:
    result = apply(**ASKED, DOKPLOY_API_KEY="wrong-key")

    assert (result.code, result.err) == (
        1,
        f"{server.url} refuses the key in DOKPLOY_API_KEY (GET /api/project.all: Unauthorized): make a new one, or ask"
        " its owner.\n",
    )


def test_a_refused_field_is_named_with_what_was_wanted(
    apply: Apply, dokploy: FakeDokploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field that Dokploy wants and we do not know: what a newer version could do."""
    newer = {"project.create": ({"name": bool, "region": bool}, {"description": bool})}
    monkeypatch.setattr(bodies, "BODIES", newer)

    result = apply(**ASKED)

    assert "Dokploy refuses POST /api/project.create: region: Required." in result.err.splitlines()
    assert dokploy.projects == []


def test_waiting_is_polite() -> None:
    assert deployment.PAUSE_SECONDS >= 1

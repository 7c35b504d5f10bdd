"""What goes wrong is said in one sentence, changes as little as can be, and the same command goes on from there."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bundle.dokploy import deployment
from bundle.render import dokploy as rendered
from tests.checkout import STACK
from tests.unit.dokploy.apply.conftest import Apply
from tests.unit.dokploy.apply.fake_dokploy import KEY, FakeDokploy, Server

IMAGES = {"REGISTRY": "registry.example.org/team", "TAG": "1.4.0"}
ASKED = {**IMAGES, "DOMAIN": "desk.example.org", "HTTPS": "1"}
ISSUE = {"path": ["a", 0], "message": "no"}
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
    monkeypatch.setattr(
        "tests.unit.dokploy.apply.fake_dokploy.BODIES",
        {"project.create": ({"name": bool, "region": bool}, {"description": bool})},
    )

    result = apply(**ASKED)

    assert "Dokploy refuses POST /api/project.create: region: Required." in result.err.splitlines()
    assert dokploy.projects == []


def test_nobody_there_is_one_sentence(apply: Apply) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"

    result = apply(**ASKED, DOKPLOY_URL=url)

    assert (result.code, len(result.err.splitlines())) == (1, 1)
    assert result.err.startswith(f"{url} cannot be reached (")
    assert result.err.endswith("): check DOKPLOY_URL and the network, then repeat the command.\n")


def test_a_server_without_tls_behind_https_is_one_sentence(apply: Apply, server: Server) -> None:
    result = apply(**ASKED, DOKPLOY_URL=server.url.replace("http:", "https:"))

    assert (result.code, len(result.err.splitlines())) == (1, 1)
    assert "has no TLS certificate that this machine trusts" in result.err


@pytest.mark.parametrize(
    ("status", "kind", "content", "sentence"),
    [
        (404, "text/html", "<h1>Not found</h1>", "does not answer as a Dokploy does (404 to GET /api/project.all)"),
        (404, "application/json", "{}", "does not answer as a Dokploy does (404 to GET /api/project.all)"),
        (200, "text/html", "<h1>Welcome</h1>", "does not answer as a Dokploy does (200 to GET /api/project.all)"),
        (200, "application/json", '{"items": []}', "answers, but not as Dokploy v0.30 does"),
        (200, "application/json", '[{"name": "ticketing"}]', "answers, but not as Dokploy v0.30 does"),
        (403, "application/json", '{"message": "Forbidden"}', "The key in DOKPLOY_API_KEY may not do this"),
        (500, "application/json", f'{{"message": "broken: {KEY}"}}', "(500: broken: <hidden>)"),
        (502, "text/html", "<h1>Bad gateway</h1>", "does not answer as a Dokploy does (502 to GET /api/project.all)"),
        (400, "application/json", json.dumps({"message": json.dumps([ISSUE])}), "project.all: a.0: no."),
    ],
)
def test_what_is_no_dokploy_is_one_sentence(
    apply: Apply, stranger: "Stranger", status: int, kind: str, content: str, sentence: str
) -> None:
    stranger.says = status, {"content-type": kind}, content

    result = apply(**ASKED, DOKPLOY_URL=stranger.url)

    assert (result.code, len(result.err.splitlines())) == (1, 1)
    assert sentence in result.err


def test_the_key_is_not_carried_to_where_a_redirect_leads(apply: Apply, stranger: "Stranger", server: Server) -> None:
    stranger.says = 302, {"location": f"{server.url}/login"}, ""

    result = apply(**ASKED, DOKPLOY_URL=stranger.url)

    assert result.code == 1
    assert f"sends us to {server.url}/login (GET /api/project.all): give that address in DOKPLOY_URL" in result.err
    assert server.dokploy.reads == []


class Stranger:
    """Some other server."""

    says: tuple[int, dict[str, str], str] = (200, {}, "")

    def __init__(self) -> None:
        stranger = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, content = stranger.says
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content.encode())

            def log_message(self, *_words: Any) -> None:
                """Keep quiet."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    one = Stranger()
    one.thread.start()
    yield one
    one.http.shutdown()
    one.thread.join()
    one.http.server_close()


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"DOKPLOY_URL": ""}, "DOKPLOY_URL is not set"),
        ({"DOKPLOY_URL": "dokploy.example.org"}, "DOKPLOY_URL is not the address of a dashboard"),
        ({"DOKPLOY_URL": "https://me:pw@x.example"}, "DOKPLOY_URL is not the address of a dashboard"),
        (
            {"DOKPLOY_URL": "http://dokploy.example.org"},
            "DOKPLOY_URL=http://dokploy.example.org would send the API key",
        ),
        ({"DOKPLOY_API_KEY": ""}, "DOKPLOY_API_KEY is not set"),
        ({"DOKPLOY_API_KEY": "two words"}, "DOKPLOY_API_KEY holds characters that no key has"),
        ({"DOKPLOY_API_KEY_FILE": "/nowhere"}, "DOKPLOY_API_KEY and DOKPLOY_API_KEY_FILE are both set"),
        ({"DOKPLOY_API_KEY": "", "DOKPLOY_API_KEY_FILE": "/nowhere"}, "DOKPLOY_API_KEY_FILE='/nowhere' cannot be read"),
        ({"MAKEFLAGS": f" -- DOKPLOY_API_KEY={KEY}"}, "DOKPLOY_API_KEY stood on the command line"),
        ({"DOMAIN": "https://desk.example.org"}, "DOMAIN='https://desk.example.org' is not a host name"),
        ({"DOMAIN": "my_desk.example.org"}, "DOMAIN='my_desk.example.org' is not a host name"),
        ({"HTTPS": "maybe"}, "HTTPS='maybe' is not a yes or no"),
        (
            {"REGISTRY": "https://registry.example.org"},
            "REGISTRY='https://registry.example.org' is not a place of images",
        ),
        ({"TAG": "latest"}, "TAG='latest' does not say which release"),
        ({"DOKPLOY_SOURCE": "github"}, "DOKPLOY_SOURCE='github' is not accepted: use registry or git."),
        ({"DOKPLOY_SOURCE": "git"}, "GIT_URL is not set"),
        ({"DOKPLOY_SOURCE": "git", "GIT_URL": "my repository"}, "GIT_URL is not an address of a repository"),
        (
            {"DOKPLOY_SOURCE": "git", "GIT_URL": "https://g.example/x", "STACK_NAME": "b"},
            "DOKPLOY_SOURCE=git builds what",
        ),
        ({"DOKPLOY_WAIT_SECONDS": "long"}, "DOKPLOY_WAIT_SECONDS='long' is not a time"),
        ({"TAG": ""}, "TAG has no value yet"),
        ({"DOMAIN": ""}, "HTTPS=1 needs a domain of your own"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_refused_before_anything_is_changed(
    apply: Apply, dokploy: FakeDokploy, environ: dict[str, str], sentence: str
) -> None:
    result = apply(**{**ASKED, **environ})

    assert (result.code, len(result.err.splitlines()), dokploy.writes) == (1, 1, [])
    assert result.err.startswith(sentence)


def test_the_key_can_stand_in_a_file(apply: Apply, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n", encoding="utf-8")

    assert apply(**ASKED, DOKPLOY_API_KEY="", DOKPLOY_API_KEY_FILE=str(tmp_path / "key")).code == 0


def test_the_rules_of_dokploy_check_are_asked_before_the_first_request(
    apply: Apply, dokploy: FakeDokploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = rendered.render(STACK)
    monkeypatch.setattr(rendered, "render", lambda _stack: {**files, rendered.COMPOSE: "services: {}\n"})

    result = apply(**ASKED)

    assert (result.code, dokploy.reads, dokploy.writes) == (1, [], [])
    assert result.err.startswith("deploy/dokploy/import.base64.txt: holds another docker-compose.yml than the one")


def test_waiting_is_polite() -> None:
    assert deployment.PAUSE_SECONDS >= 1

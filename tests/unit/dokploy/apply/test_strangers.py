"""Whoever answers in the place of Dokploy, or nobody: one sentence, and the key goes no further."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.unit.dokploy.apply.conftest import ASKED, Apply
from tests.unit.dokploy.apply.fake_dokploy import KEY, Server

ISSUE = {"path": ["a", 0], "message": "no"}


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
    apply: Apply, stranger: Stranger, status: int, kind: str, content: str, sentence: str
) -> None:
    stranger.says = status, {"content-type": kind}, content

    result = apply(**ASKED, DOKPLOY_URL=stranger.url)

    assert (result.code, len(result.err.splitlines())) == (1, 1)
    assert sentence in result.err


def test_the_key_is_not_carried_to_where_a_redirect_leads(apply: Apply, stranger: Stranger, server: Server) -> None:
    stranger.says = 302, {"location": f"{server.url}/login"}, ""

    result = apply(**ASKED, DOKPLOY_URL=stranger.url)

    assert result.code == 1
    assert f"sends us to {server.url}/login (GET /api/project.all): give that address in DOKPLOY_URL" in result.err
    assert server.dokploy.reads == []

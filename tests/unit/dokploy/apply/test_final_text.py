"""What Dokploy is about to start leads visitors to the web, or it is said what stands between."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bundle.dokploy import final_text
from bundle.dokploy.found import Domain
from bundle.dokploy.imitation import compose

DOMAIN = Domain(
    id="d", host="desk.example.org", service="desk-web", port=8000, path="/", https=False, certificate="none"
)
SECURE = replace(DOMAIN, https=True, certificate="letsencrypt")
TEXT = "services:\n  desk-web:\n    image: web:1\n  desk-db:\n    image: db:1\n"
WANTED: Any = SimpleNamespace(services=("desk-web", "desk-db"))


def converted(https: bool) -> str:
    row = {"serviceName": "desk-web", "host": "desk.example.org", "port": 8000, "path": "/", "https": https}
    return compose.converted(TEXT, "desk-abc", [row])


def problems(text: str, domain: Domain) -> list[str]:
    return list(final_text.problems(text, domain, WANTED))


@pytest.mark.parametrize("domain", [DOMAIN, SECURE])
def test_a_text_that_leads_to_the_web_is_right(domain: Domain) -> None:
    assert problems(converted(domain.https), domain) == []


def test_labels_may_also_be_a_table() -> None:
    labels = "    labels:\n      traefik.http.routers.a-1-web.rule: Host(`desk.example.org`)\n"

    assert problems(TEXT.replace("web:1\n", f"web:1\n{labels}"), DOMAIN) == []


@pytest.mark.parametrize(
    ("text", "domain", "problem"),
    [
        (TEXT, DOMAIN, "no router leads from desk.example.org to desk-web; is the domain switched off"),
        (converted(False), replace(DOMAIN, host="a.example.org"), "no router leads from a.example.org to desk-web"),
        (converted(False), SECURE, "no router leads from https://desk.example.org to desk-web"),
        (TEXT.replace("desk-db", "desk-db-x1y2z3"), DOMAIN, "its services are desk-web, desk-db-x1y2z3, not desk-web"),
        ("null\n", DOMAIN, "its services are none, not desk-web, desk-db"),
        ("a: [", DOMAIN, "it is no Compose text (line "),
    ],
)
def test_what_is_not_right_is_said(text: str, domain: Domain, problem: str) -> None:
    (said,) = problems(text, domain)

    assert said.startswith(problem)

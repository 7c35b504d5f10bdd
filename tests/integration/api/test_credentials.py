"""Every address that the web answers at needs a credential, except those that are here, each with its reason."""

import re
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.events.tests.factories import EventFactory

pytestmark = pytest.mark.django_db

PUBLIC = {
    "/": "leads to the admin, which asks",
    "/admin/login/": "is where a person signs in",
    "/admin/logout/": "leads to the admin who is not signed in",
    "/api/v1/": "leads to the page below",
    "/api/v1/docs": "describes the API and says how to sign in; shows no data",
    "/api/v1/openapi.json": "is that page for programs",
    "/api/v1/events/public": "lists what an organisation has published as public",
    "/api/v1/events/public/one/one": "is one of them",
    "/api/v1/events/public/one/calendar.ics": "is a calendar of them, for programs that cannot sign in",
    "/healthz": "says that the web is alive, to a probe",
    "/readyz": "says which part is not ready, to a probe",
}
# By the name of the converter; django-ninja has one of its own for a UUID.
SAMPLES = {"int": "1", "uuidstr": "0b9d6c9e-6f0c-4b0e-9a57-1d4a1f8f4c11"}
CONVERTER = re.compile(r"<(?:(\w+):)?\w+>")
# The admin's two patterns that are regular expressions: an app's page, and whatever nothing else answers.
EXPRESSION = re.compile(r"\^?\(\?P<\w+>(\w+|\.\*)[^)]*\)(/?)\$")


def addresses(resolver: URLResolver, begun: str = "/") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        path = begun + EXPRESSION.sub(r"\1\2", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, path)
        elif isinstance(pattern, URLPattern):
            yield CONVERTER.sub(lambda found: SAMPLES.get(found[1], "one"), path)


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_nobody_is_let_in(method: str) -> None:
    call = getattr(Client(enforce_csrf_checks=True), method)
    answers = {address: call(address) for address in set(addresses(get_resolver())) - PUBLIC.keys()}

    let_in = {address: answer.status_code for address, answer in answers.items() if not refuses(answer)}
    assert (let_in, len(answers) > 100) == ({}, True)


def refuses(answer: HttpResponse) -> bool:
    """405 says which methods there are, 403 that a form lacks its token; both before anything is looked at."""
    to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith("/admin/login/")
    return to_sign_in or answer.status_code in (401, 403, 405)


def test_what_is_public_is_there(redis_server) -> None:
    EventFactory(organisation__slug="one", slug="one", is_public=True)

    answers = {address: Client().get(address).status_code for address in PUBLIC}

    assert answers == {address: 302 if "leads to" in reason else 200 for address, reason in PUBLIC.items()}

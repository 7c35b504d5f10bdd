"""How the API says no: one form, one sentence, and what it answers is what it documents."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.tickets.models import Column
from apps.tickets.tests.calling import Api, api_for
from config.api import api
from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.organisations.tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer unknown"}])
def test_who_is_not_signed_in_is_told_how(method: str, headers: dict[str, str]) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/boards", headers=headers)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["detail"].startswith("Sign in first: ")


def test_write_with_a_session_needs_the_csrf_token(organisation: Organisation) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(MemberFactory(organisation=organisation, role=Role.OWNER).user)

    answer = client.post("/api/v1/boards", {"name": "New"}, "application/json")

    assert answer.status_code == 403
    assert answer.json()["detail"].startswith("CSRF check failed: send the csrftoken cookie's value")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "title: Field required"),
        ({"title": "  "}, "title: String should have at least 1 character"),
        ({"title": "a\0b"}, "title: the NUL character cannot be stored"),
        ({"title": "New", "body": "\0"}, "body: the NUL character cannot be stored"),
        ({"title": "New", "assignee": "\0"}, "assignee: the NUL character cannot be stored"),
        ({"title": "New", "colour": "red"}, "colour: Extra inputs are not permitted"),
    ],
)
def test_wrong_value_is_named(agent: Api, done: Column, body: dict[str, Any], problem: str) -> None:
    status, answer = agent("POST", "/tickets", column_id=done.pk, **body)

    field, _, said = problem.partition(": ")
    assert (status, answer) == (422, {"detail": f"{problem}.", "fields": [{"field": field, "problem": said}]})


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        ("text=%00", "text: the NUL character cannot be stored."),
        ("assignee=%00", "assignee: the NUL character cannot be stored."),
        ("due_before=2026-11-22", "due_before: Input should have timezone info."),
        ("due_before=0001-01-01T00:00:00%2B17:00", "due_before: must lie between the years 1 and 9999."),
    ],
)
def test_wrong_filter_is_named(agent: Api, question: str, problem: str) -> None:
    status, answer = agent("GET", f"/tickets?{question}")

    assert (status, answer["detail"]) == (422, problem)


def test_due_before_takes_a_zone_that_postgresql_does_not_know(agent: Api) -> None:
    assert agent("GET", "/tickets?due_before=0297-02-18T02:04:51.78-17:13")[0] == 200


def test_unknown_address_is_answered_in_json(agent: Api) -> None:
    answer = agent("GET", "/board")

    assert answer == (404, {"detail": "There is nothing at /api/v1/board: see /api/v1/docs."})


def test_failure_is_answered_in_json(organisation: Organisation) -> None:
    call = api_for(organisation, Role.VIEWER, raise_request_exception=False)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_board RENAME TO away")

    status, answer = call("GET", "/boards")

    assert (status, answer["detail"].partition(":")[0]) == (500, "This failed here, not with you")


def test_every_operation_documents_its_refusals() -> None:
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            expected = {401, 403} | ({404} if "{" in path else set()) | ({409} if method != "get" else set())
            assert expected <= set(operation["responses"]), f"{method} {path}"


def test_docs_page_needs_no_other_server() -> None:
    page = Client().get(reverse("api-1:openapi-view")).content.decode()

    assert "swagger-ui-bundle" in page
    assert "//" not in page.replace("<!doctype html>", "")
    assert 'data-api-csrf="true"' in page

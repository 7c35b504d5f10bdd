"""How the API says no: one form, one sentence, and what it answers is what it documents."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.tickets.models import Board, Column
from config.api import api
from core.organisations.enums import Role
from core.organisations.models import Organisation
from core.organisations.tests.calling import Api, api_for
from core.organisations.tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


def operations() -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Yield what the page describes: method, path, and what it says of them."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        yield from (((method, path), operation) for method, operation in methods.items())


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
        ({"title": "New", "pinned": "yes"}, "pinned: Input should be a valid boolean"),
    ],
)
def test_wrong_value_is_named(agent: Api, done: Column, body: dict[str, Any], problem: str) -> None:
    status, answer = agent("POST", "/tickets", column_id=done.pk, **body)

    field, _, said = problem.partition(": ")
    assert (status, answer) == (422, {"detail": f"{problem}.", "fields": [{"field": field, "problem": said}]})


@pytest.mark.parametrize("hours", [False, True, "0"])
def test_only_a_number_is_a_threshold(owner: Api, board: Board, hours: Any) -> None:
    status, answer = owner("PATCH", f"/boards/{board.pk}", archive_after_hours=hours)

    assert (status, answer["detail"]) == (422, "archive_after_hours: must be a whole number.")


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


def test_body_that_is_no_json_is_told_where(organisation: Organisation) -> None:
    client = Client()
    client.force_login(MemberFactory(organisation=organisation, role=Role.OWNER).user)

    answer = client.post("/api/v1/boards", '{"name": ', "application/json")

    said = "The body is no JSON: Expecting value: line 1 column 10 (char 9)."
    assert (answer.status_code, answer.json()) == (400, {"detail": said})


def test_unknown_address_is_answered_in_json(agent: Api) -> None:
    answer = agent("GET", "/board")

    assert answer == (404, {"detail": "There is nothing at /api/v1/board: see /api/v1/docs."})


@pytest.mark.parametrize("path", ["/tickets", "/tasks/active"])
def test_method_that_is_not_known_is_answered_in_json(agent: Api, path: str) -> None:
    status, answer = agent("PUT", path)

    assert (status, answer["detail"].partition(":")[0]) == (405, f"/api/v1{path} does not answer PUT")


def test_parameter_that_is_not_known_is_named(agent: Api) -> None:
    status, answer = agent("GET", "/boards?colour=red")

    assert (status, answer["detail"]) == (422, "colour: there is no such parameter; known: none.")


def test_failure_is_answered_in_json(organisation: Organisation) -> None:
    call = api_for(organisation, Role.VIEWER, raise_request_exception=False)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_board RENAME TO away")

    status, answer = call("GET", "/boards")

    assert (status, answer["detail"].partition(":")[0]) == (500, "This failed here, not with you")


def test_every_operation_documents_its_refusals() -> None:
    for (method, path), operation in operations():
        expected = ({404} if "{" in path else set()) | ({409} if method != "get" else set())
        assert expected <= set(operation["responses"]), f"{method} {path}"
        # What asks nobody to sign in refuses nobody for who they are.
        assert {401, 403} & set(operation["responses"]) == ({401, 403} if "security" in operation else set())


def test_texts_are_described_as_they_are_accepted() -> None:
    ticket = api.get_openapi_schema()["components"]["schemas"]["TicketIn"]["properties"]

    assert {ticket[name]["pattern"] for name in ("title", "body", "requester")} == {r"^[^\u0000]*$"}


@pytest.mark.parametrize("path", ["/tickets/preview", "/tasks/schedules/{key}/preview"])
def test_question_that_can_have_no_answer_documents_it(path: str) -> None:
    assert 409 in api.get_openapi_schema()["paths"][f"/api/v1{path}"]["get"]["responses"]


def test_no_parameter_is_described_as_null() -> None:
    for _, operation in operations():
        for parameter in operation["parameters"]:
            assert "anyOf" not in parameter["schema"], f"{operation['operationId']} {parameter['name']}"


def test_headers_are_documented() -> None:
    for _, operation in operations():
        answers = operation["responses"]
        if "security" in operation:
            assert [*answers[401]["headers"]] == ["WWW-Authenticate"]
        accepted = answers.get(202, {"content": {}})
        is_one_run = {"schema": {"$ref": "#/components/schemas/RunDetail"}} in accepted["content"].values()
        assert ("headers" in accepted) == is_one_run


def test_docs_page_needs_no_other_server() -> None:
    page = Client().get(reverse("api-1:openapi-view")).content.decode()

    assert "swagger-ui-bundle" in page
    assert "//" not in page.replace("<!doctype html>", "")
    assert 'data-api-csrf="true"' in page

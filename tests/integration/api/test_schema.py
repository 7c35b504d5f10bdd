"""The whole API, called by everybody, as its OpenAPI page says and as it does not: every answer is documented.

Schemathesis makes the cases from the page. A failure prints the curl of its case; the credential in it is gone with the
test's database, so give yours instead.
"""

import json
from collections.abc import Iterator
from zlib import crc32

import pytest
import schemathesis
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from schemathesis import Case, Response
from schemathesis.checks import CheckContext
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance

from config.api import api
from tests.integration.api.callers import Caller
from tests.integration.api.feeding import feed, known, put, slots
from tests.integration.api.scene import OURS, Estate
from tests.integration.api.sending import is_public, send, served

pytestmark = pytest.mark.django_db

PAGE = json.loads(json.dumps(api.get_openapi_schema(), cls=DjangoJSONEncoder))
# All of Schemathesis' checks but one.
CHECKS = {
    # It sends each success again without a credential and with a wrong one. Nobody and the revoked token do that here.
    "ignored_auth": {"enabled": False},
}
# The owner sends every case, the others one in so many: they go through the same doors.
ONE_IN = {"owner": 1, "agent": 6, "viewer": 6, "stranger": 6, "staff": 3, "nobody": 9, "revoked": 9, "malformed": 9}


def described(*, examples: int, wrong: bool) -> BaseSchema:
    """Return the API as its page describes it, with the same cases in every run: for each operation those that the
    page's limits suggest, also just beyond them when `wrong`, and some by chance.
    """
    generation = {
        "mode": "all" if wrong else "positive",
        "max-examples": examples,
        "no-shrink": True,
        "deterministic": True,
        "database": "none",
        # Each caller brings its own.
        "with-security-parameters": False,
    }
    phases = {} if wrong else {name: {"enabled": False} for name in ("examples", "coverage")}
    output = {"sanitization": {"enabled": False}}
    settings = {"generation": generation, "phases": phases, "checks": CHECKS, "output": output}
    schema = schemathesis.openapi.from_dict(PAGE, config=SchemathesisConfig.from_dict(settings))
    schema.app = served
    return schema


OWNERS = ("owner", "stranger", "staff")
# Where an id names one thing that is there or not; a filter finds nothing, and an assignee is a name.
PATH, BODY = ParameterLocation.PATH, ParameterLocation.BODY
IDS_ALONE = [
    *((PATH, name) for name in ("board_id", "column_id", "ticket_id", "event_id", "reminder_id")),
    *((PATH, name) for name in ("product_id", "batch_id", "rule_id", "run_id", "effect_id", "organisation_id")),
    *((BODY, name) for name in ("column_id", "ids", "product_id")),
]

EVERY_CASE = described(examples=8, wrong=True)
ONE_CASE = described(examples=1, wrong=False)


def test_the_page_is_what_is_served() -> None:
    assert Client().get("/api/v1/openapi.json").json() == PAGE


@EVERY_CASE.parametrize()
def test_every_answer_is_documented(case: Case, caller: Caller) -> None:
    if crc32(repr((case.path_parameters, case.query, case.body)).encode(errors="replace")) % ONE_IN[caller.name]:
        return
    feed(case, caller.sees or OURS)

    send(case, caller, *([] if caller.sees or is_public(case) else [only_refuses]))


def only_refuses(_: CheckContext, answer: Response, case: Case) -> None:
    """Who is not signed in is told so; before that only that there is no such address or method."""
    assert answer.status_code in (401, 404, 405)


# Each test below has a parameter of pytest's, too: without one, pytest 9.2 gives all operations the same node id, and
# of equal ids xdist runs one.
@ONE_CASE.parametrize()
@pytest.mark.parametrize("names", [OWNERS], ids=["for an owner"])
def test_each_operation_can_succeed(case: Case, names: tuple[str, ...], scene: dict[str, Caller]) -> None:
    """With each id of their own, an owner or the staff gets through at least once: what follows proves something."""
    answers = [send(each, scene[name]) for name in names for each in with_each_id(case, scene[name].sees)]

    assert {200, 201, 202, 204} & {answer.status_code for answer in answers}


@ONE_CASE.parametrize()
@pytest.mark.parametrize("caller", [*OWNERS, "agent", "viewer"], indirect=True)
def test_what_is_of_others_is_not_there(case: Case, caller: Caller) -> None:
    for each in with_ids_of_others(case, caller):
        answer = send(each, caller)

        # Who may do nothing of the kind is told so before anything is looked up.
        is_refused = answer.status_code == 403 and caller.name not in ("owner", "stranger")
        assert answer.status_code == 404 or is_refused, each.as_curl_command()


@ONE_CASE.parametrize()
@pytest.mark.parametrize("caller", ["owner"], indirect=True)
def test_a_parameter_that_is_not_known_is_refused(case: Case, caller: Caller) -> None:
    feed(case, OURS)
    case.query = {**case.query, "colour": "red"}

    answer = send(case, caller, excluded=[positive_data_acceptance])

    assert (answer.status_code, answer.json()["fields"][0]["field"]) == (422, "colour")


def with_each_id(case: Case, estate: Estate) -> Iterator[Case]:
    """Yield the case with what the estate has, each of its ids in turn."""
    feed(case, estate)
    yield case
    for container, name in slots(case):
        for value in known(case, name, estate):
            put((container, name), value)
            yield case


def with_ids_of_others(case: Case, caller: Caller) -> Iterator[Case]:
    """Yield the case with one id in it that belongs to somebody else; two of a kind are enough."""
    for location, name in IDS_ALONE:
        for estate in caller.hidden:
            for value in known(case, name, estate)[:2]:
                feed(case, caller.sees or OURS)
                container = case.get_container(location)
                # An order that does not name each column is refused as such, before anything is looked up.
                if (
                    isinstance(container, dict)
                    and name in container
                    and not (location is BODY and "order" in case.path)
                ):
                    put((container, name), value)
                    yield case

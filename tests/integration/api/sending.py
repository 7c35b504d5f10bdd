"""Send a case as a caller, look at the answer and at what it did to others' rows, and take it back."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import TestCase
from django.utils.module_loading import import_string
from schemathesis import Case, Response
from schemathesis.checks import CheckContext

from tests.integration.api.callers import Caller
from tests.integration.api.scene import ESTATES, Estate

TABLES = (
    *("tickets_board", "tickets_column", "tickets_ticket"),
    *("events_event", "events_registration", "events_reminder"),
    *("pricing_product", "pricing_batch", "pricing_rule", "pricing_discount", "pricing_pricepoint"),
    *("runs_run", "runs_runitem", "effects_effect"),
)
DIGEST = "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM {} t WHERE id::text LIKE %s"
# What tells the installation's staff, and says so, about the work of all.
ABOUT_ALL = ("GET /api/v1/tasks/health", "GET /api/v1/tasks/schedules/{key}/preview")
# What everybody may ask, and what it shows of anybody, as the estates say.
PUBLIC = "/api/v1/events/public"
Check = Callable[[CheckContext, Response, Case], None]


@cache
def _application() -> Any:
    return import_string(settings.WSGI_APPLICATION)


def served(environ: Any, start_response: Any) -> Any:
    """Be what gunicorn serves, loaded at the first request: it looks at static files that a fixture collects."""
    return _application()(environ, start_response)


def send(case: Case, caller: Caller, *checks: Check, excluded: Sequence[Check] = ()) -> Response:
    """Send and check, and roll back, so that each case finds the same rows. Its messages do go to Redis."""
    sent = {"headers": caller.credential.headers, "cookies": caller.credential.cookies}
    owned = [] if case.method == "GET" else caller.hidden
    before = [rows(estate) for estate in owned]
    with transaction.atomic():
        with TestCase.captureOnCommitCallbacks(execute=True):
            answer = case.call(**sent)
        connection.check_constraints()
        after = [rows(estate) for estate in owned]
        transaction.set_rollback(True)
    case.validate_response(
        answer,
        headers=caller.credential.headers,
        transport_kwargs=sent,
        excluded_checks=list(excluded),
        additional_checks=[
            *checks,
            _shows_nothing_of_others(caller),
            _changes_nothing_of_others(changed=before != after),
            refusals_have_one_form,
        ],
    )
    return answer


def is_public(case: Case) -> bool:
    return case.path.startswith(PUBLIC)


def rows(estate: Estate) -> str:
    """Return a digest of everything that the estate owns."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(DIGEST.format, TABLES)), [f"{estate.digits}%"] * len(TABLES))
        return str(cursor.fetchall())


def _shows_nothing_of_others(caller: Caller) -> Check:
    def shows_nothing_of_others(_: CheckContext, answer: Response, case: Case) -> None:
        if caller.name == "staff" and case.operation.label in ABOUT_ALL:
            return
        text = f"{answer.text} {answer.headers}"
        for value in _leaves([case.path_parameters, case.query, dict(case.headers), case.body]):
            if any(estate.marks(value) for estate in caller.hidden):
                text = text.replace(value, "")  # it is told what it said itself
        for shown in (shown for estate in ESTATES for shown in estate.public if is_public(case)):
            text = text.replace(shown, "")
        assert [estate.marks(text) for estate in caller.hidden] == [[]] * len(caller.hidden)

    return shows_nothing_of_others


def _changes_nothing_of_others(*, changed: bool) -> Check:
    def changes_nothing_of_others(_: CheckContext, answer: Response, case: Case) -> None:
        assert not changed

    return changes_nothing_of_others


def refusals_have_one_form(_: CheckContext, answer: Response, case: Case) -> None:
    """Look at 405, too, which the page cannot list: it says once for all that a refusal is one sentence, `detail`."""
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0].startswith("application/json")
        assert answer.json().keys() <= {"detail", "fields"}
        assert answer.json()["detail"].endswith(".")


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield str(value)

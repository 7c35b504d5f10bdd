from collections.abc import Callable

import pytest

from bundle import invocation
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.verbs import manage
from tests.checkout import ROOT

Typed = Callable[..., Invocation]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"STACK_NAME": "My Shop"}, "STACK_NAME='My Shop' is not accepted"),
        ({"STACK_NAME": "-x"}, "STACK_NAME='-x' is not accepted"),
        ({"WEB_PORT": "http"}, "WEB_PORT='http' is not a port"),
        ({"WEB_PORT": "70000"}, "WEB_PORT='70000' is not a port"),
        ({"RUNTIME": "docker"}, "RUNTIME='docker' is not accepted: use containers or host or swarm."),
        ({"ONLY": "redis"}, "ONLY='redis' is not accepted: use backend or celery."),
        ({"OVERLAY": "prod"}, "OVERLAY='prod' is not accepted: use dev or external or official."),
        ({"OVERLAY": "dev,official,external"}, "OVERLAY='dev,official,external' contradicts itself: choose either"),
    ],
)
def test_a_wrong_choice_is_refused_in_one_sentence(typed: Typed, environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(BundleError) as refused:
        typed(**environ)

    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)


def test_overlays_are_laid_in_the_order_of_the_stack_and_vary_it(typed: Typed) -> None:
    asked = typed(OVERLAY="external, dev")

    assert asked.overlays == ("dev", "external")
    assert {"db", "redis"} & asked.source.service.keys() == set()


def test_read_takes_empty_variables_as_unset() -> None:
    asked = invocation.read(ROOT, {"STACK_NAME": "", "WEB_PORT": "", "RUNTIME": ""})

    assert (asked.stack, asked.port, asked.runtime) == ("ticketing", 8000, "")


@pytest.mark.parametrize(
    ("bind", "url"),
    [("0.0.0.0", "http://127.0.0.1:81"), ("::", "http://[::1]:81"), ("10.0.0.5", "http://10.0.0.5:81")],  # noqa: S104
)
def test_url_is_one_that_a_browser_can_open(bind: str, url: str) -> None:
    assert invocation.url(bind, 81) == url


def test_command_names_the_stack_when_it_is_not_the_usual_one(typed: Typed) -> None:
    assert typed().command("down") == "make down"
    assert typed(STACK_NAME="b").command("destroy", "YES=1") == "make destroy STACK_NAME=b YES=1"


def test_yes_takes_the_default_of_the_stack(typed: Typed) -> None:
    assert (typed().yes("FOLLOW"), typed().yes("YES")) == (True, False)
    assert (typed(FOLLOW="0").yes("FOLLOW"), typed(YES="on").yes("YES")) == (False, True)


def test_yes_refuses_what_is_neither(typed: Typed) -> None:
    with pytest.raises(BundleError, match="YES='maybe' is not a yes or no: use YES=1 or YES=0"):
        typed(YES="maybe").yes("YES")


@pytest.mark.parametrize(("only", "publishes"), [("", True), ("backend", True), ("celery", False)])
def test_only_the_web_needs_a_port(typed: Typed, only: str, publishes: bool) -> None:
    assert typed(ONLY=only).publishes is publishes


def test_manage_keeps_quoted_arguments_whole() -> None:
    assert manage.split("""create_board --name "Front desk" --note 'a "b"' """) == [
        "create_board",
        "--name",
        "Front desk",
        "--note",
        'a "b"',
    ]


def test_manage_refuses_an_open_quotation_mark() -> None:
    with pytest.raises(BundleError, match="close every quotation mark"):
        manage.split('shell -c "print(1)')

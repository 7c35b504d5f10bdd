"""docs/how-to/call-a-task.md works as it is typed there."""

import re
from datetime import timedelta

import pytest

from core.runs.enums import State
from core.runs.models import Run
from tests.checkout import ROOT
from tests.waiting import poll

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = (ROOT / "docs/how-to/call-a-task.md").read_text(encoding="utf-8")
TASK, ASK, _, LATER, CALLBACK, LINK = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def typed():
    """Type a block of the page; its names stay, as in a shell."""
    names = {"__name__": __name__}

    def type_in(block: str):
        exec(block, names)  # noqa: S102  # our own page
        return names

    type_in(TASK + CALLBACK)
    return type_in


def test_a_call_is_asked_for_and_answered(typed, work, capsys):
    with work():
        result = typed(ASK)["result"]
        poll(result.ready, what="the end", every=0.1)

    assert result.result == {"status": "success"}
    assert result.id in capsys.readouterr().out.splitlines()


def test_a_call_for_later_waits_in_its_row(typed, broker):
    run = Run.objects.get(id=typed(LATER)["later"].id)

    assert run.expires_at - run.not_before == timedelta(seconds=3540)
    assert (run.state, broker.llen("default")) == (State.QUEUED, 0)


def test_a_callback_is_given_the_result(typed, work):
    with work():
        typed(LINK)
        called = Run.objects.filter(name="app.tasks.my_callback", state=State.SUCCEEDED)
        poll(called.exists, what="the callback", every=0.1)

    assert called.get().args == [{"status": "success"}]


def test_arguments_that_do_not_fit_are_refused_where_they_are_given(typed):
    with pytest.raises(TypeError):
        typed('my_custom_task.delay("value")')

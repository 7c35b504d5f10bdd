"""What WORKERS and PROFILES mean, and that no queue is ever without a worker."""

from collections.abc import Callable

import pytest

from bundle import environment, optional
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.optional import Wish
from tests.checkout import STACK

Typed = Callable[..., Invocation]
RUNNING = {"backend": 1, "celery": 2, "worker-sync": 3, "flower": 1}


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("", None),
        ("  ", None),
        ("none", {}),
        ("3", {"celery": 3}),
        ("2 ml", {"celery": 2, "worker-ml": 1}),
        ("ml", {"worker-ml": 1}),
        ("ml sync=2", {"worker-ml": 1, "worker-sync": 2}),
        ("ml=1,sync=99", {"worker-ml": 1, "worker-sync": 99}),
    ],
)
def test_workers_are_read(typed: Typed, text: str, wish: Wish) -> None:
    assert typed(WORKERS=text).optional.workers == wish


@pytest.mark.parametrize(
    ("variable", "text", "sentence"),
    [
        ("WORKERS", "mll", "WORKERS: 'mll' is unknown; did you mean 'ml'?"),
        ("WORKERS", "flower", "WORKERS: 'flower' is unknown; known are general, ml, none, pricing, reports, sync."),
        ("WORKERS", "none ml", "WORKERS: 'none' stands alone: leave the other words out."),
        ("WORKERS", "ml=0", "WORKERS: 'ml=0' is not accepted: use ml=1 to ml=99, or leave ml out."),
        ("WORKERS", "ml=many", "WORKERS: 'ml=many' is not accepted: use ml=1 to ml=99, or leave ml out."),
        ("WORKERS", "ml=", "WORKERS: 'ml=' is not accepted: use ml=1 to ml=99, or leave ml out."),
        ("WORKERS", "0", "WORKERS: '0' is not accepted: use 1 to 99."),
        ("WORKERS", "=2", "WORKERS: '=2' is unknown; known are general, ml, none, pricing, reports, sync."),
        ("PROFILES", "ml", "PROFILES: 'ml' is unknown; known are flower, metrics, none."),
        ("PROFILES", "2", "PROFILES: '2' is unknown; known are flower, metrics, none."),
        ("PROFILES", "flower=2", "PROFILES: 'flower=2' is not accepted: there is one flower, write flower alone."),
    ],
)
def test_a_wrong_word_is_refused_in_one_sentence(typed: Typed, variable: str, text: str, sentence: str) -> None:
    with pytest.raises(BundleError) as refused:
        typed(**{variable: text})

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("typed_words", "chosen"),
    [
        ({}, {"celery": 2, "worker-sync": 3, "flower": 1}),
        ({"WORKERS": "ml"}, {"worker-ml": 1, "flower": 1}),
        ({"PROFILES": "metrics"}, {"celery": 2, "worker-sync": 3, "metrics": 1}),
        ({"WORKERS": "none", "PROFILES": "none"}, {}),
    ],
)
def test_what_is_not_spoken_of_stays_as_it_is(
    typed: Typed, typed_words: dict[str, str], chosen: dict[str, int]
) -> None:
    assert typed(**typed_words).optional.chosen(STACK, RUNNING) == chosen


def test_the_usual_worker_takes_everything_while_no_type_is_switched_on() -> None:
    assert optional.left_queues(STACK, {"flower": 1}) == ""


def test_the_usual_worker_leaves_to_a_type_what_it_was_switched_on_for() -> None:
    left = optional.left_queues(STACK, {"worker-ml": 2, "flower": 1}).split(",")

    assert left == [queue for queue in environment.queues(STACK) if queue != "ml_tasks"]


def test_the_usual_worker_is_never_left_without_a_queue() -> None:
    types = {service.name: 1 for service in optional.workers(STACK).values()}

    assert optional.left_queues(STACK, types) == "default"

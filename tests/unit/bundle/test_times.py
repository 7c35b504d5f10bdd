"""The invariant of times is the same number everywhere."""

import configparser
from itertools import pairwise
from pathlib import Path

import yaml

from bundle.render import targets
from tests.checkout import ROOT, STACK


def test_the_rendered_times_grow() -> None:
    compose = yaml.safe_load(targets.files(STACK)[Path("deploy/compose/compose.yaml")])["services"]["celery"]
    given = compose["environment"]

    times = [
        int(given["CELERY_TASK_SOFT_TIME_LIMIT"]),
        int(given["CELERY_TASK_TIME_LIMIT"]),
        int(given["WORKER_STOP_SECONDS"]),
        int(compose["stop_grace_period"].removesuffix("s")),
        int(given["CELERY_VISIBILITY_SECONDS"]),
    ]

    assert times == list(STACK.times.chain().values())
    assert all(shorter < longer for shorter, longer in pairwise(times))


def test_web_and_worker_agree_on_the_visibility() -> None:
    """The shortest of all processes on one Redis wins."""
    services = yaml.safe_load(targets.files(STACK)[Path("deploy/compose/compose.yaml")])["services"]

    found = {services[name]["environment"]["CELERY_VISIBILITY_SECONDS"] for name in ("backend", "celery", "migrate")}

    assert found == {str(STACK.times.visibility_seconds)}


def test_supervisord_in_the_container_takes_its_time_from_the_stack() -> None:
    conf = configparser.RawConfigParser(inline_comment_prefixes=(";",))
    conf.read(ROOT / "services/celery/supervisord.conf", encoding="utf-8")

    assert conf["program:worker"]["stopwaitsecs"] == "%(ENV_WORKER_STOP_SECONDS)s"


def test_the_defaults_of_the_settings_are_the_times_of_the_stack() -> None:
    names = ("CELERY_TASK_SOFT_TIME_LIMIT", "CELERY_TASK_TIME_LIMIT", "CELERY_VISIBILITY_SECONDS")

    defaults = [int(STACK.variable[name].default or 0) for name in names]

    times = STACK.times
    assert defaults == [times.soft_seconds, times.hard_seconds, times.visibility_seconds]

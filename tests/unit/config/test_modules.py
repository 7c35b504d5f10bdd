"""MODULES picks the apps that an installation runs, of those that exist."""

import os
import subprocess
import sys
from configparser import ConfigParser

import pytest

from config.modules import OPTIONAL
from tests.checkout import ROOT

APPS = ROOT / "services/backend/apps"


def modules(value: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of its own, as a service does at its start."""
    code = "from django.conf import settings; print(*settings.MODULES)"
    environment = os.environ | {"MODULES": value, "PYTHONPATH": str(ROOT / "services/backend")}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


def test_every_app_is_optional():
    assert sorted(OPTIONAL) == sorted(path.parent.name for path in APPS.glob("*/apps.py"))


@pytest.mark.parametrize(
    ("value", "picked"),
    [("", OPTIONAL), (f"{OPTIONAL[-1]}, {OPTIONAL[0]},{OPTIONAL[0]}", dict.fromkeys((OPTIONAL[0], OPTIONAL[-1])))],
)
def test_the_apps_that_are_named_run_each_once_and_all_when_none_is(value: str, picked: tuple[str, ...]):
    assert modules(value).stdout.split() == list(picked)


def test_an_unknown_app_is_refused_in_one_sentence():
    refused = modules("tickets,tickts")

    assert refused.stderr == f"MODULES names 'tickts': use some of {', '.join(OPTIONAL)}.\n"
    assert refused.returncode == 1


def test_no_app_may_import_another():
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter")

    apps = contracts["importlinter:contract:apps"]

    assert (apps["type"], apps["modules"].split()) == ("independence", ["apps.*"])

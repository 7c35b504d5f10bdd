"""What an app shows of itself: its `demo.py` declares a DEMO."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps


@dataclass(frozen=True)
class Demo:
    """`seed` brings the app's rows there (given True: back to the start) and says so in a sentence.

    `schedule` is the key of the chore that is shown at work on them.
    """

    title: str
    schedule: str
    seed: Callable[[bool], str]


def demos() -> list[Demo]:
    """Return the demonstration of each app that is installed and has one."""
    names = [f"{config.name}.demo" for config in apps.get_app_configs() if config.name.startswith("apps.")]
    return [import_module(name).DEMO for name in names if find_spec(name)]

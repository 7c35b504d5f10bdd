"""The rules that apps bring: each names its own in the LOOKS of its `health.py`."""

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from core.health.findings import Finding


def look(now: datetime) -> Iterator[Finding]:
    for config in apps.get_app_configs():
        name = f"{config.name}.health"
        if config.name.startswith("apps.") and find_spec(name):
            for brought in import_module(name).LOOKS:
                yield from brought(now)

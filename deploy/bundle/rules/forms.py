"""Forms that no type can say. Whatever breaks them would break at a start only, in the words of an engine."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

from bundle.model import Stack
from bundle.rules.known import unknown

IMAGE_PREFIX = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*")
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
SIGNALS = [one.name for one in signal.Signals]


def names_can_be_file_names(stack: Stack, root: Path) -> Iterator[str]:
    """They become names of files, of sections and of tags."""
    families = {
        "image": stack.image,
        "secret": stack.secret,
        "program": stack.program,
        "unit": stack.unit,
    }
    for family, members in families.items():
        for name in members:
            if not FILE_NAME.fullmatch(name):
                yield f"{family}.{name}: {name!r} cannot name a file; use small letters, digits, hyphens, underscores"


def product_begins_an_image(stack: Stack, root: Path) -> Iterator[str]:
    if not IMAGE_PREFIX.fullmatch(stack.product):
        yield f"product: {stack.product!r} cannot begin an image's name; use small letters, digits and hyphens"


def paths_are_absolute(stack: Stack, root: Path) -> Iterator[str]:
    places = {"code_path": stack.code_path}
    for name, service in stack.service.items():
        places |= {f"service.{name}.volumes.{volume}": path for volume, path in service.volumes.items()}
        places |= {f"service.{name}.tmpfs[{number}].path": one.path for number, one in enumerate(service.tmpfs)}
    for place, path in places.items():
        if not path.startswith("/"):
            yield f"{place}: {path!r} is not an absolute path; begin it with /"


def signals_are_known(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        yield from unknown(f"service.{name}.stop_signal", [service.stop_signal], SIGNALS)


def numbers_are_positive(stack: Stack, root: Path) -> Iterator[str]:
    for place, number in _numbers(stack):
        if number <= 0:
            yield f"{place}: {number} is not above 0; raise it"


def _numbers(stack: Stack) -> Iterator[tuple[str, int]]:
    yield "logging.max_size_mb", stack.logging.max_size_mb
    yield "logging.max_files", stack.logging.max_files
    for name, service in stack.service.items():
        for number, one in enumerate(service.tmpfs):
            yield f"service.{name}.tmpfs[{number}].size_mb", one.size_mb
        for key in ("interval_seconds", "timeout_seconds", "retries") if service.health else ():
            yield f"service.{name}.health.{key}", getattr(service.health, key)


RULES = (
    names_can_be_file_names,
    product_begins_an_image,
    paths_are_absolute,
    signals_are_known,
    numbers_are_positive,
)

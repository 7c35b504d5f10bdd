"""What must be true of this machine before anything else is tried."""

import sys

from bundle.errors import BundleError

PYTHON_AT_LEAST = (3, 11)


def refuse_old_python(version: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Say which Python is needed."""
    if version < PYTHON_AT_LEAST:
        has, needs = (".".join(map(str, some)) for some in (version, PYTHON_AT_LEAST))
        raise BundleError(f"{sys.executable} is Python {has}: use {needs} or newer, as in `make PYTHON=python3.13 up`.")

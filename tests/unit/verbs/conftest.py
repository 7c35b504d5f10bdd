"""What somebody typed, in an empty checkout with the real stack."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bundle import invocation
from bundle.invocation import Invocation
from tests.checkout import STACK


@pytest.fixture
def typed(tmp_path: Path) -> Callable[..., Invocation]:
    """Build what `make VERB NAME=value ...` asks for."""

    def build(**environ: str) -> Invocation:
        return invocation.build(STACK, tmp_path, {"PATH": "/usr/bin", **environ})

    return build

"""What somebody typed, for a machine whose tree is a directory of the test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bundle import invocation
from bundle.systemd import request
from bundle.systemd.request import Request
from tests.checkout import STACK


@pytest.fixture
def typed(tmp_path: Path) -> Callable[..., Request]:
    """Build what `make systemd-install NAME=value ...` asks for."""

    def build(**environ: str) -> Request:
        given = {"PATH": "/usr/bin", "DESTDIR": str(tmp_path), **environ}
        return request.read(invocation.build(STACK, tmp_path, given))

    return build

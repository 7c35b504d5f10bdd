"""A minimal stack, and a tree that holds what it names."""

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MINIMAL = tomllib.loads((HERE / "minimal.toml").read_text(encoding="utf-8"))
FILES = ("services/web/Dockerfile", "docs/runbooks/store.md", "docs/runbooks/prepare.md", "docs/runbooks/web.md")
PROGRAMS = ("services/base/build.sh", "entrypoints/web.sh", "entrypoints/prepare.sh")


@pytest.fixture
def minimal() -> dict[str, Any]:
    return copy.deepcopy(MINIMAL)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (*FILES, *PROGRAMS):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755 if name in PROGRAMS else 0o644)
    return tmp_path

"""The readers understand a file as the program that it is made for does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bundle.equivalence import compose, interpolation, words
from bundle.render import targets
from tests.checkout import STACK

COMPOSE = Path(sys.prefix) / "bin" / "docker-compose"
FILES = targets.files(STACK)
# Left to the start: without a value the real Compose refuses or leaves them empty.
CHOSEN = {"REGISTRY": "deskbeat", "TAG": "local", **{name.upper(): f"<{name}>" for name in STACK.secret}}


@pytest.mark.parametrize("file", ["compose/compose.yaml", "dokploy/docker-compose.yml"])
def test_a_file_is_understood_as_by_compose(file: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(FILES[Path("deploy") / file], encoding="utf-8")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **CHOSEN}
    line = [COMPOSE, "--file", tmp_path / "compose.yaml", "--profile", "*", "config", "--format", "json"]

    resolved = subprocess.run(line, env=environ, capture_output=True, text=True, check=True).stdout

    assert compose.read(STACK, resolved) == compose.read(STACK, FILES[Path("deploy") / file], CHOSEN)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("${NAME:-else}", "chosen"),
        ("${OTHER:-else}", "else"),
        ("${OTHER:-${NAME}-db}", "chosen-db"),
        ("${OTHER-}", ""),
        ("${NAME:+word}", "word"),
        ("${OTHER:+word}", ""),
        ("${OTHER:?give it}", "<OTHER>"),
        ("$${OTHER:-else}", "${OTHER:-else}"),
    ],
)
def test_an_interpolation_is_resolved(template: str, expected: str) -> None:
    assert interpolation.text(template, {"NAME": "chosen"}) == expected


@pytest.mark.parametrize(
    ("duration", "expected"), [("90", 90), ("90s", 90), ("1m30s", 90), ("1min 30s", 90), ("1h", 3600), ("500ms", 0.5)]
)
def test_a_duration_is_read_in_every_spelling(duration: str, expected: float) -> None:
    assert words.seconds(duration) == expected


@pytest.mark.parametrize("size", ["512m", "512M", "512MB", "512MiB", "536870912", 536870912, "0.5g"])
def test_a_size_is_read_in_every_spelling(size: str | int) -> None:
    assert words.mebibytes(size) == 512

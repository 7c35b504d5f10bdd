"""/etc/<stack>/installed.json: what was last proven healthy, so that the next command knows what has changed."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bundle.files import write


@dataclass(frozen=True)
class Record:
    """One installation."""

    release: str
    prefix: str
    user: str
    # Digest of the settings and secrets that it was proven with.
    applied: str
    own_database: bool
    own_redis: bool
    database_port: str = ""
    secrets: list[str] = field(default_factory=list)


def load(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def save(path: Path, record: Record) -> None:
    write(path, json.dumps(asdict(record), indent=2) + "\n", mode=0o600)

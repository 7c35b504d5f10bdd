"""What the host runtime remembers between two commands: .run/<stack>/host.json, for its owner only."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Record:
    """The supervisord that was started last, and with what."""

    pid: int
    boot: str
    password: str
    sockets: str
    sources: str
    programs: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def path(run_dir: Path) -> Path:
    return run_dir / "host.json"


def load(run_dir: Path) -> Record | None:
    try:
        return Record(**json.loads(path(run_dir).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def save(run_dir: Path, record: Record) -> None:
    """Write beside and rename: a reader never sees half a record."""
    draft = run_dir / f".host.json.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    draft.rename(path(run_dir))


def remove(run_dir: Path) -> None:
    path(run_dir).unlink(missing_ok=True)

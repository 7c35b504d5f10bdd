"""What is wrong, in words that a person and a program can use."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

RUNBOOKS = "docs/runbooks"


class Level(StrEnum):
    ERROR = "error"  # something that was promised does not happen
    WARNING = "warning"  # somebody should look, today


class Group(StrEnum):
    """Where to look; `manage.py doctor` asks the same questions group by group."""

    DATABASE = "database"
    REDIS = "redis"
    WORKERS = "workers"
    QUEUES = "queues"
    SCHEDULES = "schedules"
    RUNS = "runs"
    EFFECTS = "effects"
    MEMORY = "memory"


@dataclass(frozen=True)
class Finding:
    """`subject` is the broken thing's name; `remedy` the page that says what to do."""

    level: Level
    group: Group
    subject: str
    sentence: str
    remedy: str
    since: datetime | None = None

    @property
    def key(self) -> str:
        """Name what is broken and how, whatever its sentence: `since` moves on when a task fails again."""
        return f"{self.group}:{self.subject}:{self.remedy.rpartition('/')[2].removesuffix('.md')}"


def runbook(page: str) -> str:
    return f"{RUNBOOKS}/{page}.md"


def counted(number: int, noun: str) -> str:
    """Write "1 slot", "2 slots"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"

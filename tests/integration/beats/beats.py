"""Several real beats on a PostgreSQL and a Redis of their own; each may be killed at any moment."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import redis

from tests import servers
from tests.integration.backend import PASSWORD, USER, Backend
from tests.waiting import poll

PERIOD = timedelta(milliseconds=250)
QUEUE = "nobody-listens"
# Longer than a busy machine keeps every beat from its turn.
SKIPPING_PERIOD = timedelta(seconds=10)
# The first makes up for every slot, so that each has a run. The second makes up for none: a slot that no beat claimed
# before the next one came is MISSED, and nothing hides it.
TICKING, SKIPPING = "ticking", "skipping"
DECLARE = f"""
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from core.schedules.models import Schedule
from core.schedules.services.plan import slots_plan
def declare(key, microseconds):
    every = IntervalSchedule.objects.create(every=microseconds, period="microseconds")
    PeriodicTask.objects.create(name=key, task="nobody.does", interval=every, queue="{QUEUE}", enabled=False)
declare("{TICKING}", {PERIOD // timedelta(microseconds=1)})
declare("{SKIPPING}", {SKIPPING_PERIOD // timedelta(microseconds=1)})
slots_plan()
Schedule.objects.filter(key="{TICKING}").update(catch_up="all")
Schedule.objects.filter(key="{SKIPPING}").update(catch_up="skip")
"""
SLOTS = """
    SELECT slot, state, trigger FROM runs_run JOIN schedules_schedule schedule ON schedule.id = schedule_id
    WHERE key = %s AND slot IS NOT NULL ORDER BY slot
"""
# The first slot is the next one after this, however long the beats take to start.
BEGIN = """
    UPDATE django_celery_beat_periodictask SET enabled = true, date_changed = now();
    UPDATE django_celery_beat_periodictasks SET last_update = now()
"""
STARTED = b"beat: Starting..."


@dataclass
class Beats(Backend):
    number: int = 1
    processes: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    begun: dict[int, int] = field(default_factory=dict)
    redis_server: ExitStack = field(default_factory=ExitStack)

    def start(self, beat: int) -> None:
        command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "beat", "--loglevel=INFO", "--pidfile="]
        environment = self.environment | {"NODE_NAME": f"beat-{beat}"}
        self.begun[beat] = self.log(beat).stat().st_size if self.log(beat).exists() else 0
        with self.log(beat).open("ab") as log:
            self.processes[beat] = subprocess.Popen(
                command, env=environment, cwd=self.directory, stdout=log, stderr=subprocess.STDOUT
            )

    def kill(self, beat: int) -> None:
        self.processes[beat].kill()
        self.processes.pop(beat).wait()

    def at_work(self, beat: int) -> bool:
        """Tell whether it has claimed a slot since its start, which may take longer than another's life."""
        return b"Sending due task" in self.log(beat).read_bytes()[self.begun[beat] :]

    def log(self, beat: int) -> Path:
        return self.directory / f"beat-{beat}.log"

    def logs(self) -> str:
        return "".join(self.log(beat).read_text() for beat in range(self.number) if self.log(beat).exists())

    def restart_postgres(self) -> None:
        """Kill one of its processes: it ends all the others at once, and recovers as after a crash."""
        pid = self.sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")[0][0]
        os.kill(pid, 9)

    def start_redis(self) -> None:
        self.redis = self.redis_server.enter_context(servers.redis_server(self.directory, password=PASSWORD))

    def restart_redis(self) -> None:
        """It comes back empty: nothing is saved."""
        self.redis_server.close()
        self.start_redis()

    def slots(self, key: str = TICKING) -> list[tuple[datetime, str, str]]:
        return self.sql(SLOTS, key)

    def latest(self) -> timedelta:
        """Return how late the latest slot was claimed."""
        late: timedelta = self.sql("SELECT max(queued_at - slot) FROM runs_run WHERE trigger = 'schedule'")[0][0]
        return late

    def count(self) -> int:
        try:
            return len(self.slots())
        except psycopg.OperationalError:
            return 0

    def messages(self) -> list[str]:
        """Return the id in each message that waits."""
        client = redis.Redis(unix_socket_path=str(self.redis), password=PASSWORD, db=1)
        found = client.lrange(QUEUE, 0, -1)
        assert isinstance(found, list)
        return [_task_id(message) for message in found]


def _task_id(message: bytes) -> str:
    return str(json.loads(message)["headers"]["id"])


@contextmanager
def beating(directory: Path, number: int) -> Iterator[Beats]:
    """Start so many beats, with one schedule that is due four times a second from now on, and one every ten seconds."""
    directory.chmod(0o711)
    with servers.postgres(directory, user=USER, password=PASSWORD) as postgres, ExitStack() as stack:
        beats = Beats(directory, postgres, number=number)
        stack.callback(lambda: beats.redis_server.close())
        stack.callback(lambda: [beats.kill(beat) for beat in list(beats.processes)])
        beats.start_redis()
        beats.manage("migrate", "--verbosity", "0")
        beats.manage("shell", "--no-imports", "--verbosity", "0", "-c", DECLARE)
        for beat in range(number):
            beats.start(beat)
        for beat in range(number):
            poll(lambda beat=beat: STARTED in beats.log(beat).read_bytes(), what=f"beat {beat}", seconds=200)
        beats.sql(BEGIN)
        yield beats

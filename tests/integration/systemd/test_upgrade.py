"""Upgrades: proven beside what runs, without a lost task or a refused visitor; and back by itself when that fails."""

import json
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.integration.systemd.installed import SERVICES, STACK, Desk, background, prepared, visited
from tests.integration.systemd.machine import Machine
from tests.waiting import poll

TASK = "tickets.tasks.archive_old_done_tickets"
# A schedule that is due every second, and somebody who asks for a task five times a second until it is switched off.
SCHEDULE = f"""
from django_celery_beat.models import IntervalSchedule, PeriodicTask
every, _ = IntervalSchedule.objects.get_or_create(every=1, period='seconds')
PeriodicTask.objects.create(name='load', task={TASK!r}, interval=every)
"""
SEND = f"""
import time
from config.celery import app
from django_celery_beat.models import PeriodicTask
while PeriodicTask.objects.filter(name='load', enabled=True).exists():
    print(app.send_task({TASK!r}).id, flush=True)
    time.sleep(0.2)
"""
STOP = """
from django_celery_beat.models import PeriodicTask
task = PeriodicTask.objects.get(name='load')
task.enabled = False
task.save(update_fields=["enabled"])
"""
# What was asked for, by hand and by the clock, and what became of it.
RESULTS = f"""
import json
from core.runs.models import Run
from django_celery_beat.models import PeriodicTask
runs = Run.objects.filter(name={TASK!r})
ids = lambda found: [str(id) for id in found.values_list('id', flat=True)]
sent = PeriodicTask.objects.get(name='load').total_run_count
by_clock = ids(runs.filter(schedule__key='load', slot__isnull=False).exclude(state='MISSED'))
print(json.dumps({{'sent': sent, 'by_clock': by_clock, 'done': ids(runs.filter(state='SUCCEEDED'))}}))
"""

BROKEN = {
    "a web that does not start": (
        "services/backend/config/wsgi.py",
        "raise RuntimeError('broken on purpose')\n",
        "its web fails: ",
    ),
    "a worker that does not start": (
        "services/celery/runtime/watched_worker.py",
        "raise RuntimeError('broken on purpose')\n",
        "its worker@candidate fails: ",
    ),
    "a migration that fails": (
        "services/backend/apps/tickets/migrations/0099_broken.py",
        "from django.db import migrations\n\n\n"
        "class Migration(migrations.Migration):\n"
        "    dependencies = [('tickets', '{last}')]\n"
        '    operations = [migrations.RunSQL("SELECT 1 / 0 AS broken_on_purpose")]\n',
        "its migrate fails: ",
    ),
    "a requirement that nobody has": (
        "requirements/celery.txt",
        "broken-on-purpose==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n",
        "requirements/celery.txt could not be installed",
    ),
}
# Each is healthy as a candidate and fails only in its place.
IN_PLACE = {
    "worker@1": "services/celery/runtime/watched_worker.py",
    "beat": "services/celery/runtime/watched_beat.py",
    "web": "services/backend/config/wsgi.py",
}
FAIL_IN_PLACE = (
    "import os\nif 'candidate' not in os.environ['SECRET_KEY_FILE']:\n    raise RuntimeError('broken in place')\n"
)


@pytest.fixture(scope="module")
def desk(machine: Machine) -> Iterator[Desk]:
    yield prepared(machine)


def test_no_task_is_lost_and_no_visitor_refused_by_an_upgrade_under_load(desk: Desk):
    before = (desk.release, desk.pids, desk.secrets)
    desk.python(SCHEDULE)
    with (
        visited(desk) as visitor,
        background(desk, f'{STACK}-manage shell --no-imports --verbosity 0 -c "{SEND}"') as load,
    ):
        poll(lambda: desk.events("worker-1").count(f"Scheduler: Sending due task load ({TASK})") >= 0, what="load")
        with desk.changed("services/backend/core/clock.py", "\n# another release\n"):
            said = desk.install().stdout
        desk.python(STOP)
        asked = (load.stdout.read() if load.stdout else "").split()

    assert f"was upgraded from {before[0]} to release {desk.release}, healthy" in said
    assert all(desk.pids[name] != before[1][name] for name in SERVICES)
    assert desk.secrets == before[2]
    assert visitor.failures == []
    results = poll(lambda: finished(desk, asked), what="the end of every task", seconds=120)
    assert results["sent"] == len(results["by_clock"]) > 5
    assert len(asked) > 20
    times = Counter(event.split("[")[1].split("]")[0] for event in desk.events("worker-1") if succeeded(event))
    assert {times[task] for task in [*asked, *results["by_clock"]]} == {1}
    print(
        f"{len(asked)} by hand, {results['sent']} by the clock; {visitor.asked} visits, slowest {visitor.slowest:.1f} s"
    )


def finished(desk: Desk, asked: list[str]) -> dict:
    """Return the results when every task that was asked for has one."""
    results = json.loads(desk.python(RESULTS))
    wanted = {*asked, *results["by_clock"]}
    return results if wanted <= set(results["done"]) and len(results["by_clock"]) == results["sent"] else {}


def succeeded(event: str) -> bool:
    return event.startswith(f"Task {TASK}[") and "succeeded in" in event


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_release_is_not_taken_into_use(desk: Desk, case: str):
    path, text, reason = BROKEN[case]
    before = (desk.release, desk.pids)
    text = text.replace("{last}", last_migration(desk))

    with visited(desk) as visitor, desk.changed(path, text):
        refused = desk.install(check=False)

    assert refused.returncode == 1
    sentence = refused.stderr.strip().splitlines()[-1]
    assert reason in sentence
    assert "on purpose" in sentence or "on-purpose" in sentence or "division by zero" in sentence
    assert (desk.release, desk.pids) == before
    assert visitor.failures == []
    assert desk.ready()
    assert remains(desk) == ""


def last_migration(desk: Desk) -> str:
    return desk.machine.ask(
        f"ls {desk.checkout}/services/backend/apps/tickets/migrations/0*.py | tail -1 | xargs basename -s .py"
    )


def remains(desk: Desk) -> str:
    """List what a candidate could have left behind."""
    return desk.machine.ask(
        f"ls -d /run/{STACK}-candidate* /run/systemd/system/{STACK}-candidate* /opt/{STACK}/releases/.draft*;"
        f" systemctl list-units --all --no-legend '{STACK}-candidate*'"
    )


@pytest.mark.parametrize("name", IN_PLACE)
def test_what_fails_in_its_place_is_rolled_back(desk: Desk, name: str):
    before = desk.release

    with visited(desk) as visitor, desk.changed(IN_PLACE[name], FAIL_IN_PLACE):
        refused = desk.install(check=False)

    sentence = refused.stderr.strip().splitlines()[-1]
    assert refused.returncode == 1
    assert sentence.startswith(f"Rolled back to release {before}, which serves again: {STACK}-{name}.service does not")
    assert "broken in place" in sentence
    assert desk.release == before
    assert desk.ready()
    assert desk.python("print('it works')") == "it works"
    # The visitors of a web that fails in its place wait until the old one is back.
    assert visitor.failures == []


def test_a_kept_release_can_be_gone_back_to(desk: Desk):
    newest = desk.release
    older = next(name for name in desk.machine.ask(f"ls /opt/{STACK}/releases").split() if name != newest)

    said = desk.install(RELEASE=older).stdout
    assert f"was upgraded from {newest} to release {older}, healthy" in said
    assert desk.release == older

    desk.install(RELEASE=newest)
    assert desk.release == newest


@pytest.mark.parametrize("stage", ["Trying release", "Switching to release"])
def test_an_interrupted_upgrade_leaves_the_old_release_running(desk: Desk, stage: str):
    before = desk.release
    with desk.changed("services/backend/core/clock.py", f"\n# interrupted at: {stage}\n"), visited(desk) as visitor:
        script = f"{desk.checkout}/deploy/systemd/install STACK_NAME={STACK}"
        with background(desk, f"echo $$; exec {script}") as install:
            assert install.stdout is not None
            pid = install.stdout.readline().strip()
            said = [line for line in iter(install.stdout.readline, "") if interrupt_at(desk, pid, line, stage)]

    assert install.returncode not in (0, None), said
    assert desk.release == before
    assert desk.ready()
    assert visitor.failures == []
    assert remains(desk) == ""


def interrupt_at(desk: Desk, pid: str, line: str, stage: str) -> bool:
    if line.startswith(stage):
        desk.machine.run(f"kill -{signal.SIGINT} {pid}")
    return True


def test_a_second_install_waits_for_the_first(desk: Desk):
    script = f"{desk.checkout}/deploy/systemd/install STACK_NAME={STACK}"
    with (
        desk.changed("services/backend/core/clock.py", "\n# at once\n"),
        background(desk, script) as one,
        background(desk, f"sleep 1; {script}") as other,
    ):
        first, second = (said(process) for process in (one, other))

    assert "healthy (" in first
    assert f"Another command holds {STACK}-install: waiting for it ..." in second
    assert "healthy: nothing to do." in second


def said(process: "subprocess.Popen[str]") -> str:
    return process.communicate()[0]

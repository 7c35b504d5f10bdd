"""The installer on a machine that systemd has booted: what an administrator relies on, from first day to last."""

import time
from collections.abc import Iterator

import pytest

from bundle import environment, units
from tests import checkout
from tests.integration.systemd.installed import SERVICES, STACK, Desk, background, prepared, visited
from tests.integration.systemd.machine import Machine
from tests.waiting import poll

LOCK_RESULTS = "LOCK TABLE django_celery_results_taskresult IN ACCESS EXCLUSIVE MODE"
ORGANISATION = "from core.organisations.models import Organisation as O"

# Each a file of its own: what the units' services read.
CREDENTIALS = {
    secret
    for unit in checkout.STACK.unit.values()
    for secret in environment.secrets_of(checkout.STACK, units.service(checkout.STACK, unit).name)
}


@pytest.fixture(scope="module")
def desk(machine: Machine) -> Iterator[Desk]:
    # The default instance is somebody else's: it must stay as it is.
    machine.run("redis-cli set theirs untouched")
    yield prepared(machine)


def test_it_runs_and_says_where_to_look(desk: Desk):
    said = desk.install().stdout

    assert desk.ready()
    for words in ("http://127.0.0.1:8000/admin/", f"{STACK}-manage createsuperuser", f"systemctl status '{STACK}*'"):
        assert words in said
    assert "archive-old-done-tickets" in desk.manage("next_runs")


def test_a_second_run_changes_nothing(desk: Desk):
    before = (desk.release, desk.secrets, desk.pids)

    began = time.monotonic()
    said = desk.install().stdout

    assert f"{STACK} is installed as release {before[0]}, healthy: nothing to do." in said
    assert (desk.release, desk.secrets, desk.pids) == before
    assert time.monotonic() - began < 30


def test_secrets_are_roots_and_in_no_environment(desk: Desk):
    machine = desk.machine
    values = machine.ask(f"cat /etc/{STACK}/credentials/*").split()

    shown = machine.ask(f"systemctl show '{STACK}-*'; cat /etc/{STACK}/env /proc/[0-9]*/environ | tr '\\0' '\\n'")
    assert len(values) == sum(not checkout.STACK.secret[name].given for name in CREDENTIALS)
    assert [value for value in values if value in shown] == []
    assert machine.ask(f"stat -c '%a %U' /etc/{STACK}/credentials /etc/{STACK}/credentials/*").split("\n") == [
        "700 root",
        *["600 root"] * len(CREDENTIALS),
    ]


def test_the_servers_are_used_beside_what_others_do_with_them(desk: Desk):
    assert desk.machine.ask("redis-cli get theirs") == "untouched"
    assert desk.machine.ask(f"runuser -u postgres -- psql -Atc 'SHOW server_encoding' {STACK}") == "UTF8"
    assert "NOAUTH" in desk.machine.ask(f"redis-cli -s /run/redis-{STACK}/redis.sock ping")
    assert desk.machine.run(
        f"runuser -u nobody -- redis-cli -s /run/redis-{STACK}/redis.sock ping", check=False
    ).returncode


def test_a_setting_is_proven_and_taken_into_use_without_another_release(desk: Desk):
    release, web = desk.release, desk.pids["web"]

    desk.install(WORKERS="2", TICKET_ARCHIVE_AFTER_HOURS="48")

    assert desk.release == release
    assert desk.pids["web"] != web
    assert desk.machine.active(f"{STACK}-worker@2.service")
    assert desk.python("from django.conf import settings; print(settings.TICKET_ARCHIVE_AFTER_HOURS)") == "48"


def test_an_operators_edit_survives_and_a_wrong_one_is_refused_before_anything_is_switched(desk: Desk):
    file = f"/etc/{STACK}/env"
    desk.machine.run(f"sed -i 's/^TICKET_ARCHIVE_AFTER_HOURS=.*/TICKET_ARCHIVE_AFTER_HOURS=many/; $ a # mine' {file}")
    pids = desk.pids

    refused = desk.install(check=False)
    assert refused.returncode == 1
    assert "TICKET_ARCHIVE_AFTER_HOURS='many' is not accepted" in refused.stderr.splitlines()[-1]
    assert desk.pids == pids

    desk.machine.run(f"sed -i 's/^TICKET_ARCHIVE_AFTER_HOURS=.*/TICKET_ARCHIVE_AFTER_HOURS=36/' {file}")
    desk.install(WORKERS="1")
    assert not desk.machine.active(f"{STACK}-worker@2.service")
    assert desk.machine.read(file).count("# mine") == 1
    assert desk.python("from django.conf import settings; print(settings.TICKET_ARCHIVE_AFTER_HOURS)") == "36"


def test_a_busy_port_is_refused(desk: Desk):
    refused = desk.install(check=False, WEB_PORT="5432")

    assert (refused.returncode, refused.stderr.strip().splitlines()[-1]) == (
        1,
        "Port 5432 on 0.0.0.0 is busy: stop what uses it, or choose another, as in `make systemd-install"
        f" STACK_NAME={STACK} WEB_PORT=5433`.",
    )


def test_only_root_may(desk: Desk):
    refused = desk.machine.run("runuser -u nobody -- sh /src/deploy/systemd/install", check=False)

    assert (refused.returncode, refused.stderr.strip()) == (
        1,
        "Units, users and /etc are root's: run `sudo make systemd-install`.",
    )


def test_a_stop_of_the_worker_lets_the_running_task_finish(desk: Desk):
    lock = f"BEGIN; {LOCK_RESULTS}; SELECT pg_sleep(8); COMMIT"
    unit = f"{STACK}-worker@1.service"
    with background(desk, f"runuser -u postgres -- psql {STACK} -c '{lock}'"):
        poll(lambda: "AccessExclusiveLock" in locks(desk), what="the lock", every=0.1)
        task = desk.manage("run_now", "clean-up-task-results").split()[-1]
        poll(lambda: received(desk, task), what="the task to begin")

        desk.machine.run(f"systemctl stop {unit}")

    assert f"[{task}] succeeded in" in " ".join(desk.events("worker-1"))
    assert desk.machine.show(unit, "ActiveState") == "inactive"
    assert desk.machine.show(unit, "Result") == "success"
    desk.machine.run(f"systemctl start {unit}")


def locks(desk: Desk) -> str:
    return desk.machine.ask(f"runuser -u postgres -- psql -Atc 'SELECT mode FROM pg_locks' {STACK}")  # noqa: S608


def received(desk: Desk, task: str) -> bool:
    return any(f"[{task}] received" in event for event in desk.events("worker-1"))


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_killed_comes_back(desk: Desk, name: str):
    pid = desk.pids[name]
    desk.machine.run(f"kill -KILL {pid}")

    poll(lambda: desk.pids[name] not in (pid, "0"), what="another process")
    poll(lambda: desk.machine.active(f"{STACK}-{name}.service"), what="an active unit")


def test_a_reboot_brings_the_stack_back(desk: Desk):
    """The machine is shut down as one is, and boots again."""
    desk.machine.reboot()

    poll(desk.ready, what="the web after the boot", seconds=120)
    poll(lambda: all(desk.machine.active(f"{STACK}-{name}.service") for name in SERVICES), what="all units")
    assert f"{STACK} is installed as release {desk.release}, healthy: nothing to do." in poll(
        lambda: desk.install().stdout, what="an installation that knows itself"
    )


def test_a_tree_is_staged_and_nothing_else_is_touched(desk: Desk):
    places = "/etc /opt /usr/local /var/lib/desk /home /srv"
    listing = f"find {places} -type f -newermt @0 -printf '%p %s %T@\\n' 2>/dev/null | sort | sha256sum"
    before = (desk.machine.ask(listing), desk.pids, desk.machine.ask("systemctl list-unit-files | sha256sum"))

    said = desk.install(DESTDIR="/root/stage", PREFIX="/srv").stdout

    after = (desk.machine.ask(listing), desk.pids, desk.machine.ask("systemctl list-unit-files | sha256sum"))
    assert after == before
    assert "is staged below /root/stage" in said
    staged = desk.machine.ask("cd /root/stage && find . -path ./srv/desk/releases -prune -o -type f -print").split("\n")
    files = [
        "beat.service",
        "migrate.service",
        "web.service",
        "web.socket",
        "web.socket.d/address.conf",
        "worker@.service",
        *(f"{name}.service" for name, _, _ in units.of_types(checkout.STACK)),
    ]
    assert sorted(staged) == sorted(
        [
            "./etc/desk/env",
            "./etc/systemd/system/desk-.service.d/backoff.conf",
            *(f"./etc/systemd/system/desk-{name}" for name in files),
            "./etc/systemd/system/desk.target",
            "./usr/local/bin/desk-manage",
        ]
    )
    assert desk.machine.ask("head -1 /root/stage/srv/desk/current/venv/bin/gunicorn").startswith(
        "#!/srv/desk/releases/"
    )
    assert "ExecStart=/srv/desk/current/" in desk.machine.read("/root/stage/etc/systemd/system/desk-web.service")


def test_two_stacks_live_on_one_machine(desk: Desk):
    before = (desk.pids, desk.release)

    desk.install(STACK_NAME="desk-2", WEB_PORT="8001")

    assert "archive-old-done-tickets" in desk.machine.ask("desk-2-manage next_runs")
    assert (desk.pids, desk.release) == before
    with visited(desk) as visitor:
        desk.uninstall(STACK_NAME="desk-2", PURGE="1", YES="1")
    assert (visitor.failures, desk.pids, desk.ready()) == ([], before[0], True)
    assert desk.machine.ask("ls -d /opt/desk-2 /etc/desk-2 /var/lib/desk-2 /etc/systemd/system/desk-2*") == ""
    assert "desk-2" not in desk.machine.ask(
        "runuser -u postgres -- psql -Atc 'SELECT datname FROM pg_database'; getent passwd"
    )


def test_the_data_outlives_the_installation(desk: Desk):
    secrets = desk.secrets
    desk.python(f"{ORGANISATION}; O.objects.create(slug='acme', name='Acme')")

    said = desk.uninstall().stdout

    assert f"the database {STACK} (role {STACK}), /etc/{STACK}, /var/lib" in said
    assert "PURGE=1" in said
    assert desk.machine.ask(f"ls -d /opt/{STACK} /usr/local/bin/{STACK}-manage /etc/systemd/system/{STACK}*") == ""
    assert desk.machine.ask(f"systemctl list-units --all --no-legend '{STACK}*'") == ""
    assert desk.uninstall().returncode == 0

    desk.install()
    assert desk.python(f"{ORGANISATION}; print(O.objects.get(slug='acme').name)") == "Acme"
    assert desk.secrets == secrets


def test_a_lost_secret_is_not_made_again(desk: Desk):
    file = f"/etc/{STACK}/credentials/secret_key"
    desk.machine.run(f"mv {file} /root/kept")

    refused = desk.install(check=False)
    desk.machine.run(f"mv /root/kept {file}")

    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith(
        f"{STACK} has data, but secret_key is gone from /etc/{STACK}/cred"
    )


def test_a_purge_asks_and_leaves_nothing(desk: Desk):
    refused = desk.machine.run(f"{desk.checkout}/deploy/systemd/uninstall STACK_NAME={STACK} PURGE=1", check=False)
    assert (refused.returncode, desk.ready()) == (1, True)
    assert refused.stderr.startswith("Nothing was removed: the name was not typed.")

    desk.uninstall(PURGE="1", YES="1")

    left = f"ls -d /opt/{STACK} /etc/{STACK} /var/lib/{STACK} /var/lib/redis/{STACK} /etc/redis/redis-{STACK}.conf"
    assert desk.machine.ask(left) == ""
    assert STACK not in desk.machine.ask(
        "runuser -u postgres -- psql -Atc 'SELECT datname FROM pg_database'; getent passwd"
    )
    assert f"There is nothing of {STACK} to remove." in desk.uninstall(PURGE="1", YES="1").stdout
    assert desk.machine.ask("redis-cli get theirs") == "untouched"

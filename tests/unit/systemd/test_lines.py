"""What is handed to other programs, word by word."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bundle import environment
from bundle.systemd import account, packages, postgres, redis, systemctl, transient, unit_files
from bundle.systemd.place import Place
from bundle.systemd.postgres import Cluster
from bundle.systemd.unit_files import Fit
from tests.checkout import STACK

OWN = {
    "WEB_BIND": "::1",
    "WEB_PORT": "9000",
    "DB_HOST": "127.0.0.1",
    "REDIS_HOST": "/run/redis-desk/redis.sock",
}
UNIT = """\
[Unit]
Description=x

[Service]
Type=notify
User=desk
ExecStart=/opt/desk/current/entrypoints/web.sh
# why
EnvironmentFile=-/etc/desk/env
Environment=PATH=/opt/desk/current/venv/bin:/bin
Environment=SECRET_KEY_FILE=%d/secret_key
LoadCredential=secret_key:/etc/desk/credentials/secret_key
IPAddressAllow=localhost 10.0.0.0/8

[Install]
WantedBy=desk.target
"""


def test_the_user_has_no_shell_and_no_home_of_its_own():
    assert account.create_command("desk", Path("/var/lib/desk")) == [
        *["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/var/lib/desk"],
        *["--shell", "/usr/sbin/nologin", "desk"],
    ]


def test_packages_come_without_what_is_only_recommended():
    assert packages.install_commands(["postgresql"]) == [
        ["apt-get", "update", "--quiet"],
        ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "postgresql"],
    ]


def test_a_management_command_gets_the_units_sandbox_settings_and_secrets():
    line = transient.command(UNIT, Path("/opt/desk/current"), terminal=True)

    assert line[: line.index("--")] == [
        *["systemd-run", "--quiet", "--collect", "--wait", "--service-type=exec", "--pty", "--pipe"],
        "--property=User=desk",
        "--property=EnvironmentFile=-/etc/desk/env",
        "--property=Environment=PATH=/opt/desk/current/venv/bin:/bin",
        "--property=LoadCredential=secret_key:/etc/desk/credentials/secret_key",
        "--property=IPAddressAllow=localhost",
        "--property=IPAddressAllow=10.0.0.0/8",
    ]
    assert line[line.index("--") + 1 :] == [
        *["/bin/sh", "-c"],
        'export SECRET_KEY_FILE="$${SECRET_KEY_FILE:-$$CREDENTIALS_DIRECTORY/secret_key}"; '
        "exec /opt/desk/current/venv/bin/python /opt/desk/current/services/backend/manage.py "
        '"$$@"',
        "manage",
    ]


def test_the_manage_script_hands_words_over_as_they_are(tmp_path: Path):
    """With programs in its path that stand for root and for systemd-run, which halves every doubled dollar sign."""
    halves = 'import sys; print("\\n".join(word.replace("$$", "$") for word in sys.argv[1:]))'
    for name, text in {"id": "#!/bin/sh\necho 0\n", "systemd-run": f"#!{sys.executable}\n{halves}\n"}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    script = tmp_path / "desk-manage"
    script.write_text(transient.script(UNIT, Path("/opt/desk/current")))

    given = ["shell", "-c", "print('$HOME', \"a b\")", "*", ""]
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    said = subprocess.run(["sh", str(script), *given], env=environ, capture_output=True, text=True, check=True).stdout

    assert said.split("\nmanage\n")[1].splitlines() == given


def test_the_manage_script_is_roots(tmp_path: Path):
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    line = ["sh", "-c", transient.script(UNIT, Path("/opt/desk/current")), "desk-manage", "check"]
    done = subprocess.run(line, env=environ, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (
        1,
        "Management commands read the secrets, which are root's: run sudo desk-manage check\n",
    )


def test_a_role_and_a_database_are_made_once_and_quoted():
    sql = postgres.statements(role="desk-2", database="desk-2", password="it's")

    assert sql.splitlines()[2:] == [
        """SELECT 'CREATE ROLE "desk-2" LOGIN' WHERE NOT EXISTS"""
        """ (SELECT FROM pg_roles WHERE rolname = 'desk-2') \\gexec""",
        """ALTER ROLE "desk-2" LOGIN PASSWORD 'it''s';""",
        """SELECT 'CREATE DATABASE "desk-2" OWNER "desk-2" TEMPLATE template0 ENCODING ''UTF8'' LOCALE ''C.UTF-8'''"""
        """ WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'desk-2') \\gexec""",
    ]


def test_clusters_are_listed_the_newest_first():
    listing = (
        "15  main 5432 down   postgres /var/lib/postgresql/15/main /var/log/postgresql/15.log\n"
        "17  main 5433 online postgres /var/lib/postgresql/17/main /var/log/postgresql/17.log\n"
    )

    assert postgres.clusters(listing) == [
        Cluster(17, "main", "5433", online=True),
        Cluster(15, "main", "5432", online=False),
    ]


def test_the_redis_instance_takes_no_port_and_the_settings_of_every_target():
    lines = redis.configuration(STACK, "pw").splitlines()

    assert {"port 0", "unixsocket /run/redis-ticketing/redis.sock", "unixsocketperm 770", 'requirepass "pw"'} <= set(
        lines
    )
    assert {"maxmemory 76MB", "maxmemory-policy noeviction", "appendonly yes", 'save ""'} <= set(lines)


def test_units_are_fitted_to_prefix_and_user():
    units = Fit(Place("desk", Path("/srv")), "www-data").units(STACK)
    text = units["desk-web.service"]

    assert "ExecStart=/srv/desk/current/entrypoints/web.sh" in text
    assert "\nUser=www-data\nGroup=www-data\n" in text
    assert "/opt/" not in text
    assert "EnvironmentFile=-/etc/desk/env" in text
    assert {name for name in units if not name.startswith("desk")} == set()


def test_the_sockets_address_follows_the_settings():
    files = unit_files.drop_ins("desk", OWN, {"desk-web.service": ""})

    assert files["desk-web.socket.d/address.conf"].splitlines()[1:] == [
        "[Socket]",
        "ListenStream=",
        "ListenStream=[::1]:9000",
    ]


def test_servers_of_this_machine_are_all_that_is_reached():
    assert "desk-beat.service.d/servers.conf" not in unit_files.drop_ins("desk", OWN, {"desk-beat.service": ""})


@pytest.mark.parametrize("name", ["DB_HOST", "REDIS_HOST"])
@pytest.mark.parametrize("given", [{}, {"host": "db.example.org"}], ids=["as a url", "by name"])
def test_a_server_elsewhere_may_have_any_address(name, given):
    far = {**OWN, name: given.get("host", "")}

    files = unit_files.drop_ins("desk", far, {"desk-beat.service": ""})
    assert "\nIPAddressDeny=\n" in files["desk-beat.service.d/servers.conf"]


def test_the_usual_nodes_leave_what_a_type_takes():
    units = Fit(Place("desk"), "desk").units(STACK)
    name = "desk-worker@.service.d/queues.conf"

    told = unit_files.drop_ins("desk", {**OWN, "WORKERS": "2,pricing"}, units)[name]
    left = told.strip().rpartition("=")[2].split(",")
    assert {*left, *environment.queues_of(STACK, "worker-pricing")} == {*environment.queues(STACK)}
    assert "discounts" not in left
    assert name not in unit_files.drop_ins("desk", {**OWN, "WORKERS": "2"}, units)


def test_what_the_installer_made_is_found_and_an_operators_edit_is_not(tmp_path: Path):
    for name in ("queues.conf", "override.conf"):
        unit_files.write_all(tmp_path, {f"desk-worker@.service.d/{name}": ""})

    found = unit_files.drop_ins_there(tmp_path, "desk", ["desk-worker@.service"])
    assert found == ["desk-worker@.service.d/queues.conf"]


def test_unit_files_are_exchanged_and_others_left_alone(tmp_path: Path):
    for name in ("desk-old.service", "desk-web.service", "other.service"):
        (tmp_path / name).write_text("old")

    unit_files.exchange(tmp_path, {"desk-old.service", "desk-web.service"}, {"desk-web.service": "new"})

    found = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert found == {"desk-web.service": "new", "other.service": "old"}


def test_no_empty_directory_is_left_of_a_drop_in(tmp_path: Path):
    (mine, theirs) = (f"desk-{name}.service.d/queues.conf" for name in ("worker@", "beat"))
    unit_files.write_all(tmp_path, {mine: "", theirs: "", "desk-beat.service.d/override.conf": ""})

    unit_files.exchange(tmp_path, {mine, theirs}, {})

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["desk-beat.service.d", "override.conf"]


def test_the_line_that_says_what_went_wrong_is_preferred_to_the_last():
    assert systemctl.worst(["starting", "RuntimeError: broken", "bye"]) == "RuntimeError: broken"
    assert systemctl.worst(["starting", "bye"]) == "bye"
    traced = '{"event": "Exception in worker process", "level": "error", "exc": "Traceback: broken"}'
    assert systemctl.worst([traced, '{"event": "Worker failed to boot.", "level": "error"}']) == traced

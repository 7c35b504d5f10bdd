import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bundle.errors import BundleError
from bundle.systemd import plan, record
from bundle.systemd.plan import Plan, Servers
from bundle.systemd.postgres import Cluster
from bundle.systemd.record import Record
from bundle.systemd.request import Request

Typed = Callable[..., Request]
CLUSTER = Cluster(17, "main", "5433", online=True)


def planned(request: Request, before: Record | None = None) -> Plan:
    """Plan as the installer does, on a machine whose PostgreSQL listens on 5433."""
    found = plan.servers(request, before)
    return plan.make(request, found, CLUSTER if found.own_database else None)


def installed(request: Request, made: Plan) -> Record:
    """Leave behind what an installation leaves."""
    place = request.place
    place.at(place.credentials).mkdir(parents=True, exist_ok=True)
    place.at(place.settings).write_text(made.settings)
    for file in place.at(place.credentials).iterdir():
        file.unlink()
    for name, value in made.credentials.items():
        (place.at(place.credentials) / name).write_text(value + "\n")
    own = made.servers
    return Record("r1", "/opt", "ticketing", made.digest, own.own_database, own.own_redis)


def test_without_addresses_the_servers_are_debians(typed: Typed):
    made = planned(typed())

    assert made.servers == Servers(own_database=True, own_redis=True)
    assert made.values == {
        "WEB_PORT": "8000",
        "WEB_BIND": "127.0.0.1",
        "WORKERS": "1",
        "DB_HOST": "127.0.0.1",
        "DB_PORT": "5433",
        "DB_NAME": "ticketing",
        "DB_USER": "ticketing",
        "REDIS_HOST": "/run/redis-ticketing/redis.sock",
    }
    assert sorted(made.credentials) == [
        "alert_webhook",
        "db_password",
        "email_host_password",
        "metrics_token",
        "redis_password",
        "secret_key",
        "webhook_secret",
    ]
    assert [name for name, value in made.credentials.items() if len(value) <= 40] == ["alert_webhook"]


def test_the_same_command_again_plans_the_same(typed: Typed):
    made = planned(typed())
    before = installed(typed(), made)

    again = planned(typed(), before)

    assert (again.settings, again.credentials, again.servers) == (made.settings, made.credentials, made.servers)
    assert again.digest == before.applied


def test_an_address_is_kept_as_a_credential_and_never_in_the_settings(typed: Typed):
    made = planned(typed(DATABASE_URL="postgresql://desk:s3cret@db.example.org/desk", REDIS_URL="rediss://:pw@r/0"))

    assert made.servers == Servers(own_database=False, own_redis=False)
    assert made.credentials["database_url"] == "postgresql://desk:s3cret@db.example.org/desk"
    assert made.credentials["redis_url"] == "rediss://:pw@r/0"
    assert "s3cret" not in made.settings and "DB_" not in "".join(made.values)


def test_a_given_server_stays_given(typed: Typed):
    before = installed(typed(), planned(typed(DATABASE_URL="postgresql://a:b@c/d", REDIS_HOST="10.0.0.6")))
    again = planned(typed(), before)

    assert again.servers == Servers(own_database=False, own_redis=False)
    assert again.credentials["database_url"] == "postgresql://a:b@c/d"
    assert again.values["REDIS_HOST"] == "10.0.0.6"


def test_a_server_can_be_given_after_debians(typed: Typed):
    before = installed(typed(), planned(typed()))
    moved = planned(typed(DB_HOST="10.0.0.5", DB_PASSWORD="theirs"), before)

    assert moved.servers == Servers(own_database=False, own_redis=True)
    assert moved.credentials["db_password"] == "theirs"
    assert {name: value for name, value in moved.values.items() if name.startswith("DB_")} == {"DB_HOST": "10.0.0.5"}


def test_an_address_takes_back_what_named_the_server_before(typed: Typed):
    before = installed(typed(), planned(typed(DATABASE_URL="postgresql://a:b@c/d")))
    moved = planned(typed(DB_HOST="10.0.0.5", DB_PASSWORD="theirs"), before)

    assert "database_url" not in moved.credentials
    assert "database_url" in moved.dropped


def test_a_given_redis_without_a_password_gets_none(typed: Typed):
    assert planned(typed(REDIS_HOST="10.0.0.6")).credentials["redis_password"] == ""


def test_a_given_database_needs_its_password(typed: Typed):
    with pytest.raises(BundleError, match="DB_HOST names an existing PostgreSQL but no password is given"):
        planned(typed(DB_HOST="10.0.0.5"))


def test_an_operators_edit_is_kept_and_noticed(typed: Typed):
    made = planned(typed())
    before = installed(typed(), made)
    file = typed().place.at(typed().place.settings)
    file.write_text(file.read_text().replace("WEB_PORT=8000", "WEB_PORT=9000\nLOG_LEVEL=DEBUG\n# mine"))
    edited = planned(typed(), before)

    assert (edited.values["LOG_LEVEL"], edited.asked.port, "# mine" in edited.settings) == ("DEBUG", 9000, True)
    assert edited.digest != before.applied


def test_the_command_wins_over_what_was_kept(typed: Typed):
    before = installed(typed(), planned(typed(WEB_PORT="9000", WORKERS="2", LOG_LEVEL="DEBUG")))
    changed = planned(typed(WEB_PORT="9001", LOG_LEVEL="INFO"), before)

    assert [changed.values[name] for name in ("WEB_PORT", "WORKERS", "LOG_LEVEL")] == ["9001", "2", "INFO"]


def test_a_secret_is_made_once(typed: Typed):
    before = installed(typed(), planned(typed()))

    assert planned(typed(), before).credentials == planned(typed(), before).credentials


def test_what_only_the_operator_knows_is_empty_until_it_is_given_and_then_kept(typed: Typed):
    unset, given = planned(typed()), planned(typed(ALERT_WEBHOOK="https://example.org/hook"))

    assert unset.credentials["alert_webhook"] == ""
    assert planned(typed(), installed(typed(), given)).credentials["alert_webhook"] == "https://example.org/hook"


def test_a_record_is_read_back(tmp_path: Path):
    made = Record("r1", "/opt", "desk", "abc", own_database=True, own_redis=False, secrets=["a"])
    record.save(tmp_path / "installed.json", made)

    assert record.load(tmp_path / "installed.json") == made
    assert (tmp_path / "installed.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "[]", json.dumps({"release": "x"}), "{"])
def test_a_broken_record_is_none(tmp_path: Path, text: str):
    (tmp_path / "installed.json").write_text(text)

    assert record.load(tmp_path / "installed.json") is None

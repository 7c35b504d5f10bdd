"""Whoever asks for TLS gets it verified, by every client that opens a connection; anything less is refused."""

import ssl
from pathlib import Path

import pytest
import redis
from kombu import Connection
from kombu.transport.redis import Channel

from config import addresses
from config.env import Environment, EnvironmentRefusedError

REDIS_PARTS = {"REDIS_HOST": "redis.example.org", "REDIS_PASSWORD": "p"}
DATABASE = "postgresql://u:p@db.example.org/n"


@pytest.fixture
def ca(tmp_path: Path) -> str:
    file = tmp_path / "ca.pem"
    file.touch()
    return str(file)


def options(**values: str) -> dict[str, object]:
    return addresses.database(Environment(values), application="a")["OPTIONS"]


# --- PostgreSQL


def test_a_ca_makes_postgres_verify_certificate_and_name(ca):
    for values in ({"DB_HOST": "db.example.org", "DB_PASSWORD": "p"}, {"DATABASE_URL": DATABASE}):
        given = options(**values, DB_CA_FILE=ca)

        assert (given["sslmode"], given["sslrootcert"]) == ("verify-full", ca)


def test_what_a_database_address_says_of_tls_reaches_libpq():
    given = options(DATABASE_URL=f"{DATABASE}?sslmode=verify-full&sslrootcert=/ca.pem&target_session_attrs=read-write")

    assert (given["sslmode"], given["sslrootcert"]) == ("verify-full", "/ca.pem")
    assert given["target_session_attrs"] == "read-write"


def test_a_database_without_a_ca_is_asked_as_libpq_asks():
    assert "sslmode" not in options(DB_HOST="db", DB_PASSWORD="p")
    assert options(DATABASE_URL=f"{DATABASE}?sslmode=disable")["sslmode"] == "disable"


@pytest.mark.parametrize("mode", ["allow", "prefer", "require", "verify-ca"])
def test_a_mode_that_does_not_verify_who_answers_is_refused(mode):
    with pytest.raises(EnvironmentRefusedError, match=f"sslmode={mode}, which does not verify who answers"):
        options(DATABASE_URL=f"{DATABASE}?sslmode={mode}")


@pytest.mark.parametrize("mode", ["disable", "require"])
def test_a_ca_with_a_weaker_mode_is_refused(mode, ca):
    with pytest.raises(EnvironmentRefusedError, match=f"sslmode={mode}, which does not verify who answers"):
        options(DATABASE_URL=f"{DATABASE}?sslmode={mode}", DB_CA_FILE=ca)


def test_verification_without_a_ca_is_refused():
    with pytest.raises(EnvironmentRefusedError, match="name the server's CA in DB_CA_FILE"):
        options(DATABASE_URL=f"{DATABASE}?sslmode=verify-full")


def test_two_different_cas_are_refused(ca):
    with pytest.raises(EnvironmentRefusedError, match="DB_CA_FILE and the address name different CA files"):
        options(DATABASE_URL=f"{DATABASE}?sslrootcert=/other.pem", DB_CA_FILE=ca)


@pytest.mark.parametrize("name", ["DB_CA_FILE", "REDIS_CA_FILE"])
def test_a_ca_that_cannot_be_read_is_refused_by_name(name):
    env = Environment({"DB_PASSWORD": "p", **REDIS_PARTS, name: "/nowhere/ca.pem"})

    with pytest.raises(EnvironmentRefusedError, match=f"{name}='/nowhere/ca.pem' cannot be read: No such file"):
        addresses.database(env, application="a")
        addresses.redis_roles(env)


# --- Redis: what counts is what the two clients make of the address


def as_kombu(url: str) -> dict[str, object]:
    """Return what Celery's transport would open a connection with."""
    connection = Connection(url)
    channel = object.__new__(Channel)
    channel.connection = type("Transport", (), {"client": connection, "default_port": 6379})()
    return channel._connparams()


def as_redis_py(url: str) -> redis.connection.AbstractConnection:
    return redis.Redis.from_url(url).connection_pool.make_connection()


@pytest.mark.parametrize(
    "values",
    [
        REDIS_PARTS,
        {"REDIS_URL": "rediss://:p@redis.example.org"},
        {"REDIS_URL": "rediss://:p@redis.example.org:7/3?ssl_cert_reqs=CERT_REQUIRED"},
        {"REDIS_URL": "rediss://a/0", "CELERY_BROKER_URL": "rediss://b/0?ssl_cert_reqs=required"},
    ],
)
def test_both_clients_verify_certificate_and_name_against_the_ca(values, ca):
    general, broker = addresses.redis_roles(Environment({**values, "REDIS_CA_FILE": ca}))

    given, own = as_kombu(broker), as_redis_py(general)
    assert (given["ssl_cert_reqs"], given["ssl_check_hostname"], given["ssl_ca_certs"]) == (
        ssl.CERT_REQUIRED,
        True,
        ca,
    )
    assert issubclass(given["connection_class"], redis.SSLConnection)
    assert isinstance(own, redis.SSLConnection)
    assert (own.cert_reqs, own.check_hostname, own.ca_certs) == (ssl.CERT_REQUIRED, True, ca)


def test_rediss_verifies_without_a_ca_of_its_own_too():
    """kombu alone would verify nothing and say so in a warning."""
    _, broker = addresses.redis_roles(Environment({"REDIS_URL": "rediss://redis.example.org"}))

    assert as_kombu(broker)["ssl_cert_reqs"] == ssl.CERT_REQUIRED


def test_a_ca_turns_tls_on_for_host_port_and_user(ca):
    values = {**REDIS_PARTS, "REDIS_PORT": "7", "REDIS_USER": "desk", "REDIS_CA_FILE": ca}

    general, _ = addresses.redis_roles(Environment(values))

    assert general.startswith("rediss://desk:p@redis.example.org:7/0?")


@pytest.mark.parametrize("weak", ["ssl_cert_reqs=none", "ssl_cert_reqs=CERT_OPTIONAL", "ssl_check_hostname=false"])
@pytest.mark.parametrize("name", ["REDIS_URL", "CELERY_BROKER_URL"])
def test_an_address_that_would_verify_nothing_is_refused(name, weak):
    with pytest.raises(EnvironmentRefusedError, match=f"{name} has {weak}, which verifies nothing"):
        addresses.redis_roles(Environment({name: f"rediss://redis.example.org/5?{weak}"}))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"REDIS_URL": "redis://r/0"}, "REDIS_URL"),
        ({"REDIS_URL": "rediss://r/0", "CELERY_BROKER_URL": "redis://r/1"}, "CELERY_BROKER_URL"),
        ({"REDIS_HOST": "/run/redis.sock"}, "REDIS_HOST"),
    ],
)
def test_a_ca_for_an_address_without_tls_is_refused(values, name, ca):
    with pytest.raises(EnvironmentRefusedError, match=f"REDIS_CA_FILE asks for TLS, which {name} does not use"):
        addresses.redis_roles(Environment({**values, "REDIS_CA_FILE": ca}))


def test_the_same_database_is_found_behind_different_words(ca):
    values = {"REDIS_URL": "rediss://r/1", "CELERY_BROKER_URL": "rediss://r/1?ssl_cert_reqs=required"}

    with pytest.raises(EnvironmentRefusedError, match="share a database"):
        addresses.redis_roles(Environment({**values, "REDIS_CA_FILE": ca}))

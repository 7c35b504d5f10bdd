"""One address each for PostgreSQL and Redis; a contradiction is refused."""

import pytest

from config import addresses
from config.env import Environment, EnvironmentRefusedError


def test_the_redis_databases_are_derived_from_host_port_and_password():
    env = Environment({"REDIS_HOST": "r", "REDIS_PORT": "7", "REDIS_PASSWORD": "p/w"})

    assert addresses.redis_general(env) == "redis://:p%2Fw@r:7/0"
    assert addresses.redis_broker(env) == "redis://:p%2Fw@r:7/1"


def test_the_broker_follows_redis_url_into_its_own_database():
    assert addresses.redis_broker(Environment({"REDIS_URL": "rediss://r:7/0"})) == "rediss://r:7/1"


def test_a_redis_host_that_is_a_path_is_a_unix_socket():
    env = Environment({"REDIS_HOST": "/run/r.sock", "REDIS_PASSWORD": "p"})

    assert addresses.redis_broker(env) == "redis+socket://:p@/run/r.sock?virtual_host=1"


def test_a_database_url_replaces_the_separate_parts():
    env = Environment({"DATABASE_URL": "postgresql://u:p@h:6/n", "DB_HOST": "h"})

    entry = addresses.database(env, application="a")

    assert [entry[key] for key in ("HOST", "PORT", "NAME", "USER", "PASSWORD")] == ["h", "6", "n", "u", "p"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"DATABASE_URL": "postgresql://u:p@h/n", "DB_HOST": "other"}, "DATABASE_URL and DB_HOST name different"),
        ({"DATABASE_URL": "postgresql://u:p@h/n", "DB_NAME": "m"}, "DATABASE_URL and DB_NAME name different"),
        ({"DATABASE_URL": "sqlite:///x"}, "DATABASE_URL names SQLite, which has no row locks to skip"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL is not an accepted address: begin it with postgresql://"),
    ],
)
def test_a_contradiction_between_database_addresses_is_refused(values, sentence):
    with pytest.raises(EnvironmentRefusedError, match=sentence):
        addresses.database(Environment(values), application="a")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"REDIS_URL": "redis://a/0", "REDIS_HOST": "b"}, "REDIS_URL and REDIS_HOST name different servers"),
        ({"REDIS_URL": "redis://a/1", "CELERY_BROKER_URL": "redis://a/1"}, "share a database"),
        ({"REDIS_URL": "redis://a", "CELERY_BROKER_URL": "redis://a/0"}, "share a database"),
    ],
)
def test_a_contradiction_between_redis_addresses_is_refused(values, sentence):
    with pytest.raises(EnvironmentRefusedError, match=sentence):
        addresses.redis_roles(Environment(values))

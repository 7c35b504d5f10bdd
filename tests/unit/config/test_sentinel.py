"""sentinel:// addresses: what is read from them, what kombu makes of that, and what stops the start."""

import pytest
from kombu import Connection

from config import addresses, sentinel
from config.env import Environment, EnvironmentRefusedError

ADDRESS = "sentinel://desk:p%2Fw@one:26380/1;sentinel://two;sentinel://[::1]:7?master_name=main"


def test_an_address_names_the_sentinels_the_master_and_how_to_speak_to_it():
    found = sentinel.read("CELERY_BROKER_URL", ADDRESS)

    assert found.nodes == (("one", 26380), ("two", 26379), ("[::1]", 7))
    assert (found.master_name, found.login, found.database) == ("main", "desk:p%2Fw@", 1)


def test_kombu_speaks_alike_to_the_master_by_whichever_sentinel():
    url, options = sentinel.for_kombu(addresses.redis_broker(Environment({"CELERY_BROKER_URL": ADDRESS})))
    connection = Connection(url, transport_options=options)
    spoken = []
    for part in connection.alt:
        connection.switch(part)
        spoken.append((connection.hostname, connection.port, connection.password, connection.virtual_host))

    assert options == {"master_name": "main"}
    assert [host for host, *_ in spoken] == ["one", "two", "::1"]
    assert {tuple(others) for _, _, *others in spoken} == {("p/w", "1")}


def test_the_broker_follows_a_general_address_into_its_own_database():
    env = Environment({"REDIS_URL": "sentinel://:p@one;sentinel://two/?master_name=main"})

    assert addresses.redis_roles(env) == (
        "sentinel://:p@one:26379/0;sentinel://:p@two:26379/0?master_name=main",
        "sentinel://:p@one:26379/1;sentinel://:p@two:26379/1?master_name=main",
    )


def test_any_other_address_is_left_as_it_is():
    assert sentinel.for_kombu("redis://r:7/1") == ("redis://r:7/1", {})


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("sentinel://one/1", "must say which master its sentinels watch"),
        ("sentinel://one/1?master_name=", "must say which master its sentinels watch"),
        ("sentinel://one/1?master_name=m&db=2", "must say which master its sentinels watch, and nothing else"),
        ("sentinel://one;redis://two?master_name=m", "has a part that is not the address of a sentinel"),
        ("sentinel://one;two:26379?master_name=m", "has a part that is not the address of a sentinel"),
        ("sentinel://one;?master_name=m", "has a part that is not the address of a sentinel"),
        ("sentinel://one/1;sentinel://two/2?master_name=m", "has two logins or two databases for one master"),
        ("sentinel://one;sentinel://:p@two?master_name=m", "has two logins or two databases for one master"),
        ("sentinel://one/desk?master_name=m", "names no database by its number"),
        ("sentinel://one:99999?master_name=m", "has a port that is none"),
    ],
)
def test_what_is_not_understood_is_refused_without_the_password(address, sentence):
    with pytest.raises(EnvironmentRefusedError, match=f"^CELERY_BROKER_URL {sentence}.*: write it as sentinel://"):
        addresses.redis_roles(Environment({"CELERY_BROKER_URL": address.replace("://one", "://:hidden@one")}))


def test_one_database_for_both_roles_is_refused():
    with pytest.raises(EnvironmentRefusedError, match="share a database"):
        addresses.redis_roles(Environment({"REDIS_URL": ADDRESS, "CELERY_BROKER_URL": ADDRESS}))

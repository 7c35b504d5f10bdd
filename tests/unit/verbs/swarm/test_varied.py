from collections.abc import Callable

import pytest

from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.swarm import state, varied

Typed = Callable[..., Invocation]
FILES = {"DB_PASSWORD_FILE": "db", "REDIS_PASSWORD_FILE": "r", "DB_CA_FILE": "ca", "REDIS_CA_FILE": "ca"}
EXTERNAL = {"OVERLAY": "external", "DB_HOST": "db.example.org", "REDIS_HOST": "r.example.org", **FILES}


def running(overlays: str) -> list[state.Service]:
    return [state.Service({"Spec": {"Name": "shop_backend", "Labels": {varied.LABEL: overlays}}}, "shop")]


@pytest.fixture
def external(typed: Typed) -> Invocation:
    asked = typed(**EXTERNAL)
    for name in FILES.values():
        (asked.root / name).write_text(name)
    return asked


def test_without_servers_of_its_own_the_stack_asks_for_addresses_and_files(external: Invocation) -> None:
    whole = varied.document(external)

    assert {"db", "redis"} & whole["services"].keys() == set()
    assert whole["services"]["backend"]["environment"]["DB_HOST"].startswith("${DB_HOST:?")
    assert whole["configs"]["db_ca_file"]["name"] == "${STACK_NAME:-ticketing}-db_ca_file-${DB_CA_FILE_VERSION:-1}"


def test_the_content_of_a_secret_is_where_the_start_says(external: Invocation) -> None:
    found = varied.secret_files(external)

    assert found["db_password"] == external.root / "db"
    assert found["secret_key"] == external.secrets_dir / "secret_key"


def test_an_overlay_is_not_forgotten_by_a_later_start(typed: Typed, external: Invocation) -> None:
    varied.refuse(external, running("external"))

    with pytest.raises(BundleError, match="was started with OVERLAY=external: repeat it so"):
        varied.refuse(typed(), running("external"))
    with pytest.raises(BundleError, match="was started with no OVERLAY: repeat it so"):
        varied.refuse(external, running(""))


def test_what_an_overlay_needs_is_asked_for_by_name(typed: Typed) -> None:
    with pytest.raises(BundleError, match="OVERLAY=external needs DB_HOST, "):
        varied.refuse(typed(OVERLAY="external"), [])


def test_a_checkout_is_not_mounted_on_other_nodes(typed: Typed) -> None:
    with pytest.raises(BundleError, match="use RUNTIME=containers"):
        varied.refuse(typed(OVERLAY="dev"), [])

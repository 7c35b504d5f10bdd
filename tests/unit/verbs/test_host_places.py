import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bundle.errors import BundleError
from bundle.host import environment, identity, servers, sockets
from bundle.host.environment import Embedded, Place
from bundle.invocation import Invocation
from tests.checkout import ROOT, STACK


def test_sockets_lie_beside_the_data_where_the_path_is_short() -> None:
    assert sockets.directory(Path("/srv/desk/.run/shop"), {}) == Path("/srv/desk/.run/shop/sockets")


def test_sockets_move_to_the_runtime_directory_where_the_path_is_long() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as runtime:
        chosen = sockets.directory(Path("/srv") / ("x" * 90) / ".run" / "shop", {"XDG_RUNTIME_DIR": runtime})

    assert chosen.parent == Path(runtime)
    assert chosen.name.startswith(f"deskbeat-{os.geteuid()}-")


def test_every_socket_path_is_bindable_wherever_the_checkout_lies() -> None:
    for depth in (1, 60, 100, 200):
        chosen = sockets.directory(Path("/srv") / ("x" * depth) / ".run" / "shop", {})
        assert len(str(chosen / sockets.LONGEST_NAME)) <= sockets.LONGEST_PATH


def test_two_stacks_never_share_a_short_directory() -> None:
    long = Path("/srv") / ("x" * 90) / ".run"

    assert sockets.directory(long / "a", {}) != sockets.directory(long / "b", {})


def test_the_socket_directory_is_private(tmp_path: Path) -> None:
    sockets.prepare(tmp_path / "s")

    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700


def test_a_link_in_the_place_of_the_socket_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "s").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(BundleError, match="belongs to somebody else"):
        sockets.prepare(tmp_path / "s")


def test_an_ordinary_user_starts_postgresql_as_it_is() -> None:
    assert identity.choose([], root=False) == ()


def test_root_prefers_a_user_namespace() -> None:
    assert identity.choose([], root=True, tried=lambda prefix: True) == identity.NAMESPACE


def test_root_without_a_namespace_takes_an_account_that_can_reach_the_data(tmp_path: Path) -> None:
    assert (
        identity.choose([Path("/usr/bin")], root=True, tried=lambda prefix: prefix[0] == "setpriv") == identity.ACCOUNT
    )


def test_root_is_refused_where_no_other_account_can_reach_the_data(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(BundleError, match="PostgreSQL refuses to run as root"):
        identity.choose([closed / "data"], root=True, tried=lambda prefix: prefix[0] == "setpriv")


def test_the_entrypoint_drops_root_in_the_same_words() -> None:
    script = (ROOT / "entrypoints" / "host-postgres.sh").read_text()

    for prefix in (identity.NAMESPACE, identity.ACCOUNT):
        assert f'{identity.word(prefix)}) exec {" ".join(prefix)} "$@"' in script


def test_versions_are_read_from_what_the_servers_print() -> None:
    assert servers.postgres_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)") == 15
    assert servers.postgres_version("postgres (PostgreSQL) 19devel") == 19
    assert servers.redis_version("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64") == (7, 0)
    assert servers.redis_version("zsh: not found") == (0, 0)


def test_data_of_a_version_that_is_not_installed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")

    with pytest.raises(BundleError, match="was made by PostgreSQL 9, which is not installed here"):
        servers.postgres(tmp_path / ".venv", path="/nowhere", data=tmp_path)


def test_no_redis_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="give an existing server with REDIS_HOST or REDIS_URL"):
        servers.redis(tmp_path, path=str(tmp_path))


def test_settings_are_what_programs_read_and_not_what_make_reads() -> None:
    names = environment.settings(STACK)

    assert {"DB_PASSWORD", "DB_PASSWORD_FILE", "LOG_LEVEL", "WEB_LISTEN", "PGDATA"} <= names
    assert {"WEB_PORT", "CMD", "RUNTIME", "PATH"} & names == set()


@pytest.fixture
def place(typed: Callable[..., Invocation], tmp_path: Path) -> Callable[..., Place]:
    return lambda **environ: Place(typed(STACK_NAME="shop", WEB_PORT="8123", **environ), tmp_path / "s")


EMBEDDED = Embedded(Path("/pg/bin"), identity.NAMESPACE, Path("/redis-server"), major=18)


def test_embedded_servers_are_reached_by_private_sockets_and_password_files(
    place: Callable[..., Place], tmp_path: Path
) -> None:
    typed = place(DB_PASSWORD="other", MAKEFLAGS="j", CMD="shell")

    built = environment.build(typed, EMBEDDED, supervisor_password="p")

    assert built["DB_HOST"] == str(tmp_path / "s")
    assert built["DB_PASSWORD"] == ""
    assert built["DB_PASSWORD_FILE"] == str(tmp_path / ".run/shop/secrets/db_password")
    assert built["REDIS_HOST"] == str(tmp_path / "s" / "redis.sock")
    assert built["POSTGRES_AS"] == "namespace"
    assert built["WEB_LISTEN"] == "127.0.0.1:8123"
    assert built["PATH"] == f"{tmp_path}/.venv/bin:/usr/bin"
    assert {"MAKEFLAGS", "CMD", "WEB_PORT"} & built.keys() == set()


def test_the_programs_are_told_where_every_secret_of_theirs_lies(place: Callable[..., Place], tmp_path: Path) -> None:
    built = environment.build(place(WEBHOOK_SECRET="mine"), Embedded(), supervisor_password="p")

    named = {name.removesuffix("_FILE"): file for name, file in built.items() if "/secrets/" in file}
    names = ("SECRET_KEY", "METRICS_TOKEN", "EMAIL_HOST_PASSWORD", "ALERT_WEBHOOK")
    assert named == {name: f"{tmp_path}/.run/shop/secrets/{name.lower()}" for name in names}


def test_existing_servers_keep_the_addresses_that_the_user_gave(place: Callable[..., Place]) -> None:
    given = place(DATABASE_URL="postgresql://u:p@db/x", REDIS_URL="redis://r/0", SECRET_KEY="k" * 50)

    built = environment.build(given, Embedded(), supervisor_password="p")

    assert built["DATABASE_URL"] == "postgresql://u:p@db/x"
    assert {"DB_HOST", "DB_PASSWORD_FILE", "REDIS_HOST", "SECRET_KEY_FILE", "PGDATA"} & built.keys() == set()


def test_an_existing_server_without_a_password_is_refused() -> None:
    with pytest.raises(BundleError, match="set DB_PASSWORD or DB_PASSWORD_FILE"):
        environment.refuse_without_password({"DB_HOST": "db.example.org"})

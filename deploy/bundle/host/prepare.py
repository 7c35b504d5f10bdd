"""Everything that must be there before the first program starts: packages, servers, directories, data, static files."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from bundle import terminal, venv
from bundle.errors import BundleError
from bundle.host import identity, postgres, servers, sockets, static
from bundle.host.environment import DATABASE_ELSEWHERE, REDIS_ELSEWHERE, Embedded, Place, elsewhere
from bundle.logs import tail
from bundle.process import capture
from bundle.runtimes import MANAGE
from bundle.secrets import value

# How much of a failed program's words is quoted.
LINES = 12


def packages(place: Place) -> bool:
    """Install what the lock says; True when something had to be installed."""
    had = venv.current(place.invocation.root, "host", place.venv)
    venv.ensure(place.invocation.root, "host", place.venv)
    return not had


def embedded(place: Place) -> Embedded:
    """Choose the servers that this stack runs itself."""
    environ = place.invocation.environ
    path = environ.get("PATH")
    own_redis = None if elsewhere(environ, REDIS_ELSEWHERE) else servers.redis(place.venv, path=path)
    if elsewhere(environ, DATABASE_ELSEWHERE):
        return Embedded(redis=own_redis)
    found = servers.postgres(place.venv, path=path, data=place.postgres)
    prefix = identity.choose([found.directory / "postgres", place.postgres], root=identity.needed())
    return Embedded(found.directory, prefix, own_redis, major=found.major)


def everything(place: Place, servers_here: Embedded, environ: Mapping[str, str]) -> None:
    directories(place)
    data(place, servers_here)
    static_files(place, environ)


def directories(place: Place) -> None:
    for path in (place.invocation.run_dir, place.invocation.logs_dir, place.redis):
        path.mkdir(parents=True, exist_ok=True)
    place.redis.chmod(0o700)
    sockets.prepare(place.sockets)


def data(place: Place, servers_here: Embedded) -> None:
    """Make the database's directory when there is none yet, and let the right account own it."""
    if servers_here.postgres is None:
        return
    if not servers.data_version(place.postgres):
        with terminal.step(f"Making the data directory of PostgreSQL {servers_here.major}"):
            _initialise(place, servers_here)
    identity.hand_over(servers_here.postgres_prefix, [place.sockets, place.postgres])


def _initialise(place: Place, servers_here: Embedded) -> None:
    """Work in a draft and rename it: a start that was cut short leaves nothing that looks like data."""
    draft, password_file = (place.postgres.with_name(f"postgres.{part}") for part in ("draft", "password"))
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    password_file.touch(mode=0o600)
    password_file.write_text(value(place.invocation.secret_file("DB_PASSWORD")), encoding="ascii")
    prefix = servers_here.postgres_prefix
    made = servers.Postgres(servers_here.postgres or Path(), servers_here.major)
    try:
        identity.hand_over(prefix, [draft, password_file])
        first = postgres.initdb(made, draft, user=place.default("DB_USER"), password_file=password_file)
        then = postgres.single(made, draft)
        postgres.initialise([*prefix, *first], [*prefix, *then], database=place.default("DB_NAME"))
    finally:
        password_file.unlink()
    draft.rename(place.postgres)


def static_files(place: Place, environ: Mapping[str, str]) -> None:
    """Collect the web's static files, when their sources have changed."""

    def collect() -> None:
        with terminal.step("Collecting static files"):
            _run_manage(place, environ, "collectstatic", "--noinput", "--verbosity=0")

    static.ensure(place.invocation.root, collect)


def migrate(place: Place, environ: Mapping[str, str]) -> None:
    """Migrate and sync the schedules, once per start; its words go to logs/migrate.log and, on failure, to the user."""
    with terminal.step("Migrating the database"):
        result = capture([str(place.invocation.root / "entrypoints" / "migrate.sh")], env=environ)
    log = place.invocation.logs_dir / "migrate.log"
    log.write_text(result.out + result.err, encoding="utf-8")
    if not result.ok:
        told = tail(result.out + result.err, lines=LINES)
        raise BundleError(*told, f"The migration failed; all it said is in {place.invocation.shown(log)}.")


def manage(place: Place, *words: str) -> list[str]:
    """Build the line that runs a management command on this stack."""
    root = place.invocation.root
    return [str(place.venv / "bin" / "python"), str(root / MANAGE), *words]


def _run_manage(place: Place, environ: Mapping[str, str], *words: str) -> None:
    result = capture(manage(place, *words), env=environ)
    if not result.ok:
        raise BundleError(f"`manage.py {' '.join(words)}` failed: {result.last_words}")

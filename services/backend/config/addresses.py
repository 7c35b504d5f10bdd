"""Where PostgreSQL and Redis are: one address each, from a URL or from host, port and password."""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from psycopg.conninfo import conninfo_to_dict

from config import sentinel, tls
from config.env import Environment, EnvironmentRefusedError

DATABASE_PARTS = {"host": "DB_HOST", "port": "DB_PORT", "dbname": "DB_NAME", "user": "DB_USER"}
REDIS_SCHEMES = ("redis", "rediss", "redis+socket", "sentinel")
# One database per role: a flush of one role must not empty another (the general one is 0).
BROKER_DATABASE = 1


def database(env: Environment, *, application: str) -> dict[str, Any]:
    """Build Django's DATABASES entry. DB_HOST may be the directory of a unix socket.

    What else DATABASE_URL says (sslmode, target_session_attrs, ...) is handed to libpq as it is.
    """
    parts = _database_parts(env)
    pool_size = env.integer("DB_POOL_SIZE", default=0)
    further = {name: value for name, value in parts.items() if name not in (*DATABASE_PARTS, "password")}
    options: dict[str, Any] = {"connect_timeout": 5, "application_name": application} | tls.database(env, further)
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parts["host"],
        "PORT": parts["port"],
        "NAME": parts["dbname"],
        "USER": parts["user"],
        "PASSWORD": parts["password"],
        # A pool keeps connections itself; without one (worker, beat) a connection serves many tasks.
        "CONN_MAX_AGE": 0 if pool_size else 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _database_parts(env: Environment) -> dict[str, str]:
    separate = {
        "host": env.text("DB_HOST", default="localhost"),
        "port": str(env.integer("DB_PORT", default=5432, minimum=1)),
        "dbname": env.text("DB_NAME", default="ticketing"),
        "user": env.text("DB_USER", default="postgres"),
    }
    url = _database_url(env)
    if not url:
        return separate | {"password": env.secret("DB_PASSWORD")}
    given = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    for part, name in DATABASE_PARTS.items():
        if env.given(name) and given.get(part, separate[part]) != separate[part]:
            raise EnvironmentRefusedError(f"DATABASE_URL and {name} name different databases: keep one of them.")
    return separate | {"password": given.get("password") or env.secret("DB_PASSWORD")} | given


def _database_url(env: Environment) -> str:
    url = env.secret("DATABASE_URL", required=False)
    if url.startswith("sqlite"):
        raise EnvironmentRefusedError(
            "DATABASE_URL names SQLite, which has no row locks to skip: use postgresql://, or run"
            " `make up RUNTIME=host`, which brings an embedded PostgreSQL."
        )
    return env.url("DATABASE_URL", schemes=("postgresql", "postgres"))


def redis_roles(env: Environment) -> tuple[str, str]:
    """Return the addresses of the general database and of the broker; one database for both is refused."""
    server = "REDIS_URL" if env.secret("REDIS_URL", required=False) else "REDIS_HOST"
    own = "CELERY_BROKER_URL" if env.secret("CELERY_BROKER_URL", required=False) else server
    general, broker = tls.redis(env, server, redis_general(env)), tls.redis(env, own, redis_broker(env))
    if _same_database(general, broker):
        raise EnvironmentRefusedError(
            "REDIS_URL and CELERY_BROKER_URL share a database, and emptying one empties the other: number them apart."
        )
    return general, broker


def _same_database(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    if (first.hostname, first.port or 6379) != (second.hostname, second.port or 6379):
        return False
    return (first.path.strip("/") or "0", first.query) == (second.path.strip("/") or "0", second.query)


def redis_general(env: Environment) -> str:
    """Return the address of the general database (0): Channels, probes."""
    url = _redis_given(env, "REDIS_URL")
    if url and env.given("REDIS_HOST") and urlsplit(url).hostname != env.text("REDIS_HOST"):
        raise EnvironmentRefusedError("REDIS_URL and REDIS_HOST name different servers: keep one of them.")
    return url or _redis_derived(env, database=0)


def redis_broker(env: Environment) -> str:
    """Return the address of the broker (database 1 of the general server unless it has its own)."""
    url = _redis_given(env, "CELERY_BROKER_URL")
    if url:
        return url
    general = _redis_given(env, "REDIS_URL")
    return with_database(general, BROKER_DATABASE) if general else _redis_derived(env, database=BROKER_DATABASE)


def _redis_given(env: Environment, name: str) -> str:
    url = env.url(name, schemes=REDIS_SCHEMES)
    return str(sentinel.read(name, url)) if sentinel.is_meant(url) else url


def with_database(url: str, database: int) -> str:
    """Return the same server's address with another database number."""
    if sentinel.is_meant(url):
        return sentinel.with_database(url, database)
    parts = urlsplit(url)
    if parts.scheme == "redis+socket":
        return urlunsplit(parts._replace(query=urlencode({"virtual_host": database})))
    return urlunsplit(parts._replace(path=f"/{database}"))


def _redis_derived(env: Environment, *, database: int) -> str:
    host = env.text("REDIS_HOST", default="localhost")
    password = env.secret("REDIS_PASSWORD", required=False)
    user = quote(env.text("REDIS_USER", default=""), safe="")
    login = f"{user}:{quote(password, safe='')}@" if password else ""
    if host.startswith("/"):
        return f"redis+socket://{login}{host}?virtual_host={database}"
    scheme = "rediss" if env.given(tls.REDIS_CA) else "redis"
    return f"{scheme}://{login}{host}:{env.integer('REDIS_PORT', default=6379, minimum=1)}/{database}"

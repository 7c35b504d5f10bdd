"""TLS to PostgreSQL and Redis: whoever asks for it gets certificate and host name verified, or no start."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from config.env import Environment, EnvironmentRefusedError

DATABASE_CA, REDIS_CA = "DB_CA_FILE", "REDIS_CA_FILE"
VERIFIED = "verify-full"
# What kombu and redis-py both read from an address. Without them kombu verifies nothing, with no more than a warning.
REDIS_VERIFIED = {"ssl_cert_reqs": "required", "ssl_check_hostname": "true"}
ACCEPTED = {"ssl_cert_reqs": ("required", "CERT_REQUIRED"), "ssl_check_hostname": ("true", "True", "1")}


def database(env: Environment, given: Mapping[str, str]) -> dict[str, str]:
    """Complete what DATABASE_URL gave: a CA means verify-full, and a mode that verifies nothing is refused."""
    file = _ca(env, DATABASE_CA, given.get("sslrootcert"))
    mode = given.get("sslmode") or (VERIFIED if file else "")
    if mode not in ("", "disable", VERIFIED) or (file and mode != VERIFIED):
        raise EnvironmentRefusedError(
            f"DATABASE_URL has sslmode={mode}, which does not verify who answers: use sslmode={VERIFIED} and name the"
            f" server's CA in {DATABASE_CA}."
        )
    if mode == VERIFIED and not file:
        raise EnvironmentRefusedError(f"DATABASE_URL has sslmode={VERIFIED}: name the server's CA in {DATABASE_CA}.")
    return {**given, **({"sslmode": mode} if mode else {}), **({"sslrootcert": file} if file else {})}


def redis(env: Environment, name: str, url: str) -> str:
    """Complete an address of Redis, which comes from the variable `name`: rediss:// always verifies."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    file = _ca(env, REDIS_CA, query.get("ssl_ca_certs"))
    if parts.scheme != "rediss":
        if file:
            raise EnvironmentRefusedError(
                f"{REDIS_CA} asks for TLS, which {name} does not use: begin it with rediss://, or leave {REDIS_CA} out."
            )
        return url
    for key, accepted in ACCEPTED.items():
        if query.get(key, accepted[0]) not in accepted:
            raise EnvironmentRefusedError(f"{name} has {key}={query[key]}, which verifies nothing: leave {key} out.")
    verified = {**query, **REDIS_VERIFIED, **({"ssl_ca_certs": file} if file else {})}
    return urlunsplit(parts._replace(query=urlencode(verified)))


def _ca(env: Environment, name: str, named_in_url: str | None) -> str:
    """Return the CA's file, from the variable or from the address; they must not contradict each other."""
    file = env.file(name)
    if file and named_in_url and file != named_in_url:
        raise EnvironmentRefusedError(f"{name} and the address name different CA files: keep one of them.")
    return file or named_in_url or ""

"""What an installation is to be: settings, secrets, servers; nothing is changed while it is made."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bundle import environment, invocation, units
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.model import Stack, Variable
from bundle.systemd import credentials, nodes, postgres, redis, settings
from bundle.systemd.postgres import Cluster
from bundle.systemd.record import Record
from bundle.systemd.request import Request

# An address may hold a password: it is kept as a credential of its own name.
URLS = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")
# Several variables name one server; whoever gives one of them takes the others back.
DATABASE = ("DATABASE_URL", "DB_HOST", "DB_PORT", "DB_NAME", "DB_USER")
REDIS = ("REDIS_URL", "CELERY_BROKER_URL", "REDIS_HOST", "REDIS_PORT")
# Those that say where it is.
SERVER_AREAS = ("database", "broker")
DATABASE_AT, REDIS_AT = ("DATABASE_URL", "DB_HOST"), ("REDIS_URL", "CELERY_BROKER_URL", "REDIS_HOST")


@dataclass(frozen=True)
class Servers:
    """Which servers are Debian's, on this machine, and ours to set up."""

    own_database: bool
    own_redis: bool


@dataclass(frozen=True)
class Plan:
    """One machine's installation."""

    request: Request
    servers: Servers
    asked: Invocation
    settings: str
    credentials: Mapping[str, str]

    @property
    def dropped(self) -> list[str]:
        """Name the addresses that no longer count."""
        return [name.lower() for name in URLS if name.lower() not in self.credentials]

    @property
    def values(self) -> dict[str, str]:
        return settings.values(self.settings)

    @property
    def stack(self) -> Stack:
        return replace(self.asked.source, name=self.request.stack)

    @property
    def digest(self) -> str:
        """Digest what a process reads at its start."""
        said = json.dumps([self.settings, dict(self.credentials)], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def servers(request: Request, before: Record | None) -> Servers:
    """A server is somebody else's when the command names it, or what is kept does and we have not written that."""
    kept = _kept(request)
    ours = bool(before and before.own_database) and kept.get("DB_HOST") == postgres.HOST
    own_socket = kept.get("REDIS_HOST") == str(redis.socket(request.stack))
    return Servers(
        own_database=not _named(request.given, DATABASE_AT) and (ours or not _named(kept, DATABASE_AT)),
        own_redis=not _named(request.given, REDIS_AT) and (own_socket or not _named(kept, REDIS_AT)),
    )


def make(request: Request, found: Servers, cluster: Cluster | None) -> Plan:
    kept = _kept(request)
    own = {**_database(request, cluster), **_redis(request, found)}
    text = settings_text(request, own)
    return Plan(
        request=request,
        servers=found,
        asked=_asked(request, kept),
        settings=text,
        credentials=_credentials(request, found),
    )


def settings_text(request: Request, servers: Mapping[str, str] | None = None) -> str:
    """Bring the settings file to what the command says, and to the addresses of the servers that are ours."""
    kept = _kept(request)
    asked = _asked(request, kept)
    workers = request.workers or nodes.kept(asked.source, kept.get("WORKERS", nodes.DEFAULT))
    own = {"WEB_PORT": str(asked.port), "WEB_BIND": asked.bind, "WORKERS": workers}
    text = settings.without(_text(request), [*URLS, *_replaced(request)])
    text = settings.changed(text, {**own, **(servers or {}), **_settings(request)})
    return settings.offered(text, _tunables(asked.source))


def _text(request: Request) -> str:
    file = request.place.at(request.place.settings)
    return file.read_text(encoding="utf-8") if file.is_file() else settings.HEADER.format(stack=request.stack)


def _kept(request: Request) -> dict[str, str]:
    """Read the settings, and the addresses that are credentials."""
    there = request.place.at(request.place.credentials)
    kept = settings.values(_text(request))
    return kept | {name: "" for name in URLS if (there / name.lower()).is_file()}


def _named(values: Mapping[str, str], names: Iterable[str]) -> bool:
    return any(name in values or f"{name}_FILE" in values for name in names)


def _replaced(request: Request) -> list[str]:
    """List the names of every server that the command gives anew."""
    return [name for names in (DATABASE, REDIS) if _named(request.given, names) for name in names]


def _tunables(stack: Stack) -> list[Variable]:
    return [variable for variable in stack.variable.values() if variable.tunable]


def _asked(request: Request, kept: Mapping[str, str]) -> Invocation:
    """Read port and address as the front door does, from the settings where the command says nothing."""
    known = request.invocation
    remembered = {name: kept[name] for name in ("WEB_PORT", "WEB_BIND") if name in kept}
    return invocation.build(known.source, known.root, {**remembered, **request.given})


def _settings(request: Request) -> dict[str, str]:
    """Take what the command gives of the processes' settings and of their servers, but for what is a credential."""
    stack = request.invocation.source
    servers = [name for name, one in stack.variable.items() if one.area in SERVER_AREAS and not one.value]
    names = [name for name in [*servers, *(one.name for one in _tunables(stack))] if not _hidden(stack.variable[name])]
    return {name: request.given[name] for name in names if name in request.given}


def _hidden(variable: Variable) -> bool:
    return bool(variable.secret) or variable.sensitive


def _database(request: Request, cluster: Cluster | None) -> dict[str, str]:
    """Name our database in Debian's cluster; None: the server is somebody else's."""
    if cluster is None:
        return {}
    return {"DB_HOST": postgres.HOST, "DB_PORT": cluster.port, "DB_NAME": request.stack, "DB_USER": request.stack}


def _redis(request: Request, found: Servers) -> dict[str, str]:
    return {"REDIS_HOST": str(redis.socket(request.stack))} if found.own_redis else {}


def _credentials(request: Request, found: Servers) -> dict[str, str]:
    """Give each secret its value: what was given, else what is there, else a new one; addresses only when given."""
    stack, there = request.invocation.source, request.place.at(request.place.credentials)
    given = {
        variable.secret or variable.name.lower(): value
        for variable in stack.variable.values()
        if (variable.secret in secrets(stack) or variable.name in URLS)
        and (value := credentials.given(request.given, variable.name)) is not None
    }
    _refuse_without_password(request, found, given)
    if _named(request.given, REDIS_AT) and _kept(request).get("REDIS_HOST") in (None, str(redis.socket(request.stack))):
        # The password that we have made for our own Redis would only be refused there.
        given.setdefault("redis_password", "")
    dropped = {name.lower() for name in _replaced(request)}
    addresses = {
        name.lower(): None for name in URLS if name.lower() not in dropped and (there / name.lower()).is_file()
    }
    unknown = [name for name in secrets(stack) if stack.secret[name].given and not (there / name).is_file()]
    new = dict.fromkeys(secrets(stack)) | dict.fromkeys(unknown, "")
    return credentials.completed(there, {**new, **addresses, **given})


def secrets(stack: Stack) -> list[str]:
    """Name the secrets that a unit is handed; those of what runs in containers only are not made."""
    services = {units.service(stack, unit).name for unit in stack.unit.values()}
    return sorted({name for service in services for name in environment.secrets_of(stack, service)})


def _refuse_without_password(request: Request, found: Servers, given: Mapping[str, str]) -> None:
    there = request.place.at(request.place.credentials)
    if found.own_database or "db_password" in given or "DB_HOST" not in request.given:
        return
    if not (there / "db_password").is_file():
        raise BundleError("DB_HOST names an existing PostgreSQL but no password is given: set DB_PASSWORD too.")

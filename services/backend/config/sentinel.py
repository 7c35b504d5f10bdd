"""Redis behind sentinels: sentinel://:password@one:26379/1;sentinel://two:26379?master_name=desk."""

from dataclasses import dataclass, replace
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from config.env import EnvironmentRefusedError

SCHEME, PORT, MASTER = "sentinel", 26379, "master_name"
FORM = "sentinel://:password@one:26379/1;sentinel://two:26379?master_name=desk"


@dataclass(frozen=True)
class Sentinels:
    """Who knows where the master is, and how the master is then spoken to. `login` ends in @, or is empty."""

    nodes: tuple[tuple[str, int], ...]
    master_name: str
    login: str
    database: int

    def __str__(self) -> str:
        return f"{self.broker_url}?{urlencode({MASTER: self.master_name})}"

    @property
    def broker_url(self) -> str:
        """Return the address as kombu reads it: whichever sentinel it turns to, login and database go with it."""
        return ";".join(f"{SCHEME}://{self.login}{host}:{port}/{self.database}" for host, port in self.nodes)


def is_meant(url: str) -> bool:
    return url.startswith(f"{SCHEME}://")


def with_database(url: str, database: int) -> str:
    return str(replace(read("The address", url), database=database))


def for_kombu(url: str) -> tuple[str, dict[str, str]]:
    """Return the broker's address, and the transport options that belong to it."""
    if not is_meant(url):
        return url, {}
    sentinels = read("The broker", url)
    return sentinels.broker_url, {MASTER: sentinels.master_name}


def read(name: str, url: str) -> Sentinels:
    """Read the address in the variable `name`; the others may repeat what the first part says, or leave it out."""
    address, _, query = url.partition("?")
    parts = [urlsplit(part) for part in address.split(";")]
    options = dict(parse_qsl(query))
    if not all(part.scheme == SCHEME and part.hostname for part in parts):
        raise _refused(name, "has a part that is not the address of a sentinel")
    if options.keys() != {MASTER}:
        raise _refused(name, "must say which master its sentinels watch, and nothing else, behind the question mark")
    (login, number), *others = [_target(part) for part in parts]
    if any(said and said != first for other in others for said, first in zip(other, (login, number), strict=True)):
        raise _refused(name, "has two logins or two databases for one master")
    if not (number or "0").isdecimal():
        raise _refused(name, "names no database by its number")
    nodes = tuple((_host(part), _port(name, part)) for part in parts)
    return Sentinels(nodes, options[MASTER], login, int(number or 0))


def _target(part: SplitResult) -> tuple[str, str]:
    """Return login and database, as they are written."""
    login, at, _ = part.netloc.rpartition("@")
    return login + at, part.path.strip("/")


def _host(part: SplitResult) -> str:
    host = part.hostname or ""
    return f"[{host}]" if ":" in host else host


def _port(name: str, part: SplitResult) -> int:
    try:
        return part.port or PORT
    except ValueError:
        raise _refused(name, "has a port that is none") from None


def _refused(name: str, why: str) -> EnvironmentRefusedError:
    """Say what is wrong; the address itself may hold a password."""
    return EnvironmentRefusedError(f"{name} {why}: write it as {FORM}.")

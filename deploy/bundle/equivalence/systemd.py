"""Read deploy/systemd: the services among its units."""

import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import takewhile
from pathlib import PurePosixPath

from bundle import environment, units
from bundle.equivalence import facts, words
from bundle.equivalence.facts import Facts, Value
from bundle.equivalence.secrets import Handed, SecretFile
from bundle.model import Stack

Unit = Mapping[str, list[str]]

SUFFIX = ".service"
CREDENTIAL = "a credential of systemd"
ENV = "/usr/bin/env"
# What may stand before a command: ignore a failure, take no shell words, keep root's powers.
COMMAND_PREFIX = re.compile(r"^[-@:!+|]+")
# What the images' own ENV says in containers.
OF_THE_IMAGE = ("PATH", "LANG", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
CONDITIONS = {"oneshot": "completed", "notify": "ready"}


def read(stack: Stack, files: Mapping[str, str]) -> dict[str, Facts]:
    """Give the facts of each service; the units that stand for one are joined."""
    parsed = {_bare(stack, name): _parse(text) for name, text in files.items() if name.endswith(SUFFIX)}
    found = defaultdict(list)
    for name, unit in parsed.items():
        service = _service(stack, name)
        others = {other: parsed[other] for other in parsed if _service(stack, other) != service}
        found[service].append(_facts(stack, others, unit))
    return {service: facts.together(processes) for service, processes in found.items()}


def _bare(stack: Stack, file: str) -> str:
    """`ticketing-worker@.service` is the worker, `ticketing-worker@ml.service` a type of it."""
    bare = file.rpartition("/")[2].removeprefix(f"{stack.name}-").removesuffix(SUFFIX)
    typed = bare.replace("@", "-")
    return typed if typed in stack.service else bare.partition("@")[0]


def _service(stack: Stack, unit: str) -> str:
    return units.service_name(stack, stack.unit[unit]) if unit in stack.unit else unit


def _parse(text: str) -> Unit:
    """Collect the values of every key; sections never share one."""
    keys: dict[str, list[str]] = defaultdict(list)
    for line in text.replace("\\\n", " ").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            keys[key.strip()].append(value.strip())
    return keys


def _facts(stack: Stack, others: Mapping[str, Unit], unit: Unit) -> Facts:
    command, own = _command(unit)
    given = dict(word.split("=", 1) for line in unit.get("Environment", []) for word in shlex.split(line))
    given = {name: value for name, value in (given | own).items() if name not in OF_THE_IMAGE}
    loaded = [line.partition(":") for line in unit.get("LoadCredential", [])]
    files = {f"%d/{name}": SecretFile(PurePosixPath(path).name, CREDENTIAL) for name, _, path in loaded}
    handed = Handed(stack, given, files).values()
    values = {aspect: value(unit) for aspect, value in ASPECTS.items()}
    found = facts.said(**words.started(command), needs=_needs(stack, others, unit), **values)
    return Facts(found | handed, inherits=bool(unit.get("EnvironmentFile")))


def _command(unit: Unit) -> tuple[list[str], dict[str, str]]:
    """Tell a command from the values that `env` gives it."""
    line = shlex.split(COMMAND_PREFIX.sub("", unit["ExecStart"][0]))
    if line[0] != ENV:
        return line, {}
    own = dict(word.split("=", 1) for word in takewhile(lambda word: "=" in word, line[1:]))
    return line[1 + len(own) :], own


def _needs(stack: Stack, others: Mapping[str, Unit], unit: Unit) -> str:
    servers = {debian_unit: name for name, debian_unit in _debian_units(stack).items()}
    behind = [word for line in unit.get("After", []) for word in line.split()]
    ours = [name for name in (_bare(stack, word) for word in behind) if name in others]
    return words.listed(
        {f"{_service(stack, name)} {_condition(others[name])}" for name in ours}
        | {f"{servers[word]} started" for word in behind if word in servers}
    )


def _debian_units(stack: Stack) -> dict[str, str]:
    """Name the unit of Debian's own server for each service that it may stand for."""
    given = {name: service.debian_unit for name, service in stack.service.items() if service.debian_unit}
    return {name: environment.substitute(stack, unit, name=stack.name) for name, unit in given.items()}


def _condition(unit: Unit) -> str:
    return CONDITIONS.get(_last(unit, "Type"), "started")


def _last(unit: Unit, key: str, default: str = "") -> str:
    return unit.get(key, [default])[-1]


def _read(key: str, convert: Callable[[str], Value] = str, default: str = "") -> Callable[[Unit], Value | None]:
    def read_one(unit: Unit) -> Value | None:
        found = _last(unit, key, default)
        return convert(found) if found else None

    return read_one


def _health(unit: Unit) -> str:
    seconds = _last(unit, "WatchdogSec")
    return f"a sign of life within {words.seconds(seconds)} s" if seconds else ""


def _when(key: str, value: str, said: str) -> Callable[[Unit], str]:
    """Translate a directive into what Compose's word for it comes to."""
    return lambda unit: said if key in unit and _last(unit, key) == value else ""


def _directories(*keys: str) -> Callable[[Unit], str]:
    return lambda unit: words.listed(word for key in keys for line in unit.get(key, []) for word in line.split())


ASPECTS: dict[str, Callable[[Unit], Value | None]] = {
    "health": _health,
    "memory": _read("MemoryMax", words.mebibytes),
    "pids": _read("TasksMax", int),
    "cpus": _read("CPUQuota", lambda share: words.whole(float(share.removesuffix("%")) / 100)),
    "stop_time": _read("TimeoutStopSec", words.seconds),
    "stop_signal": _read("KillSignal", default="SIGTERM"),
    "networks": _read("RestrictAddressFamilies"),
    "restart": _read("Restart", default="no"),
    "user": _read("User"),
    "read_only": _when("ProtectSystem", "strict", "True"),
    "capabilities": _when("CapabilityBoundingSet", "", words.NONE_KEPT),
    "privileges": _when("NoNewPrivileges", "yes", words.NO_NEW_ONES),
    "tmpfs": _directories("RuntimeDirectory", "TemporaryFileSystem"),
    "volumes": _directories("StateDirectory"),
}

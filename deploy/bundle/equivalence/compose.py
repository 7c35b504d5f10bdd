"""Read a file in the words of the Compose specification: deploy/compose, deploy/swarm, deploy/dokploy."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

from bundle.equivalence import facts, interpolation, mounts, words
from bundle.equivalence.facts import Facts, Value
from bundle.equivalence.secrets import Handed, SecretFile
from bundle.model import Stack

Entry = dict[str, Any]

# What whoever starts the stack may choose; compared is what happens when nobody does.
START = "start"
SECRETS = PurePosixPath("/run/secrets")
CONDITIONS = {
    "service_healthy": "healthy",
    "service_completed_successfully": "completed",
    "service_started": "started",
}
RESTARTS = {"unless-stopped": "always", "any": "always", "none": "no"}
SECRET_SOURCES = {
    "file": "a file of the host",
    "external": "a secret of the engine",
    "environment": "the environment file",
}


def read(stack: Stack, text: str, chosen: Mapping[str, str] | None = None) -> dict[str, Facts]:
    """Give the facts of each service; `chosen` stands for the environment that the file is started with."""
    defaults = {name: variable.default or "" for name, variable in stack.variable.items() if variable.area == START}
    given = defaults | {name: value for name, value in (chosen or {}).items() if value}
    document = interpolation.resolve(yaml.safe_load(text), given)
    # Targets put the stack's name before different things; without it their names can be compared.
    document = interpolation.without(f"{stack.name}-", document)
    return {name: _service(stack, document, entry) for name, entry in document["services"].items()}


def _service(stack: Stack, document: Entry, entry: Entry) -> Facts:
    handed = Handed(stack, _environment(entry), _secret_files(document, entry)).values()
    whole = entry | {"networks": _networks(document, entry)}
    values = {aspect: value(whole) for aspect, value in ASPECTS.items()}
    started = words.started([*_words(entry.get("entrypoint")), *_words(entry.get("command"))])
    return Facts(facts.said(**started, **values) | handed)


def _environment(entry: Entry) -> dict[str, str]:
    given = entry.get("environment") or {}
    if isinstance(given, list):
        given = dict(line.split("=", 1) for line in given)
    return {name: str(value) for name, value in given.items()}


def _secret_files(document: Entry, entry: Entry) -> dict[str, SecretFile]:
    declared = document.get("secrets") or {}
    long = [{"source": each} if isinstance(each, str) else each for each in entry.get("secrets") or []]
    return {
        str(SECRETS / each.get("target", each["source"])): _secret_file(each["source"], declared.get(each["source"]))
        for each in long
    }


def _secret_file(name: str, declared: Entry | None) -> SecretFile:
    """Believe the file that it comes from, and not its name."""
    given = declared or {}
    source = next((word for kind, word in SECRET_SOURCES.items() if given.get(kind)), "nowhere")
    return SecretFile(PurePosixPath(given.get("file", name)).name, source)


def _networks(document: Entry, entry: Entry) -> list[str]:
    declared = document.get("networks") or {}
    internal = {name for name, network in declared.items() if (network or {}).get("internal")}
    return [f"{name} (internal)" if name in internal else name for name in entry.get("networks") or ["default"]]


def _words(given: str | list[str] | None) -> list[str]:
    return shlex.split(given) if isinstance(given, str) else list(given or [])


def _health(entry: Entry) -> str:
    kind, *rest = (entry.get("healthcheck") or {}).get("test") or ["NONE"]
    return {"CMD": words.command(rest), "CMD-SHELL": words.command(["sh", "-c", *rest])}.get(kind, "")


def _health_timing(entry: Entry) -> str:
    check = entry.get("healthcheck") or {}
    if not check.get("test"):
        return ""
    every, most, start = (words.seconds(check.get(key, 0)) for key in ("interval", "timeout", "start_period"))
    return f"every {every} s, {most} s at most, {check.get('retries')} failures, {start} s to start"


def _deployed(entry: Entry, *path: str) -> Any:
    """Look below `deploy`, where Swarm has its limits and its restarts."""
    found = entry.get("deploy")
    for key in path:
        found = (found or {}).get(key)
    return found


def _resource(key: str, *path: str, convert: Callable[[Any], float] = float) -> Callable[[Entry], Value | None]:
    """Read it from its own key, or where Swarm has it."""

    def read_resource(entry: Entry) -> Value | None:
        found = entry.get(key, _deployed(entry, "resources", *path))
        return None if found is None else words.whole(convert(found))

    return read_resource


def _restart(entry: Entry) -> str:
    found = str(entry.get("restart") or _deployed(entry, "restart_policy", "condition") or "no")
    return RESTARTS.get(found, found)


def _needs(entry: Entry) -> str:
    needs = entry.get("depends_on") or {}
    if isinstance(needs, list):
        return words.listed(f"{name} started" for name in needs)
    return words.listed(f"{name} {CONDITIONS[need['condition']]}" for name, need in needs.items())


def _plain(key: str) -> Callable[[Entry], str]:
    return lambda entry: str(entry.get(key, ""))


def _many(key: str) -> Callable[[Entry], str]:
    return lambda entry: words.listed(entry.get(key) or [])


def _capabilities(entry: Entry) -> str:
    kept = words.listed(entry.get("cap_add") or []) or words.NONE_KEPT
    return kept if "ALL" in (entry.get("cap_drop") or []) else ""


def _privileges(entry: Entry) -> str:
    options = [option.removesuffix(":true") for option in entry.get("security_opt") or []]
    return words.listed(words.NO_NEW_ONES if option == "no-new-privileges" else option for option in options)


ASPECTS: dict[str, Callable[[Entry], Value | None]] = {
    "profile": _many("profiles"),
    "image": _plain("image"),
    "init": _plain("init"),
    "health": _health,
    "health_timing": _health_timing,
    "memory": _resource("mem_limit", "limits", "memory", convert=words.mebibytes),
    "pids": _resource("pids_limit", "limits", "pids"),
    "cpus": _resource("cpus", "limits", "cpus"),
    "reserved_memory": _resource("mem_reservation", "reservations", "memory", convert=words.mebibytes),
    "reserved_cpus": _resource("", "reservations", "cpus"),
    "shm": mounts.shm,
    "stop_time": lambda entry: words.seconds(entry.get("stop_grace_period", 10)),
    "stop_signal": _plain("stop_signal"),
    "needs": _needs,
    "networks": _many("networks"),
    "ports": mounts.ports,
    "restart": _restart,
    "user": _plain("user"),
    "read_only": _plain("read_only"),
    "capabilities": _capabilities,
    "privileges": _privileges,
    "tmpfs": mounts.tmpfs,
    "volumes": mounts.volumes,
    "logging": mounts.logging,
}

"""What services say about each other, about their health and about their place."""

import re
from collections.abc import Iterator
from pathlib import Path

from bundle.model import Stack
from bundle.rules.known import circle, unknown

RUNBOOKS = "docs/runbooks"
# Compose accepts no other project name; 40 keeps `<stack>-celery-1` a valid host name (63).
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
CONDITIONS = ("healthy", "completed")


def names_are_host_names(stack: Stack, root: Path) -> Iterator[str]:
    families = {"service": stack.service, "volume": stack.volume, "network": stack.network}
    places = {f"{family}.{name}": name for family, members in families.items() for name in members}
    for place, name in ({"name": stack.name} | places).items():
        if not NAME.fullmatch(name):
            yield f"{place}: {name!r} is not a host name; use at most 40 small letters, digits and hyphens"


def models_are_known(stack: Stack, root: Path) -> Iterator[str]:
    """A service that is like another must find it, and in one step."""
    for name, service in stack.service.items():
        if service.like:
            yield from unknown(f"service.{name}.like", [service.like], stack.service)
            further = stack.service[service.like].like if service.like in stack.service else None
            if further:
                yield f"service.{name}.like: {service.like!r} is itself like {further!r}; name one that is like none"


def services_without_a_profile_need_none(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        for other in service.needs:
            needed = stack.service.get(other)
            if needed and needed.profile and needed.profile != service.profile:
                yield f"service.{name}.needs.{other}: it is optional ({needed.profile}); remove one of the two"


def networks_and_volumes_are_known(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        yield from unknown(f"service.{name}.networks", service.networks, stack.network)
        yield from unknown(f"service.{name}.volumes", service.volumes, stack.volume)


def needs_are_known(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        yield from unknown(f"service.{name}.needs", service.needs, stack.service)
        for other, condition in service.needs.items():
            yield from unknown(f"service.{name}.needs.{other}", [condition], CONDITIONS)


def needs_can_be_met(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        for other, condition in service.needs.items():
            needed = stack.service.get(other)
            if needed and needed.one_shot and condition == "healthy":
                yield f"service.{name}.needs.{other}: it runs once and is never healthy; write 'completed'"
            if needed and not needed.one_shot and condition == "completed":
                yield f"service.{name}.needs.{other}: it keeps running and never completes; write 'healthy'"


def needs_form_no_circle(stack: Stack, root: Path) -> Iterator[str]:
    if path := circle({name: service.needs for name, service in stack.service.items()}):
        yield f"service: needs go in a circle: {path}; take one of them out"


def health_where_it_fits(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        if service.health is None and not service.one_shot:
            yield f"service.{name}: no health check; add [service.{name}.health] with its command"
        if service.health and service.one_shot:
            yield f"service.{name}.health: it runs once, its exit code is its health; remove the health check"


def probes_end_in_time(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        if service.health and service.health.timeout_seconds > service.health.interval_seconds:
            yield f"service.{name}.health.timeout_seconds: longer than interval_seconds; probes would pile up, lower it"


def runbooks_exist(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        if not (root / RUNBOOKS / service.runbook).is_file():
            yield f"service.{name}.runbook: {RUNBOOKS}/{service.runbook} is not in the tree; write it"


RULES = (
    names_are_host_names,
    models_are_known,
    services_without_a_profile_need_none,
    networks_and_volumes_are_known,
    needs_are_known,
    needs_can_be_met,
    needs_form_no_circle,
    health_where_it_fits,
    probes_end_in_time,
    runbooks_exist,
)

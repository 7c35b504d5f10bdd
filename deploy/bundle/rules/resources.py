"""Memory, directories in memory, and settings that are shares of it."""

import re
from collections.abc import Iterator
from pathlib import Path

from bundle.model import Stack

LIMITS = ("memory_mb", "pids", "cpus", "shm_mb", "reserved_memory_mb", "reserved_cpus")
# A reservation, and the limit that it cannot exceed.
RESERVATIONS = (("reserved_memory_mb", "memory_mb"), ("reserved_cpus", "cpus"))
SHARE = re.compile(r"([1-9]\d?)%")


def services_fit_into_the_budget(stack: Stack, root: Path) -> Iterator[str]:
    """An optional service comes on top: whoever switches it on has asked for its memory."""
    kept = {name: one for name, one in stack.service.items() if not one.one_shot and not one.profile}
    limits = {name: one.resources.memory_mb for name, one in kept.items()}
    total = sum(limits.values())
    if total > stack.memory_mb:
        parts = " + ".join(f"{name} {limit}" for name, limit in limits.items())
        yield f"memory_mb: {parts} = {total} MiB is above {stack.memory_mb}; lower a limit or raise this budget"


def limits_are_positive(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        for key in LIMITS:
            limit = getattr(service.resources, key)
            if limit is not None and limit <= 0:
                yield f"service.{name}.resources.{key}: {limit} is no limit; give a number above 0"


def reservations_fit_into_limits(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        for key, limit in RESERVATIONS:
            reserved, allowed = getattr(service.resources, key), getattr(service.resources, limit)
            if reserved is not None and (allowed is None or reserved > allowed):
                yield f"service.{name}.resources.{key}: {reserved} is above {limit} ({allowed}); lower it or raise that"


def temporary_files_have_a_place(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        if "/tmp" not in [directory.path for directory in service.tmpfs]:  # noqa: S108
            yield f"service.{name}.tmpfs: its root is read-only and /tmp is missing; add it"


def memory_holds_the_tmpfs(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        resources = service.resources
        files = sum(directory.size_mb for directory in service.tmpfs) + (resources.shm_mb or 0)
        if files >= resources.memory_mb:
            yield f"service.{name}.tmpfs: {files} MiB with /dev/shm fill its {resources.memory_mb} MiB; lower them"


def modes_are_octal(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        for directory in service.tmpfs:
            if not re.fullmatch(r"[01]?[0-7]{3}", directory.mode):
                yield f"service.{name}.tmpfs: mode {directory.mode!r} of {directory.path} is not octal; write 0700"


def settings_can_be_handed_over(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        form = " ".join(service.setting_form)
        if service.settings and not ("{name}" in form and "{value}" in form):
            yield f"service.{name}.setting_form: it lacks {{name}} or {{value}}; write how a setting becomes arguments"
        for key, value in service.settings.items():
            if "%" in value and not SHARE.fullmatch(value):
                yield f"service.{name}.settings.{key}: {value!r} is no share; write 1% to 99%"


RULES = (
    services_fit_into_the_budget,
    limits_are_positive,
    reservations_fit_into_limits,
    temporary_files_have_a_place,
    memory_holds_the_tmpfs,
    modes_are_octal,
    settings_can_be_handed_over,
)

"""Programs stand for services, and every script that is started exists."""

import os
from collections.abc import Iterator
from pathlib import Path

from bundle.model import Stack
from bundle.rules.known import unknown

SCRIPTS = "entrypoints/"


def programs_stand_for_services(stack: Stack, root: Path) -> Iterator[str]:
    for name, program in stack.program.items():
        yield from unknown(f"program.{name}.service", [program.service], stack.service)


def scripts_are_executable(stack: Stack, root: Path) -> Iterator[str]:
    for place, command in _commands(stack):
        if not command:
            yield f"{place}: no word; give the program and its arguments"
        elif command[0].startswith(SCRIPTS) and not os.access(root / command[0], os.X_OK):
            yield f"{place}: {command[0]} is not an executable file in the tree; write it, or chmod +x"


def _commands(stack: Stack) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, service in stack.service.items():
        yield f"service.{name}.command", service.command
        if service.health:
            yield f"service.{name}.health.command", service.health.command
    for name, program in stack.program.items():
        yield f"program.{name}.command", program.command


RULES = (programs_stand_for_services, scripts_are_executable)

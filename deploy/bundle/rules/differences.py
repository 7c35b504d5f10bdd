"""A declared difference names a target, services and aspects that exist, and says why."""

from collections.abc import Iterator
from pathlib import Path

from bundle.aspects import ASPECTS, ENVIRONMENT, REFERENCE, SECRETS, TARGETS
from bundle.model import Stack
from bundle.rules.known import unknown


def differences_are_of_known_targets(stack: Stack, root: Path) -> Iterator[str]:
    for name, difference in stack.difference.items():
        if difference.target == REFERENCE:
            yield f"difference.{name}.target: the others are compared with {REFERENCE}; name the one that differs"
        else:
            yield from unknown(f"difference.{name}.target", [difference.target], TARGETS)


def differences_are_of_known_services(stack: Stack, root: Path) -> Iterator[str]:
    for name, difference in stack.difference.items():
        yield from unknown(f"difference.{name}.services", difference.services, stack.service)


def differences_are_of_known_aspects(stack: Stack, root: Path) -> Iterator[str]:
    variables = [f"{family}.{name}" for family in (ENVIRONMENT, SECRETS) for name in stack.variable]
    for name, difference in stack.difference.items():
        yield from unknown(
            f"difference.{name}.aspects", [each for each in difference.aspects if "." not in each], ASPECTS
        )
        yield from unknown(
            f"difference.{name}.aspects", [each for each in difference.aspects if "." in each], variables
        )
        if not difference.aspects:
            yield f"difference.{name}.aspects: no word; say what differs, as in image or restart"


def differences_have_a_reason(stack: Stack, root: Path) -> Iterator[str]:
    for name, difference in stack.difference.items():
        if not difference.reason.strip():
            yield f"difference.{name}.reason: no word; say in one sentence why it cannot be the same there"


RULES = (
    differences_are_of_known_targets,
    differences_are_of_known_services,
    differences_are_of_known_aspects,
    differences_have_a_reason,
)

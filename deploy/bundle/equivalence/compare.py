"""Find what targets say differently, and whether deploy/stack.toml gives a reason for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bundle import aspects
from bundle.aspects import REFERENCE
from bundle.equivalence.facts import Facts, Value, shown
from bundle.model import Difference, Stack

SERVICE = "service"
REMEDY = "declare it in [difference.*] or mend the renderer"

Services = Mapping[str, Facts]


@dataclass(frozen=True)
class Found:
    """One place where a target does not say what the reference says."""

    target: str
    service: str
    aspect: str
    reference: Value | None
    here: Value | None

    def sentence(self) -> str:
        aspect = self.aspect.replace(".", " ")
        there, here = (shown(self.aspect, value) for value in (self.reference, self.here))
        return f"{self.target}: service {self.service}: {aspect}: {there} in {REFERENCE}, {here} here; {REMEDY}"

    def declared_by(self, difference: Difference) -> bool:
        return (
            self.target == difference.target
            and (not difference.services or self.service in difference.services)
            and any(_covers(aspect, self.aspect) for aspect in difference.aspects)
        )


def sentences(stack: Stack, targets: Mapping[str, Services]) -> list[str]:
    """List every difference without a reason, and every reason without a difference."""
    found = [each for target, services in targets.items() for each in _different(stack, target, services, targets)]
    declared = stack.difference.values()
    undeclared = [each.sentence() for each in found if not any(each.declared_by(one) for one in declared)]
    return undeclared + [line for one in declared for line in _stale(one, found)]


def _different(stack: Stack, target: str, services: Services, targets: Mapping[str, Services]) -> Iterator[Found]:
    reference = targets[REFERENCE]
    for name in [*reference, *(services.keys() - reference.keys())]:
        if name in reference and name in services:
            yield from _aspects(stack, target, name, reference[name], services[name])
        else:
            there, here = ("present" if name in each else None for each in (reference, services))
            yield Found(target, name, SERVICE, there, here)


def _aspects(stack: Stack, target: str, service: str, reference: Facts, here: Facts) -> Iterator[Found]:
    for aspect in dict.fromkeys([*reference.values, *here.values]):
        left, right = reference.values.get(aspect), here.values.get(aspect)
        if left != right and not (right is None and here.inherits and _tunable(stack, aspect)):
            yield Found(target, service, aspect, left, right)


def _tunable(stack: Stack, aspect: str) -> bool:
    """Say whether the starter sets it, so that it reaches a process that inherits."""
    variable = stack.variable.get(aspect.removeprefix(f"{aspects.ENVIRONMENT}."))
    return variable is not None and variable.tunable


def _covers(declared: str, aspect: str) -> bool:
    return aspect == declared or aspect.startswith(f"{declared}.")


def _stale(difference: Difference, found: list[Found]) -> Iterator[str]:
    """A reason that is given for more than there is would hide the next mistake."""
    mine = [each for each in found if each.declared_by(difference)]
    # Of a service that is missing as a whole nothing can be said.
    gone = {each.service for each in found if each.target == difference.target and each.aspect == SERVICE}
    for aspect in difference.aspects:
        services = gone | {each.service for each in mine if _covers(aspect, each.aspect)}
        idle = [name for name in difference.services if name not in services]
        if idle or not services:
            yield (
                f"difference.{difference.name}: {difference.target} says what {REFERENCE} says about {aspect}"
                f" of {', '.join(idle) or 'every service'}; take it out"
            )

"""The reference says what the targets are really told, and finds everything by its name."""

import re
from collections.abc import Iterator

import pytest

from bundle import aspects, environment, equivalence
from bundle.equivalence.facts import Facts
from bundle.render import reference, targets
from bundle.render.reference.environment import handed_over
from bundle.render.reference.page import anchor
from tests.checkout import STACK

PAGES = reference.render(STACK)
FILES = targets.files(STACK)
# Whatever a file of ours does not name reaches a process of the host runtime from supervisord.
NAMED_BY_FILES = sorted(equivalence.read(STACK, FILES).keys() - {"host"})


@pytest.mark.parametrize("target", NAMED_BY_FILES)
def test_a_variable_is_said_to_be_handed_over_where_it_is(target: str) -> None:
    services = equivalence.read(STACK, FILES)[target]

    said = {
        (service, name)
        for service in services
        for name, variable in STACK.variable.items()
        if service in environment.readers(STACK, variable) and target in handed_over(STACK, variable)
    }

    inherited = {(name, each) for name, facts in services.items() for each in _inherited(name, facts)}
    own = {(name, each) for name in services for each in STACK.service[name].environment}
    assert said | own == inherited | {(name, each) for name, facts in services.items() for each in _named(facts)}


def _named(facts: Facts) -> Iterator[str]:
    for aspect in facts.values:
        family, _, name = aspect.partition(".")
        if name and family in (aspects.ENVIRONMENT, aspects.SECRETS):
            yield name


def _inherited(service: str, facts: Facts) -> list[str]:
    """List what systemd's EnvironmentFile may hold."""
    return [one.name for one in environment.read_by(STACK, service) if one.tunable and facts.inherits]


@pytest.mark.parametrize(
    "family", ["variable", "service", "image", "network", "volume", "secret", "program", "unit", "overlay"]
)
def test_everything_is_found_by_its_name(family: str) -> None:
    indexed = re.findall(rf"^\| `([^`]+)` \| {family} \|", PAGES["README.md"], re.MULTILINE)

    assert sorted(indexed) == sorted(getattr(STACK, family))


def test_the_index_leads_to_a_page_that_says_the_name() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| \w+ \| \[.*\]\(([\w.]+)(?:#(.*))?\) \|$", PAGES["README.md"], re.MULTILINE)

    assert len(rows) > len(STACK.variable)
    assert [row for row in rows if row[0] not in _part(PAGES[row[1]], row[2])] == []


def _part(page: str, place: str) -> str:
    """Give the heading that a link leads to, with what stands below it."""
    parts = re.split(r"^## ", page, flags=re.MULTILINE)
    return next(part for part in parts if not place or anchor(part.partition("\n")[0]) == place)


def test_every_declared_difference_is_shown_with_its_reason() -> None:
    page = PAGES["targets.md"]

    for difference in STACK.difference.values():
        assert difference.reason in _part(page, f"what-differs-in-{difference.target}")


def test_every_runbook_of_a_health_check_is_a_link() -> None:
    for service in STACK.service.values():
        assert f"](../runbooks/{service.runbook})" in _part(PAGES["services.md"], service.name)


def test_a_secret_is_marked_and_shows_no_value() -> None:
    for name, variable in STACK.variable.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGES["environment.md"], re.MULTILINE)
        assert ("**secret**" in row) == bool(variable.secret or variable.sensitive)

"""The Environment tab of a service that is already there: what is new is added, what a person wrote stays.

Above all the secrets stay. The volume of the database was made with one of them: a new one would lock the
application out of its own data.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bundle.dokploy.imitation import dotenv, template
from bundle.render.dokploy_template import DOMAIN

REFERENCE = re.compile(r"\$\{(\w+)\}")
NAME = re.compile(r"\s*(?:export\s+)?([\w.-]+)\s*=")
# What Compose refuses to start without: ${NAME:?...}.
INSISTED = re.compile(r"(?<!\$)\$\{(\w+):\?")


def merged(tab: str, wanted: Mapping[str, Any], *, app_name: str, host: str, given: Mapping[str, str]) -> str:
    """Add what the template has and the tab has not; `given` are the values that this call asks for."""
    lines = tab.splitlines()
    filled = {name: value for name, value in dotenv.parse(tab).items() if value}
    for name, value in {**_filled(wanted, filled, app_name=app_name, host=host), **given}.items():
        if name not in filled or filled[name] != given.get(name, filled[name]):
            _put(lines, name, value)
    return "\n".join(lines)


def moved(tab: str, wanted: Mapping[str, Any], *, old: str, new: str) -> str:
    """Put the new host in the place of the old one, in the lines that the template fills with the domain."""
    if not old or old == new:
        return tab
    whole = re.compile(rf"(?<![\w.-]){re.escape(old)}(?![\w-]|\.\w)")
    return "\n".join(
        whole.sub(new, line) if name_of(line) in of_the_domain(wanted) else line for line in tab.splitlines()
    )


def host_in(tab: str, wanted: Mapping[str, Any]) -> str:
    """Find the host in a line that the template has filled with it; Dokploy writes the tab before the domains."""
    values = dotenv.parse(tab)
    for name, text in _lines(wanted):
        before, reference, after = text.partition(f"${{{DOMAIN}}}")
        shape = rf"{re.escape(before)}([A-Za-z0-9.-]+){re.escape(REFERENCE.split(after)[0])}"
        if reference and (found := re.match(shape, values.get(name, ""))):
            return found[1]
    return ""


def of_the_domain(wanted: Mapping[str, Any]) -> list[str]:
    return [name for name, text in _lines(wanted) if DOMAIN in REFERENCE.findall(text)]


def unserved(tab: str, wanted: Mapping[str, Any], host: str) -> list[str]:
    """Name the lines about the domain that a person has rewritten, and that do not mention this one."""
    values, parent = dotenv.parse(tab), host.partition(".")[2]
    accepted = {host, f".{parent}", f"*.{parent}", "*"}
    return [
        name
        for name in of_the_domain(wanted)
        if not accepted & {word.strip().rpartition("://")[2] for word in values[name].split(",")}
    ]


def secrets(wanted: Mapping[str, Any]) -> list[str]:
    """Name the lines that hold what Dokploy generates at an import."""
    made = {name for name, text in wanted["variables"].items() if text.startswith("${")} - {DOMAIN}
    return [name for name, text in _lines(wanted) if made & set(REFERENCE.findall(text))]


def missing(tab: str, names: Sequence[str]) -> list[str]:
    """Name what the tab has not, or has without a value."""
    values = dotenv.parse(tab)
    return [name for name in names if not values.get(name)]


def insisted(compose: str) -> list[str]:
    return list(dict.fromkeys(INSISTED.findall(compose)))


def _filled(wanted: Mapping[str, Any], tab: Mapping[str, str], *, app_name: str, host: str) -> dict[str, str]:
    """Give each line of the template its value; a secret that several lines share keeps the value that one has."""
    known = {
        reference[1]: tab[name]
        for name, text in _lines(wanted)
        if name in tab and (reference := REFERENCE.fullmatch(text))
    }
    variables = {**wanted["variables"], **known, **({DOMAIN: host} if host else {})}
    imported = template.process("", {**wanted, "variables": variables}, app_name)
    return dotenv.parse(imported.environment)


def _lines(wanted: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for line in wanted["config"]["env"]:
        name, _, text = line.partition("=")
        yield name, text


def _put(lines: list[str], name: str, value: str) -> None:
    """Change the line that counts: of several with one name it is the last."""
    numbers = [number for number, line in enumerate(lines) if name_of(line) == name]
    if numbers:
        lines[numbers[-1]] = f"{name}={value}"
    else:
        lines.append(f"{name}={value}")


def name_of(line: str) -> str:
    found = NAME.match(line)
    return found[1] if found else ""

"""/etc/<stack>/env: what is no secret, as systemd's EnvironmentFile reads it. An operator's lines stay."""

import re
from collections.abc import Iterable, Mapping

from bundle.errors import BundleError
from bundle.model import Variable

# What needs no quotes for systemd and for a shell that sources the file.
PLAIN = re.compile(r"[\w./:@%+,=~-]*")
ASSIGNMENT = re.compile(r"\s*([A-Za-z_]\w*)=(.*)")
HEADER = """\
# Settings of the stack {stack}; secrets are in credentials/, never here.
# After a change: `systemctl restart {stack}.target`, or the install command again, which proves it first.
# A line with a number sign is an offer: its value is the default.
"""


def values(text: str) -> dict[str, str]:
    """Read the assignments, as systemd does: the last one of a name counts."""
    found = (ASSIGNMENT.fullmatch(line) for line in text.splitlines())
    return {match[1]: _unquoted(match[2].strip()) for match in found if match}


def _unquoted(text: str) -> str:
    quote = text[:1]
    if quote not in ("'", '"') or len(text) < 2 or text[-1] != quote:
        return text
    return text[1:-1] if quote == "'" else re.sub(r'\\(["\\`$])', r"\1", text[1:-1])


def changed(text: str, wanted: Mapping[str, str]) -> str:
    """Set each name where it stands, else at the end; every other line stays as it is."""
    lines = text.splitlines()
    left = {name: value for name, value in wanted.items() if values(text).get(name) != value}
    for number, line in enumerate(lines):
        match = ASSIGNMENT.fullmatch(line)
        if match and match[1] in left:
            lines[number] = _line(match[1], left[match[1]])
    present = values("\n".join(lines))
    lines += [_line(name, value) for name, value in left.items() if name not in present]
    return "".join(f"{line}\n" for line in lines)


def without(text: str, names: Iterable[str]) -> str:
    """Take assignments out: what another way of saying the same thing has replaced."""
    dropped = set(names)
    kept = [line for line in text.splitlines() if not ((m := ASSIGNMENT.fullmatch(line)) and m[1] in dropped)]
    return "".join(f"{line}\n" for line in kept)


def offered(text: str, tunables: Iterable[Variable]) -> str:
    """Add each tunable that the file does not speak of yet, as a comment with its default."""
    spoken = {match[1] for match in re.finditer(r"^\s*#?\s*([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)}
    new = [variable for variable in tunables if variable.name not in spoken]
    return text + "".join(f"\n# {one.description}\n#{_line(one.name, one.default or '')}\n" for one in new)


def _line(name: str, value: str) -> str:
    if "\n" in value:
        raise BundleError(f"{name}: a value with a line break cannot be kept in the settings file; give it one line.")
    quoted = value if PLAIN.fullmatch(value) else '"' + re.sub(r'(["\\`$])', r"\\\1", value) + '"'
    return f"{name}={quoted}"

"""Management commands: as the stack's user, in the web's sandbox, with its settings and its secrets."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from bundle.process import Result, capture
from bundle.runtimes import MANAGE

# What says how a service is run, not what it may see and do.
LEFT_OUT = (
    "Type",
    "NotifyAccess",
    "ExecStart",
    "Restart",
    "RestartSec",
    "RestartSteps",
    "RestartMaxDelaySec",
    "SyslogIdentifier",
)
# systemd-run takes a specifier for plain text; a shell inside puts in what it stands for.
SPECIFIERS = {"%d": "$CREDENTIALS_DIRECTORY", "%H": "$(hostname)", "%t": "/run", "%%": "%"}
ESCAPED = """\
# systemd would replace a variable in the words.
for word; do
  set -- "$@" "$(printf '%s' "$word" | sed 's/\\$/$$/g')"
  shift
done
"""


def command(unit: str, release: Path, *, terminal: bool) -> list[str]:
    """Build the words that go before those of the management command; `terminal`: take the caller's, if it has one."""
    flags = ["--quiet", "--collect", "--wait", "--service-type=exec", *(["--pty"] if terminal else []), "--pipe"]
    lines = _directives(unit)
    plain = [f"--property={line}" for line in lines if not _special(line)]
    exports = "".join(_export(line) for line in lines if _special(line))
    inside = f'{exports}exec {release}/venv/bin/python {release}/{MANAGE} "$@"'
    return ["systemd-run", *flags, *plain, "--", "/bin/sh", "-c", inside.replace("$", "$$"), "manage"]


def _directives(unit: str) -> list[str]:
    section = unit.split("[Service]\n", 1)[1].split("\n[", 1)[0]
    lines = [line for line in section.splitlines() if line and not line.startswith("#")]
    return [each for line in lines if line.split("=", 1)[0] not in LEFT_OUT for each in _split(line)]


def _split(line: str) -> list[str]:
    """Give each address for itself: systemd-run takes a word such as localhost only alone."""
    key, value = line.split("=", 1)
    return [f"{key}={word}" for word in value.split()] if key == "IPAddressAllow" else [line]


def _special(line: str) -> bool:
    return line.startswith("Environment=") and "%" in line


def _export(line: str) -> str:
    """Set a variable unless the settings file has."""
    name, value = line.removeprefix("Environment=").split("=", 1)
    for specifier, words in SPECIFIERS.items():
        value = value.replace(specifier, words)
    return f'export {name}="${{{name}:-{value}}}"; '


def ask(unit: str, release: Path, words: Sequence[str]) -> Result:
    return capture([*command(unit, release, terminal=False), *(word.replace("$", "$$") for word in words)])


def script(unit: str, release: Path) -> str:
    """Write the program that an administrator types: <stack>-manage createsuperuser."""
    words = " \\\n  ".join(shlex.quote(word) for word in command(unit, release, terminal=True))
    return (
        "#!/bin/sh\n"
        "# Made by `make systemd-install`: a management command as the stack's user, with its settings and secrets.\n"
        "set -eu\n"
        '[ "$(id -u)" = 0 ] || {\n'
        '  echo "Management commands read the secrets, which are root\'s: run sudo $0 $*" >&2\n'
        "  exit 1\n"
        "}\n"
        f"{ESCAPED}"
        f'exec {words} "$@"\n'
    )

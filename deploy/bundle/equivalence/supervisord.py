"""Read deploy/host/supervisord.conf."""

import configparser
import re
import shlex
from collections import defaultdict

from bundle.equivalence import facts, words
from bundle.equivalence.facts import Facts
from bundle.equivalence.secrets import Handed
from bundle.model import Stack

PREFIX = "program:"
CHECKOUT = "%(here)s/../.."
ASSIGNMENT = re.compile(r'(\w+)="([^"]*)"')
RESTARTS = {"true": "always", "unexpected": "on-failure", "false": "no"}


def read(stack: Stack, text: str) -> dict[str, Facts]:
    """Give the facts of each service; the programs that stand for one are joined."""
    conf = configparser.RawConfigParser()
    conf.read_string(text)
    found = defaultdict(list)
    for section in conf.sections():
        if section.startswith(PREFIX):
            program = stack.program.get(section.removeprefix(PREFIX))
            found[program.service if program else section].append(_program(stack, dict(conf[section])))
    return {service: facts.together(processes) for service, processes in found.items()}


def _program(stack: Stack, keys: dict[str, str]) -> Facts:
    given = dict(ASSIGNMENT.findall(keys.get("environment", "")))
    # A program gets the environment of supervisord too.
    handed = Handed(stack, given, {}).values()
    command = keys["command"].replace(CHECKOUT, "").replace("%%", "%")
    found = facts.said(
        **words.started(shlex.split(command)),
        stop_time=int(keys["stopwaitsecs"]),
        stop_signal=f"SIG{keys['stopsignal']}",
        restart=RESTARTS[keys["autorestart"]],
        logging=_logging(keys),
    )
    return Facts(found | handed, inherits=True)


def _logging(keys: dict[str, str]) -> str:
    files = int(keys["stdout_logfile_backups"]) + 1
    return f"{files} files of {words.mebibytes(keys['stdout_logfile_maxbytes'])} MiB"

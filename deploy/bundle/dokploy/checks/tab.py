"""The Environment tab: what Dokploy's dotenv makes of each line."""

import re
from collections.abc import Iterator

from bundle.dokploy.checks.submission import GIVEN, Submission
from bundle.dokploy.imitation import dotenv
from bundle.render.dokploy import TEMPLATE

NAME = re.compile(r"[A-Z][A-Z0-9_]*")


def lines_are_assignments(submission: Submission) -> Iterator[str]:
    for line in submission.lines:
        name, equals, _ = line.partition("=")
        if not equals or not NAME.fullmatch(name):
            yield f"{TEMPLATE}: config.env: {line!r} vanishes; write NAME=value, the name in capitals"


def lines_are_read_unchanged(submission: Submission) -> Iterator[str]:
    for line in submission.lines:
        name, _, value = line.partition("=")
        read = dotenv.parse(line).get(name, value)
        if read != value:
            yield f"{TEMPLATE}: config.env: {name}: Dokploy reads {read!r} in {line!r}; leave out # and quotes"


def names_are_unique(submission: Submission) -> Iterator[str]:
    names = submission.names_in_tab
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{TEMPLATE}: config.env: {name}: stands twice, and only the last counts; keep one"
        if name in GIVEN:
            yield f"{TEMPLATE}: config.env: {name}: Dokploy sets it itself; remove it"


RULES = (lines_are_assignments, lines_are_read_unchanged, names_are_unique)

"""The `${NAME}` of the Compose texts: Compose is started with `env -i` and knows the Environment tab alone."""

import re
from collections.abc import Iterator

from bundle.dokploy.checks.submission import GIVEN, Submission
from bundle.render.dokploy import COMPOSE, TEMPLATE

# `$$` is a literal dollar sign; it is eaten first, so that what follows is no reference.
REFERENCE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?P<rest>[^}]*)\}|\$(?P<bare>\w+)")
WITH_DEFAULT = (":-", "-")


def every_reference_is_given(submission: Submission) -> Iterator[str]:
    """Compose would put nothing in the place of an unknown one, and only warn."""
    given = {*submission.names_in_tab, *GIVEN}
    for file in submission.documents:
        for name, rest in sorted(set(_references(submission.files[file]))):
            if name not in given and not rest.startswith(WITH_DEFAULT):
                yield f"{file}: ${{{name}}} has no default and is not in config.env of {TEMPLATE}; add it there"


def every_line_is_used(submission: Submission) -> Iterator[str]:
    used = {name for name, _ in _references(submission.files[COMPOSE])}
    for name in sorted(set(submission.names_in_tab) - used):
        yield f"{TEMPLATE}: config.env: {name}: {COMPOSE} hands it to no service; use it there, or remove it"


def _references(text: str) -> Iterator[tuple[str, str]]:
    for found in REFERENCE.finditer(text):
        if name := found["name"] or found["bare"]:
            yield name, found["rest"] or ""


RULES = (every_reference_is_given, every_line_is_used)

"""Read deploy/dokploy: the Compose text, with the environment that its template gives it."""

import tomllib

from bundle.equivalence import compose
from bundle.equivalence.facts import Facts
from bundle.model import Stack


def read(stack: Stack, text: str, template: str) -> dict[str, Facts]:
    lines = dict(line.split("=", 1) for line in tomllib.loads(template)["config"]["env"])
    # A secret that a person fills in shows as its name, as those do that Dokploy generates.
    filled_in = {name.upper(): f"<{name}>" for name, secret in stack.secret.items() if secret.given}
    return compose.read(stack, text, lines | {name: shown for name, shown in filled_in.items() if not lines.get(name)})

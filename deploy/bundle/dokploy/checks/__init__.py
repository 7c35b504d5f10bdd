"""Would Dokploy take deploy/dokploy and run it? One sentence for each reason why it would not.

Rules are asked in three rounds, because a text that cannot be read has no meaning to be judged: what can be read, then
what has the right shape, then everything else.
"""

from collections.abc import Callable, Iterator

from bundle.dokploy.checks import (
    compose,
    containers,
    domains,
    files,
    logs,
    meta,
    mounts,
    references,
    shape,
    tab,
    variables,
)
from bundle.dokploy.checks.submission import Submission

Rule = Callable[[Submission], Iterator[str]]
ROUNDS: tuple[tuple[Rule, ...], ...] = (
    files.RULES,
    shape.RULES,
    (
        *variables.RULES,
        *tab.RULES,
        *domains.RULES,
        *mounts.RULES,
        *compose.RULES,
        *containers.RULES,
        *references.RULES,
        *meta.RULES,
        *logs.RULES,
    ),
)


def problems(submission: Submission) -> list[str]:
    """List what the first round with any finds."""
    for rules in ROUNDS:
        if found := [sentence for rule in rules for sentence in rule(submission)]:
            return found
    return []

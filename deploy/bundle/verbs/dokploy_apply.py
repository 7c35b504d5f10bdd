"""Bring a Dokploy server to what deploy/stack.toml says, by its API; again and again, with the same result."""

import argparse
import os

from bundle import invocation, locking, terminal
from bundle.dokploy import apply, settings, wanted
from bundle.dokploy.api import Api


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "DOKPLOY_URL, DOKPLOY_API_KEY, DOMAIN, HTTPS, REGISTRY, TAG, DRY_RUN and more are variables."


def run(args: argparse.Namespace) -> int:
    asked = invocation.read(args.root, os.environ)
    chosen = settings.read(asked)
    target = wanted.build(asked.source, chosen)
    if not chosen.url:
        apply.show(None, target)
        return 0
    # Two at once would both find no project, and make one each.
    with (
        locking.held(asked.root / ".run" / ".locks" / f"dokploy-{chosen.service}"),
        Api(chosen.url, chosen.key, trace=terminal.say if chosen.dry_run else _silent) as api,
    ):
        (apply.show if chosen.dry_run else apply.run)(api, target)
    return 0


def _silent(_line: str) -> None:
    """Say nothing of a request."""

"""Explain a start that failed: which service, in what state, and its last words."""

from collections.abc import Mapping

from bundle import logs
from bundle.containers import commands
from bundle.containers.state import Container
from bundle.errors import BundleError
from bundle.process import Result, capture

LINES = 12


def explain(
    compose: commands.Compose, found: list[Container], environ: Mapping[str, str], result: Result
) -> BundleError:
    """Build the error from the containers as they stand now."""
    bad = culprits(found)
    if not bad:
        return BundleError(f"Compose could not start {compose.project}: {result.last_words}.")
    told = [line for container in bad for line in _told(compose, container, environ)]
    return BundleError(*told, f"The start of {compose.project} failed: {', '.join(summary(one) for one in bad)}.")


def culprits(found: list[Container]) -> list[Container]:
    """Pick what failed; a container that was only created waits for one of those."""
    return [container for container in found if not container.good and container.facts["State"]["Status"] != "created"]


def summary(container: Container) -> str:
    health = "" if container.health == "-" else f" and {container.health}"
    return f"{container.service} is {container.state}{health}"


def _told(compose: commands.Compose, container: Container, environ: Mapping[str, str]) -> list[str]:
    result = capture(compose.last_lines(container.service, lines=LINES), env=environ)
    probe = [f"    last probe: {container.last_probe}"] if container.last_probe else []
    return [f"{container.service}: its last lines", *logs.tail(result.out + result.err, lines=LINES), *probe]

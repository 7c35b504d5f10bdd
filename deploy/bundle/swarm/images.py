"""Pin every image of a release, so that all containers of it are made of the same, and a rollback finds the old ones.

Without a registry an image is pinned by its id: each start of a task would ask the public registry for a name, and
run what whoever owns that name has put there. With a registry it is pinned by its digest.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bundle import terminal
from bundle.containers.images import recipe
from bundle.containers.runtime import Containers
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.model import Image
from bundle.process import capture
from bundle.swarm import commands


def from_registry(invocation: Invocation) -> bool:
    return invocation.registry != invocation.source.variable["REGISTRY"].default


def name(invocation: Invocation, image: Image) -> str:
    return image.reference or f"{invocation.registry}/{image.name}:{invocation.tag}"


def pins(invocation: Invocation, wanted: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Give for each service what its image is pinned to; `wanted` names the image of each."""
    used = dict.fromkeys(wanted.values())
    find = _digest if from_registry(invocation) else _id
    pinned = {image: find(name(invocation, invocation.source.image[image]), environ) for image in used}
    return {service: pinned[image] for service, image in wanted.items()}


def _id(image: str, environ: Mapping[str, str]) -> str:
    found = capture(commands.image_id(image), env=environ)
    # An image of somebody else, which nobody has pulled yet, is pulled by the node.
    return found.out.strip() if found.ok else image


def _digest(image: str, environ: Mapping[str, str]) -> str:
    """Ask the registry, so that what is missing there is said now and not by each node."""
    pulled = capture(commands.pull(image), env=environ)
    if not pulled.ok:
        raise BundleError(
            f"The registry gives no {image} ({pulled.last_words}): push this release with `make push`, or check"
            " REGISTRY and TAG; nothing was changed."
        )
    digests = json.loads(capture(commands.image_digests(image), env=environ).out or "[]")
    repository = image.rpartition(":")[0]
    found = [digest for digest in digests if digest.startswith(f"{repository}@")]
    return f"{image}@{found[-1].partition('@')[2]}" if found else image


def push(invocation: Invocation) -> Iterator[str]:
    """Build under the usual names, where layers are known already, and push under the registry's."""
    built = replace(invocation, registry=str(invocation.source.variable["REGISTRY"].default))
    runtime = Containers(built)
    runtime.build()
    chosen = invocation.optional.chosen(invocation.source, {})
    local = recipe(built.source, built.registry, built.tag, chosen).names
    remote = recipe(invocation.source, invocation.registry, invocation.tag, chosen).names
    for here, there in zip(local, remote, strict=True):
        with terminal.step(f"Pushing {there}"):
            _pushed(here, there, runtime.environ)
        yield there


def _pushed(here: str, there: str, environ: Mapping[str, str]) -> None:
    for command in (commands.tag(here, there), commands.push(there)):
        result = capture(command, env=environ)
        if not result.ok:
            registry = there.partition("/")[0]
            raise BundleError(
                f"{registry} did not take {there} ({result.last_words}): check REGISTRY, and `docker login {registry}`."
            )

"""The Compose texts: what Dokploy adds itself must not be there, and no word may change its meaning on the way."""

from collections.abc import Iterator
from typing import Any

import yaml

from bundle.dokploy.checks.submission import Submission
from bundle.dokploy.imitation import yaml12
from bundle.render.dokploy import COMPOSE, GIT_COMPOSE
from bundle.render.dokploy_compose import NO_PLAIN_TEXT

TOP = {"services", "volumes"}
# What a service must not have, and why.
REFUSED = {
    "container_name": "Dokploy finds containers by their project, and two stacks would collide; remove it",
    "networks": "Dokploy adds its own, and a second list hides a service from the others; remove it",
    "network_mode": "Dokploy adds its own networks; remove it",
    "ports": "a published port goes around Traefik; use expose and a domain",
}


def services_are_those_of_the_stack(submission: Submission) -> Iterator[str]:
    for file, document in submission.documents.items():
        found = document["services"].keys()
        for name in submission.names:
            if name not in found:
                yield f"{file}: services: {name} is missing; other services look for it by this name"
        for name in sorted(found - set(submission.names)):
            yield f"{file}: services.{name}: the stack has no such service; remove it"


def nothing_stands_that_dokploy_adds(submission: Submission) -> Iterator[str]:
    for file, document in submission.documents.items():
        for key in sorted(document.keys() - TOP):
            yield f"{file}: {key}: only services and volumes may stand at the top; remove it"
    for place, service in submission.services():
        for key, reason in REFUSED.items():
            if key in service:
                yield f"{place}.{key}: {reason}"


def no_label_is_for_traefik(submission: Submission) -> Iterator[str]:
    for place, service in submission.services():
        for label in service.get("labels", []):
            if label.startswith("traefik."):
                yield f"{place}.labels: Dokploy writes {label.partition('=')[0]}; remove it, and add a domain instead"


def pasted_text_builds_nothing(submission: Submission) -> Iterator[str]:
    for name, service in submission.documents[COMPOSE]["services"].items():
        if "build" in service:
            yield f"{COMPOSE}: services.{name}.build: there is no source tree after an import; name an image only"


def every_image_is_built_or_pulled(submission: Submission) -> Iterator[str]:
    """In the text that builds: by the service itself or by another one."""
    services = submission.documents[GIT_COMPOSE]["services"]
    built = {service.get("image") for service in services.values() if "build" in service}
    for name, service in services.items():
        if "COMPOSE_PROJECT_NAME" in service.get("image", "") and service["image"] not in built:
            yield f"{GIT_COMPOSE}: services.{name}.image: nothing builds {service['image']}; build it in one service"


def no_text_is_a_boolean_in_disguise(submission: Submission) -> Iterator[str]:
    for file, document in submission.documents.items():
        for place, text in _texts(document, ""):
            if text.lower() in NO_PLAIN_TEXT:
                yield f"{file}: {place}: Dokploy writes {text!r} without quotes; make it a part of a longer text"


def rewriting_changes_nothing(submission: Submission) -> Iterator[str]:
    """Read what Dokploy would write as YAML 1.1 does, which older programs speak."""
    if any(no_text_is_a_boolean_in_disguise(submission)):
        return
    for file, document in submission.documents.items():
        again = yaml.safe_load(yaml12.dump(document))
        for (place, before), (_, after) in zip(_leaves(document, ""), _leaves(again, ""), strict=True):
            if before != after:
                yield f"{file}: {place}: {before!r} becomes {after!r} when Dokploy writes it anew; write it otherwise"


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    return ((where, leaf) for where, leaf in _leaves(value, place) if isinstance(leaf, str))


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{place}[{number}]")
    else:
        yield place, value


RULES = (
    services_are_those_of_the_stack,
    nothing_stands_that_dokploy_adds,
    no_label_is_for_traefik,
    pasted_text_builds_nothing,
    every_image_is_built_or_pulled,
    no_text_is_a_boolean_in_disguise,
    rewriting_changes_nothing,
)

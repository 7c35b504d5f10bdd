"""Each image comes from exactly one place, and that place exists."""

from collections.abc import Iterator
from pathlib import Path

from bundle.model import Stack
from bundle.rules.known import circle, unknown


def one_origin(stack: Stack, root: Path) -> Iterator[str]:
    for name, image in stack.image.items():
        origins = [origin for origin in (image.dockerfile, image.script, image.reference) if origin]
        if len(origins) != 1:
            yield f"image.{name}: {len(origins)} origins; give one of dockerfile, script, reference"


def origin_in_tree(stack: Stack, root: Path) -> Iterator[str]:
    for name, image in stack.image.items():
        for key, path in (("dockerfile", image.dockerfile), ("script", image.script)):
            if path and not (root / path).is_file():
                yield f"image.{name}.{key}: {path} is not in the tree; write it, or correct the path"


def references_are_pinned(stack: Stack, root: Path) -> Iterator[str]:
    for name, image in stack.image.items():
        last = (image.reference or "").rpartition("/")[2]
        if image.reference and ("@" not in last and (":" not in last or last.endswith(":latest"))):
            yield f"image.{name}.reference: {image.reference} has no fixed tag; add one, as in redis:8.0"


def builds_on_known_images(stack: Stack, root: Path) -> Iterator[str]:
    for name, image in stack.image.items():
        yield from unknown(f"image.{name}.builds_on", image.builds_on, stack.image)
    if path := circle({name: image.builds_on for name, image in stack.image.items()}):
        yield f"image: builds_on goes in a circle: {path}; take one of them out"


def services_have_an_image(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        yield from unknown(f"service.{name}.image", [service.image], stack.image)


def services_are_not_root(stack: Stack, root: Path) -> Iterator[str]:
    for name, service in stack.service.items():
        image = stack.image.get(service.image)
        if image and image.uid == 0:
            yield f"service.{name}.image: {service.image} runs as root (uid 0); give the image a uid of its own"


RULES = (
    one_origin,
    origin_in_tree,
    references_are_pinned,
    builds_on_known_images,
    services_have_an_image,
    services_are_not_root,
)

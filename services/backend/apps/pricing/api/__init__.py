"""The HTTP door. Every query starts from the caller's organisation; what belongs to another one is 404."""

from ninja import Router

TAGS: list[dict[str, str]] = []

router = Router()

"""The HTTP door."""

from ninja import Router

TAGS = [{"name": "events", "description": "Events: when they begin and end, who comes, and what reminds them"}]

router = Router()

"""The HTTP door. Every query starts from the caller's organisation, or from what is public; the rest is 404."""

from ninja import Router

from apps.events.api import events, people, public
from core.answers import answer_refusals

TAGS = [
    {"name": "events", "description": "Events: when they begin and end, who comes, and what reminds them"},
    {"name": "public events", "description": "Without signing in: what is on, and a calendar to subscribe to"},
]

router = Router()
router.add_decorator(answer_refusals)
router.add_router("", public.router)
router.add_router("", people.router)
router.add_router("", events.router)

"""The HTTP door. Every query starts from the caller's organisation; what belongs to another one is 404."""

from ninja import Router

from apps.tickets.api import boards, tickets, transitions
from core.answers import answer_refusals

TAGS = [
    {"name": "boards", "description": "Boards and their columns; a Done column is where the archive clock runs"},
    {"name": "tickets", "description": "Tickets: work on them, and what happens to them next, when and why"},
]

router = Router()
router.add_decorator(answer_refusals)
router.add_router("", boards.router)
router.add_router("", transitions.router)
router.add_router("", tickets.router)

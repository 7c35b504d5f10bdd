"""The HTTP door. Every query starts from the caller's organisation; what belongs to another one is 404."""

from ninja import Router

from apps.tickets.api import boards, tickets, transitions
from apps.tickets.api.answers import answer_refusals

router = Router()
router.add_decorator(answer_refusals)
router.add_router("", boards.router)
router.add_router("", transitions.router)
router.add_router("", tickets.router)

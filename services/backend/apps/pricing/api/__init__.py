"""The HTTP door. Every query starts from the caller's organisation; what belongs to another one is 404."""

from ninja import Router

from apps.pricing.api import batches, discounts, products, rules
from core.answers import answer_refusals

TAGS = [
    {"name": "products", "description": "What is sold, what it costs, and the currency of it all"},
    {
        "name": "batches",
        "description": "Batches on the shelf: what each costs now, what is next, and what it has cost",
    },
    {"name": "rules", "description": "How prices follow the date, and what a rule would do before it is switched on"},
    {"name": "discounts", "description": "For the installation's staff: ask for a recompute, and follow it"},
]

router = Router()
router.add_decorator(answer_refusals)
for part in (products, batches, rules, discounts):
    router.add_router("", part.router)

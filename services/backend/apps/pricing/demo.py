"""What pricing shows of itself in the demonstration."""

from apps.pricing.enums import RECOMPUTE_SCHEDULE
from apps.pricing.services.demo import shelf_seed
from core.demo.declaration import Demo

DEMO = Demo("A shelf, whose prices step down as its dates come near", RECOMPUTE_SCHEDULE, shelf_seed)

"""What tickets show of themselves in the demonstration."""

from apps.tickets.enums import ARCHIVE_SCHEDULE
from apps.tickets.services.demo import boards_seed
from core.demo.declaration import Demo

DEMO = Demo("A board, whose Done column empties by itself", ARCHIVE_SCHEDULE, boards_seed)

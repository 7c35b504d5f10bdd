"""What events show of themselves in the demonstration."""

from apps.events.enums import END_SCHEDULE
from apps.events.services.demo import events_seed
from core.demo.declaration import Demo

DEMO = Demo("Events, which begin and end by the clock", END_SCHEDULE, events_seed)

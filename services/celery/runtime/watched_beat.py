"""Beat as a unit of systemd: `celery beat --scheduler=runtime.watched_beat:Scheduler`."""

from typing import Any

from core.schedules.scheduler import SlotScheduler
from runtime.notify import notify


class Scheduler(SlotScheduler):
    """Feed the watchdog at every look at the clock: it waits for servers, and hangs at nothing.

    The heartbeat is left to the workers: there may be several on this machine, and none of them depends on this beat.
    """

    sends_heartbeat = False

    def tick(self, *args: Any, **kwargs: Any) -> float:
        seconds = super().tick(*args, **kwargs)
        notify("READY=1", "WATCHDOG=1", f"STATUS={f'Waiting for {self.waiting}' if self.waiting else 'On time'}")
        return seconds

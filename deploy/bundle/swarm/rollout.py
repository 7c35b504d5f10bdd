"""Deploy one phase and wait until its services are what they should be, or say why they are not."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bundle import terminal
from bundle.errors import BundleError
from bundle.invocation import Invocation
from bundle.process import capture
from bundle.swarm import commands, failure, images, phases, state

# A service that comes up takes this long at most; an empty database is initialised first.
START_SECONDS = 180
# So many containers of one service may fail before it counts as broken; Swarm itself would go on for ever.
PATIENCE = 3
# Each look asks the manager four times.
PAUSE_SECONDS = 1.0
SETTLED = ("", "completed")
UNDER_WAY = ("updating", "rollback_started")


@dataclass
class Rollout:
    """One phase on its way."""

    invocation: Invocation
    phase: phases.Phase
    environ: Mapping[str, str]
    # What there was before is not this rollout's failure.
    known: set[str] = field(default_factory=set)

    @property
    def swarm(self) -> commands.Swarm:
        return commands.Swarm(self.invocation.stack)

    def run(self, pinned: Mapping[str, str], consequence: str) -> None:
        """Deploy and wait; `consequence` says what a failure leaves behind."""
        with terminal.step(f"{self.phase.doing} ({', '.join(self.phase.services)})"):
            self.known = {task.id for task in state.all_tasks(self.swarm, self.environ)}
            self._deploy(phases.write(self.invocation, self.phase, pinned))
            try:
                terminal.wait_until(
                    partial(self._missing, consequence), timeout_seconds=self._limit(), what=self.phase.doing
                )
            except terminal.WaitedTooLongError:
                late = [service for service in self._services() if missing(service)]
                raise failure.explain(self.invocation.stack, late, consequence, self.environ) from None

    def _deploy(self, files: list[Path]) -> None:
        registry = images.from_registry(self.invocation)
        result = capture(self.swarm.deploy(files, registry=registry), env=self.environ)
        if not result.ok:
            raise BundleError(f"docker stack deploy refused the {self.phase.name}: {result.last_words}.")

    def _missing(self, consequence: str) -> str:
        """Name what is not there yet; a failure ends the wait."""
        time.sleep(PAUSE_SECONDS)
        found = self._services()
        if bad := [service for service in found if broken(service, self.known)]:
            raise failure.explain(self.invocation.stack, bad, consequence, self.environ)
        return ", ".join(filter(None, map(missing, found)))

    def _services(self) -> list[state.Service]:
        return [one for one in state.services(self.swarm, self.environ) if one.name in self.phase.services]

    def _limit(self) -> int:
        """Give time for one container after the other to end its work, start, and be watched."""
        each = [one.replicas * (one.stop_seconds + one.monitor_seconds) for one in self._services()]
        return max(each, default=0) + START_SECONDS


def broken(service: state.Service, known: set[str]) -> bool:
    """Tell whether it will not become what it should be by waiting."""
    bad = [task for task in service.tasks if task.bad and task.id not in known and task.template == service.template]
    if service.update in UNDER_WAY:
        return False
    return service.update not in SETTLED or len(bad) >= (1 if service.one_shot else PATIENCE)


def missing(service: state.Service) -> str:
    """Say what it still lacks, in a few words."""
    if service.one_shot:
        done = any(task.state == "complete" and task.template == service.template for task in service.tasks)
        return "" if done else f"{service.name} is at work"
    if service.update in UNDER_WAY:
        return f"{service.name}: {_step(service)}"
    ready = len(service.up_to_date)
    if ready < service.replicas:
        return f"{service.name} {ready}/{service.replicas}"
    return f"{service.name}: the old one ends" if service.ending else ""


def _step(service: state.Service) -> str:
    if service.update == "rollback_started":
        return "the new one failed, going back"
    if service.ending:
        return f"{len(service.up_to_date)}/{service.replicas}, an old one ends its work"
    return f"{len(service.up_to_date)}/{service.replicas}, watched"

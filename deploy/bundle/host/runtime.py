"""The stack on the host: what each verb does with supervisord."""

import shutil
from collections.abc import Mapping, Sequence

from bundle import lines, programs, secrets, terminal
from bundle.errors import BundleError
from bundle.host import daemon, environment, health, prepare, record, report, servers, sockets, start
from bundle.host.environment import Place
from bundle.host.record import Record
from bundle.invocation import Invocation
from bundle.process import Result, become, capture
from bundle.runtimes import Report, ServiceState, Started


class Host:
    """One supervisord and its programs."""

    title = "host"

    def __init__(self, invocation: Invocation) -> None:
        self.invocation = invocation
        self.place = Place(invocation, sockets.directory(invocation.run_dir, invocation.environ))

    @property
    def record(self) -> Record | None:
        return record.load(self.invocation.run_dir)

    def running(self) -> bool:
        return daemon.answers(self.record) or bool(daemon.leftovers(self.record))

    def exists(self) -> bool:
        return self.running() or servers.data_version(self.place.postgres) > 0

    def up(self) -> Started:
        if self.invocation.optional.asked:
            raise BundleError(
                "WORKERS and PROFILES need containers; here one worker takes every queue: leave them out."
            )
        before = self.record if daemon.answers(self.record) else None
        start.check(self.place, ours=self.record if self.running() else None)
        if before is None:
            self._clear_leftovers()
        installed = prepare.packages(self.place)
        secrets.generate(self.invocation)
        wanted = start.plan(self.place, before)
        if before and not start.same(before, wanted):
            terminal.note("Settings or sources have changed: the host runtime is started again.")
            self.down()
            before = None
        self._run(wanted, before)
        return Started(cold=installed, was_running=before is not None)

    def _run(self, wanted: start.Plan, before: Record | None) -> None:
        try:
            prepare.everything(self.place, wanted.embedded, wanted.environ)
            start.run(wanted, before)
        except (BundleError, KeyboardInterrupt):
            if before is None:
                self.down()
                terminal.note("The start was undone: no process is left; the data, if there was any, is untouched.")
            else:
                terminal.note(f"What ran before was left as it is: look with `{self.invocation.command('status')}`.")
            raise

    def down(self) -> None:
        if self.record and daemon.answers(self.record):
            with terminal.step(f"Stopping {self.invocation.stack} (a running task is finished first)"):
                daemon.stop(self.record, self.invocation.source)
        self._clear_leftovers()
        record.remove(self.invocation.run_dir)
        self.place.heartbeat.unlink(missing_ok=True)
        sockets.remove(self.place.sockets)

    def _clear_leftovers(self) -> None:
        if self.record and daemon.leftovers(self.record):
            with terminal.step("supervisord is gone but its programs run on: stopping them"):
                daemon.stop_leftovers(self.record, self.place)

    def destroy(self) -> None:
        self.down()
        for path in (self.place.postgres, self.place.redis, self.invocation.logs_dir):
            shutil.rmtree(path, ignore_errors=True)

    def logs(self, service: str, *, follow: bool) -> int:
        stack = self.invocation.source
        names = programs.of_service(stack, service) or [service] if service else list(stack.program)
        files = [file for name in names if (file := self.invocation.logs_dir / f"{name}.log").exists()]
        if not files:
            known = dict.fromkeys(program.service for program in stack.program.values())
            raise BundleError(f"There is no log of {service or 'any service'}: the services are {', '.join(known)}.")
        flags = ["-n", "100", "-F"] if follow else ["-n", "+1"]
        if terminal.shows_answers():
            return lines.show(["tail", *flags, *map(str, files)], lines.headed(files[0]))
        return become(["tail", "-q", *flags, *map(str, files)])

    def manage(self, words: Sequence[str]) -> int:
        return become(prepare.manage(self.place, *words), env=self._environ())

    def ask(self, words: Sequence[str]) -> Result:
        return capture(prepare.manage(self.place, *words), env=self._environ())

    def _environ(self) -> dict[str, str]:
        remembered = self.record.environment if self.record else {}
        return {**environment.inherited(self.place), **remembered}

    def optional_addresses(self) -> Mapping[str, str]:
        return {}

    def address(self) -> str:
        known = self.record
        return health.address(known.environment["WEB_LISTEN"]) if known and "web" in known.programs else ""

    def services(self) -> list[ServiceState]:
        return report.states(self.place, self.record, daemon.leftovers(self.record))

    def report(self) -> Report:
        return report.rows(self.place, self.record), report.EXPLANATION

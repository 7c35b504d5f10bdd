"""`make systemd-install`: prepare, prove, switch; and back again when the new release does not become healthy."""

import os
import signal
from dataclasses import dataclass

from bundle import ports, terminal
from bundle.errors import BundleError
from bundle.systemd import (
    account,
    candidate,
    credentials,
    health,
    machine,
    packages,
    plan,
    postgres,
    record,
    redis,
    release,
    switch,
    systemctl,
)
from bundle.systemd.plan import Plan
from bundle.systemd.record import Record
from bundle.systemd.request import Request
from bundle.systemd.switch import State
from bundle.systemd.unit_files import Fit

RUNBOOK = "docs/runbooks/upgrade-rolled-back.md"


@dataclass(frozen=True)
class Installation:
    """One run of the installer: what is wanted, and what is in use."""

    request: Request
    plan: Plan
    wanted: State
    old: State | None
    before: Record | None

    @property
    def up_to_date(self) -> bool:
        """Tell whether exactly this was proven healthy before, and is so now."""
        proven = self.before and self.before.applied == self.plan.digest and self.before.release == self.wanted.release
        place = self.request.place
        same = bool(proven) and self.old == self.wanted and not switch.stale(place, self.wanted)
        return same and not health.problems(place, self.wanted)


def planned(request: Request) -> Installation:
    """Look at everything and change nothing but Debian's packages, which must be there to look at."""
    before = record.load(request.place.record)
    _refuse(request, before)
    servers = plan.servers(request, before)
    _packages(servers)
    port = before.database_port if before else ""
    cluster = postgres.running(port) if servers.own_database else None
    made = plan.make(request, servers, cluster)
    old = switch.in_use(request.place, [*made.credentials, *made.dropped])
    name = release.chosen(request, Fit(request.place, request.user))
    _refuse_busy_port(made, old)
    return Installation(request, made, State(name, made.settings, made.credentials), old, before)


def run(work: Installation) -> None:
    """Whoever calls holds the lock. Until `switch.put` nothing that runs has been touched."""
    os.umask(0o022)
    _lay_out(work)
    try:
        candidate.prove(candidate.Candidate(work.plan, work.wanted.release))
    except BundleError as error:
        raise _refused(work, error) from None
    _switch(work)
    _remember(work)
    release.prune(work.request.place, {work.wanted.release, work.old.release if work.old else ""})


def _refuse(request: Request, before: Record | None) -> None:
    asked, place = request.invocation, request.place
    machine.warn_of_little_memory(asked.source.memory_mb)
    if before and (before.prefix, before.user) != (str(place.prefix), request.user):
        raise BundleError(
            f"{place.stack} is installed with PREFIX={before.prefix} SERVICE_USER={before.user}: give the same, or"
            f" remove it first with `{asked.command('systemd-uninstall')}` (data stays)."
        )
    account.refuse_foreign(request.user, place.state, on_purpose="SERVICE_USER" in request.given)
    if before:
        credentials.refuse_lost(place.credentials, before.secrets, place.stack)


def _packages(servers: plan.Servers) -> None:
    wanted = packages.missing(own_database=servers.own_database, own_redis=servers.own_redis)
    if wanted:
        packages.install(wanted)
    if "redis-server" in wanted:
        redis.silence_default()


def _refuse_busy_port(made: Plan, old: State | None) -> None:
    """Ask for the port only when it is not ours already."""
    bind, port = made.asked.bind, made.asked.port
    if old and (old.values.get("WEB_BIND"), old.values.get("WEB_PORT")) == (bind, str(port)):
        return
    ports.refuse_busy(bind, port, command=made.asked.command("systemd-install"))


def _lay_out(work: Installation) -> None:
    """Make what the new release needs and the old one does not mind: user, directories, servers, the release itself."""
    place, made, stack = work.request.place, work.plan, work.request.stack
    account.ensure(work.request.user, place.state)
    place.etc.mkdir(parents=True, exist_ok=True)
    if work.old is None:
        credentials.keep(place.credentials, made.credentials)
        _remember(work, release_name="", applied="")
    if made.servers.own_database:
        cluster = postgres.running(made.values["DB_PORT"])
        postgres.ensure(cluster, role=stack, database=stack, password=made.credentials["db_password"])
    if made.servers.own_redis:
        redis.ensure(made.stack, user=work.request.user, password=made.credentials["redis_password"])
    release.ensure(work.request, work.wanted.release, Fit(place, work.request.user))


def _refused(work: Installation, error: BundleError) -> BundleError:
    kept = f"{work.old.release} serves as before" if work.old else "nothing runs yet"
    release.discard(work.request.place, work.wanted.release, unless=work.old.release if work.old else "")
    return BundleError(f"Release {work.wanted.release} was not taken into use, and {kept}: {error}")


def _switch(work: Installation) -> None:
    """Take the release into use; whatever ends this before it is healthy takes it back."""
    place, request = work.request.place, work.request
    try:
        with terminal.step(f"Switching to release {work.wanted.release} (a running task is finished first)"):
            switch.put(place, work.wanted, request.user)
            switch.restart(place, work.wanted, work.plan.stack)
    except (BundleError, KeyboardInterrupt) as error:
        _back(work, error)
        raise


def _back(work: Installation, error: BaseException) -> None:
    """Nothing interrupts this: a machine is not left half way."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    place, old = work.request.place, work.old
    why = str(error) or "it was interrupted"
    if old is None:
        systemctl.run("disable", "--now", f"{place.stack}.target", f"{place.stack}-web.socket")
        place.current.unlink(missing_ok=True)
        raise BundleError(f"{place.stack} did not start and was stopped again: {why} ({RUNBOOK})") from None
    terminal.note(f"Release {work.wanted.release} is not healthy: going back to {old.release} ...")
    try:
        switch.put(place, old, work.request.user)
        switch.restart(place, old, work.plan.stack)
    except BundleError as second:
        raise BundleError(
            f"Release {work.wanted.release} failed: {why}",
            f"Going back to {old.release} failed too: {second} ({RUNBOOK})",
        ) from None
    release.discard(place, work.wanted.release, unless=old.release)
    raise BundleError(f"Rolled back to release {old.release}, which serves again: {why} ({RUNBOOK})") from None


def _remember(work: Installation, *, release_name: str | None = None, applied: str | None = None) -> None:
    made, request = work.plan, work.request
    name = work.wanted.release if release_name is None else release_name
    record.save(
        request.place.record,
        Record(
            release=name,
            prefix=str(request.place.prefix),
            user=request.user,
            applied=made.digest if applied is None else applied,
            own_database=made.servers.own_database,
            own_redis=made.servers.own_redis,
            database_port=made.values.get("DB_PORT", "") if made.servers.own_database else "",
            secrets=plan.secrets(made.stack),
        ),
    )

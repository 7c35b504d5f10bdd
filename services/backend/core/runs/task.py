"""The base of every task: on record from the moment it is asked for, unless it opts out with `ledger=False`."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from celery import Task
from celery.exceptions import Ignore, Reject, Retry
from django.db import InterfaceError, OperationalError

from core.runs.errors import NonRecoverableError, RecoverableError, RunCancelledError, RunHeldError, RunSkippedError
from core.runs.registry import Traits, traits
from core.runs.running import Running, at_work, current, running
from core.runs.services import finish
from core.runs.services.pulse import keep_alive
from core.runs.services.request import ON_RECORD, Request, run_next_turn, run_request
from core.runs.services.start import run_adopt, run_start

# After these another attempt makes sense, whatever the task.
MAY_PASS: tuple[type[Exception], ...] = (RecoverableError, OperationalError, InterfaceError)
# What Celery passes along for chains, groups and callbacks; a message that is sent again must carry it, too.
CANVAS = (
    "link",
    "link_error",
    "chain",
    "chord",
    "group_id",
    "group_index",
    "root_id",
    "parent_id",
    "headers",
    "priority",
)


class LedgerTask(Task):  # type: ignore[type-arg]  # not subscriptable at run time
    """Options beside Celery's, for the decorator:

    `policy`: the name of a retry policy. `recoverable`: errors, beside RecoverableError and a database that is away,
    after which another attempt makes sense; anything else fails at once. `singleton`: skipped while another of it is at
    work. `per_organisation`: how many of it one organisation may have in the queue and at work. `concurrent`: it claims
    its rows, so that two of it at once do no harm; the schedule linter asks. `aliases`: other names that callers know
    it by; its runs are on record under its own.
    """

    ledger = True
    policy = "default"
    recoverable: ClassVar[tuple[type[Exception], ...]] = ()
    singleton = False
    per_organisation = 0
    concurrent = False
    aliases: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def on_bound(cls, app: Any) -> None:
        """Let messages with the other names find the same task."""
        for alias in cls.aliases:
            app._tasks[alias] = app._tasks[cls.name]

    def apply_async(  # type: ignore[override]  # the stubs name each option
        self, args: Any = None, kwargs: Any = None, task_id: str | None = None, **options: Any
    ) -> Any:
        """Put the run on record and send it after the commit; return its AsyncResult, as Celery does."""
        if not self.ledger or self.app.conf.task_always_eager:
            return super().apply_async(args, kwargs, task_id=task_id, **options)
        self._check_arguments(args, kwargs)
        run = run_request(_request(self.name, args or (), kwargs or {}, task_id, options))
        return self.AsyncResult(str(run.id))

    def _check_arguments(self, args: Any, kwargs: Any) -> None:
        """Refuse a call that the function would refuse, here where it is made."""
        if self.typing:
            self.__header__(*(args or ()), **(kwargs or {}))  # type: ignore[attr-defined]  # not in the stubs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        request = self.request
        on_record = self.ledger or request.get(ON_RECORD)
        if not on_record or request.id is None or request.called_directly or request.is_eager:
            return super().__call__(*args, **kwargs)
        run = self._begin(args, kwargs)
        if run is None:
            raise Ignore
        token = current.set(run)
        at_work[run.id] = run
        keep_alive()
        try:
            return self._attempt(run, args, kwargs)
        finally:
            at_work.pop(run.id, None)
            current.reset(token)

    def _begin(self, args: Any, kwargs: Any) -> Running | None:
        task, run_id = self._traits(), UUID(self.request.id)
        run = run_start(id=run_id, name=self.name, task=task)
        queue = (self.request.delivery_info or {}).get("routing_key") or ""
        if run is None and run_adopt(id=run_id, name=self.name, queue=queue, args=args, kwargs=kwargs, task=task):
            run = run_start(id=run_id, name=self.name, task=task)
        return run

    def _traits(self) -> Traits:
        return traits(self.name)

    def _attempt(self, run: Running, args: Any, kwargs: Any) -> Any:
        try:
            result = self.run(*args, **kwargs)
        except (Ignore, Reject, Retry):
            raise
        except (RunCancelledError, RunSkippedError) as error:
            finish.run_stop(run=run, error=error)
            raise Ignore from error
        except RunHeldError as held:
            finish.run_hold(run=run, why=str(held), preview=held.preview)
            raise Ignore from held
        except Exception as error:
            self._retry_or_fail(run, error)
            raise
        if not finish.run_succeed(run=run, result=result):
            raise Ignore
        self._let_next_in(run)
        return result

    def _retry_or_fail(self, run: Running, error: Exception) -> None:
        """Raise Celery's Retry when the error may pass and an attempt is left; else write the failure down."""
        if isinstance(error, (*MAY_PASS, *self.recoverable)) and not isinstance(error, NonRecoverableError):
            seconds = finish.run_retry_later(run=run, error=error)
            if seconds is not None:
                raise Retry(exc=error, when=datetime.now(UTC) + timedelta(seconds=seconds)) from error
        finish.run_fail(run=run, error=error)
        self._let_next_in(run)

    def retry(self, *args: Any, **options: Any) -> Any:
        """Try again later, as Celery's own, which takes `exc` and `countdown`; without one the policy says when."""
        run = running()
        if run is None:
            return super().retry(*args, **options)
        exc, countdown = options.get("exc"), options.get("countdown")
        error = exc or RecoverableError("The task asked to be tried again.")
        seconds = finish.run_retry_later(run=run, error=error, seconds=countdown)
        if seconds is None:
            raise error
        raise Retry(exc=error, when=datetime.now(UTC) + timedelta(seconds=seconds)) from exc

    def _let_next_in(self, run: Running) -> None:
        if self.per_organisation and run.organisation_id is not None:
            run_next_turn(name=self.name, organisation_id=run.organisation_id)


def _request(name: str, args: Sequence[Any], kwargs: dict[str, Any], task_id: str | None, options: Any) -> Request:
    now = datetime.now(UTC)
    wait, eta, expires = options.get("countdown"), options.get("eta"), options.get("expires")
    canvas = {key: options[key] for key in CANVAS if options.get(key)}
    return Request(
        name=name,
        args=args,
        kwargs=kwargs,
        queue=options.get("queue"),
        not_before=now + timedelta(seconds=wait) if wait else eta,
        expires_at=now + timedelta(seconds=expires) if isinstance(expires, int | float) else expires,
        id=UUID(task_id) if task_id else uuid4(),
        options=canvas,
    )


class RepeatableTask(LedgerTask):
    """What an attempt does is committed or was never done: another one goes on from there, also when a worker died."""

    acks_late = True
    reject_on_worker_lost = True

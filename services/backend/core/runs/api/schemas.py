"""What goes in and out of the runs' door."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from ninja import Field, Schema

from core.inputs import In, Moment, Number, Text
from core.organisations.enums import Role
from core.runs.api.callers import caller_of
from core.runs.arguments import hidden
from core.runs.enums import Outcome, State, Trigger
from core.runs.models import Run
from core.runs.results import WORDS
from core.runs.services.replay import MOST

Word = Literal["PENDING", "STARTED", "PROGRESS", "RETRY", "SUCCESS", "FAILURE", "REVOKED"]
EXAMPLE_ID = "0b9d6c9e-6f0c-4b0e-9a57-1d4a1f8f4c11"


class Progress(Schema):
    done: int = Field(examples=[40])
    total: int | None = Field(description="null: not known", examples=[200])


class RunOut(Schema):
    """A run. `state` is our word, `status` is what Celery's clients call it."""

    id: UUID = Field(examples=[EXAMPLE_ID])
    name: str = Field(description="The task", examples=["tickets.tasks.archive_old_done_tickets"])
    status: Word = Field(examples=["PROGRESS"])
    state: State = Field(examples=["RUNNING"])
    organisation: str | None = Field(description="Its slug; null: a chore of the installation")
    queue: str = Field(examples=["default"])
    trigger: Trigger
    requested_by: str = Field(description="A person, a token or a schedule")
    schedule: str | None = Field(description="The schedule's key", examples=["archive-old-done-tickets"])
    slot: datetime | None = Field(description="The schedule's due time that this run answers")
    attempt: int
    max_attempts: int
    progress: Progress | None
    note: str = Field(description="What it says of itself, or why it is held or was skipped")
    examined: int
    changed: int
    failed: int = Field(description="Items that failed; the others of a PARTIAL run are done")
    queued_at: datetime
    not_before: datetime | None
    expires_at: datetime | None = Field(description="Not started by then: EXPIRED")
    started_at: datetime | None
    heartbeat_at: datetime | None = Field(description="When its worker last told that it is alive")
    deadline_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    worker: str
    error_type: str
    error: str = Field(description="One sentence, without the secrets among the arguments")
    approved_by: str
    retry_of: UUID | None = Field(alias="retry_of_id", description="The run that this one repeats")
    parent: UUID | None = Field(alias="parent_id", description="The run that asked for this one")
    undone_by: UUID | None = Field(alias="undone_by_id")

    @staticmethod
    def resolve_status(run: Run) -> str:
        at_work = run.state == State.RUNNING and run.progress_done is not None
        return "PROGRESS" if at_work else WORDS[State(run.state)]

    @staticmethod
    def resolve_organisation(run: Run) -> str | None:
        return run.organisation.slug if run.organisation else None

    @staticmethod
    def resolve_schedule(run: Run) -> str | None:
        return run.schedule.key if run.schedule else None

    @staticmethod
    def resolve_progress(run: Run) -> dict[str, Any] | None:
        return None if run.progress_done is None else {"done": run.progress_done, "total": run.progress_total}


class Arguments(Schema):
    args: list[Any]
    kwargs: dict[str, Any]


class RunDetail(RunOut):
    """A run with what it was given and what came of it."""

    arguments: Arguments = Field(alias="shown_arguments", description="What is named like a secret is hidden")
    result: Any = Field(description="What the task returned; of a held run, its preview")
    traceback: str | None = Field(description="For owners")
    request_id: str = Field(description="X-Request-ID of the request that asked for it, also in the log")
    retries: list[UUID] = Field(description="The runs that repeat this one")

    @staticmethod
    def resolve_result(run: Run) -> Any:
        return hidden(run.result)

    @staticmethod
    def resolve_traceback(run: Run, context: Any) -> str | None:
        owner = caller_of(context["request"]).role_for(run).allows(Role.OWNER)
        return run.traceback if owner else None

    @staticmethod
    def resolve_retries(run: Run) -> list[UUID]:
        return list(run.retries.order_by("queued_at", "id").values_list("id", flat=True))


class RunPage(Schema):
    items: list[RunOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null on the last one")


class LetterFilter(In):
    """Which dead letters; without any: all of them."""

    name: Text | None = Field(None, description="The task", examples=["tickets.tasks.archive_old_done_tickets"])
    state: Literal["FAILED", "LOST", "EXPIRED"] | None = None
    error_type: Text | None = Field(None, examples=["ConnectionError"])
    since: Moment | None = Field(None, description="That ended then or later")
    until: Moment | None = Field(None, description="That ended before then")
    limit: Annotated[int, Field(ge=1, le=MOST), Number] = 100

    def of(self, letters: QuerySet[Run]) -> QuerySet[Run]:
        wanted = {"name": self.name, "state": self.state, "error_type": self.error_type}
        ended = {"finished_at__gte": self.since, "finished_at__lt": self.until}
        return letters.filter(**{key: value for key, value in (wanted | ended).items() if value is not None})


class Replayed(Schema):
    items: list[RunOut] = Field(description="The new runs, each with the one that it repeats in `retry_of`")
    more: bool = Field(description="More dead letters match: ask again, with another Idempotency-Key")


class ItemOut(Schema):
    """One row that the run changed, or failed at."""

    id: int
    subject: str = Field(examples=["tickets.ticket:123"])
    outcome: Outcome
    before: Any
    after: Any
    error: str
    undone_at: datetime | None


class ItemPage(Schema):
    items: list[ItemOut]
    next_cursor: int | None = Field(description="Send it as `cursor` for the next page; null on the last one")

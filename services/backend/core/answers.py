"""From what an app's service says to what HTTP says. Only the web loads it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from ninja import Field, Schema
from ninja.errors import HttpError

from core.errors import NotFoundError, RefusedError

T = TypeVar("T")


class NextActionOut(Schema):
    what: str
    at: datetime | None
    why: str
    by_schedule: str | None


class HistoryLineOut(Schema):
    """A line of an object's history; what it says happened, its `kind`, is the app's."""

    at: datetime
    old: str
    new: str
    actor: str = Field(alias="actor_name")
    automatic: bool


class PreviewRow(Schema):
    subject: str = Field(examples=["tickets.ticket:123"])
    what: str
    why: str


class PreviewOut(Schema):
    at: datetime = Field(description="The next run; now, where none is due")
    count: int = Field(description="How many rows it will change if nothing changes before")
    rows: list[PreviewRow] = Field(description="The longest overdue first")


def answer_refusals(view: Callable[..., Any]) -> Callable[..., Any]:
    """Answer 404 for what is not there and 409 for what the state forbids, with the service's sentence."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except NotFoundError as error:
            raise HttpError(404, str(error)) from None
        except RefusedError as error:
            raise HttpError(409, str(error)) from None

    return answered


def found(row: T | None, what: str, row_id: int) -> T:
    if row is None:
        raise HttpError(404, f"There is no {what} with the id {row_id} in your organisation.")
    return row

"""From what a service says to what HTTP says."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.models import User
from ninja.errors import HttpError

from apps.tickets.services import Actor, NotFoundError, RefusedError
from core.organisations.auth import Caller

T = TypeVar("T")


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


def actor(caller: Caller) -> Actor:
    return Actor(user=cast(User | None, caller.user), name=caller.name)

"""Types of what callers of the API send: only what PostgreSQL can store, only names that are known."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from ninja import Field, Query, Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

from core.organisations.models import validate_zone


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the NUL character cannot be stored")
    return text


class Storable:
    """For a text that PostgreSQL is to hold or to compare: refused with a sentence, and described as a pattern."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(_storable, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"pattern": r"^[^\u0000]*$", **handler(schema)}


def checked(check: Callable[[Any], None]) -> AfterValidator:
    """Ask one of Django's validators, which a model's form asks, too."""

    def ask(value: Any) -> Any:
        try:
            check(value)
        except ValidationError as error:
            # The refusal ends the sentence itself.
            raise ValueError(error.message.removesuffix(".")) from None
        return value

    return AfterValidator(ask)


def _in_utc(moment: datetime) -> datetime:
    """PostgreSQL knows no zone further from UTC than 16 hours, so it is not asked about any."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie between the years 1 and 9999") from None


NUMBER = re.compile(r"\s*[+-]?\d+(\.\d*)?\s*")


def _is_written(value: object) -> object:
    """A bare number would be read as seconds since 1970, which no schema of ours says."""
    if isinstance(value, int | float) or (isinstance(value, str) and NUMBER.fullmatch(value)):
        raise ValueError("must be a time such as 2026-11-21T16:00:00Z, not a number")
    return value


def _is_number(value: object) -> object:
    """Without this, `false` would be 0: to switch a threshold off that way would archive at once."""
    if isinstance(value, bool | str):
        raise ValueError("must be a whole number")  # noqa: TRY004  # the one error that pydantic answers with 422
    return value


Zone = Annotated[str, checked(validate_zone), Field(examples=["Europe/London"])]
# How many of a list, or of a preview.
Limit = Annotated[int, Query(ge=1, le=200)]
Moment = Annotated[AwareDatetime, BeforeValidator(_is_written), AfterValidator(_in_utc)]
Text = Annotated[str, Storable()]
Number = BeforeValidator(_is_number)
Whole = Annotated[int, Number]
Flag = Annotated[bool, Field(strict=True)]


class In(Schema):
    """What a caller sends: a name that is not known is refused, because it is a slip that would change nothing."""

    model_config = ConfigDict(extra="forbid")

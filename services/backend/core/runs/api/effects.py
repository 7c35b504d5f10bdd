"""How an effect (a mail, a call) is shown."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from ninja import Field, Schema

from core.effects.enums import EffectState
from core.effects.models import Effect
from core.inputs import In, Moment, Text


class EffectOut(Schema):
    id: int
    channel: str = Field(examples=["mail"])
    organisation: str | None = Field(description="Its slug; null: the installation's")
    state: EffectState
    payload: Any = Field(alias="shown_payload", description="What is named like a secret is hidden")
    attempts: int
    max_attempts: int
    error: str
    not_before: datetime
    created_at: datetime
    sent_at: datetime | None
    run: UUID | None = Field(alias="run_id", description="The run that asked for it")

    @staticmethod
    def resolve_organisation(effect: Effect) -> str | None:
        return effect.organisation.slug if effect.organisation else None


class EffectPage(Schema):
    items: list[EffectOut]
    next_cursor: int | None = Field(description="Send it as `cursor` for the next page; null on the last one")


class EffectFilter(In):
    """Which dead mails and calls; without any: all of them."""

    channel: Text | None = Field(None, examples=["mail"])
    since: Moment | None = Field(None, description="Asked for then or later")
    until: Moment | None = Field(None, description="Asked for before then")
    limit: Annotated[int, Field(ge=1, le=200)] = 100

    def of(self, effects: QuerySet[Effect]) -> QuerySet[Effect]:
        wanted = {"channel": self.channel, "created_at__gte": self.since, "created_at__lt": self.until}
        return effects.filter(**{key: value for key, value in wanted.items() if value is not None})


class EffectsReplayed(Schema):
    items: list[EffectOut]
    more: bool = Field(description="More of the dead match: ask again")

"""Boards, columns and tickets for tests."""

from datetime import timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from apps.tickets.models import Board, Column, Ticket
from core.clock import database_now
from core.organisations.tests.factories import OrganisationFactory


class BoardFactory(DjangoModelFactory[Board]):
    class Meta:
        model = Board

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Board {n}")


class ColumnFactory(DjangoModelFactory[Column]):
    class Meta:
        model = Column

    board = factory.SubFactory(BoardFactory)
    name = "To do"
    position = factory.Sequence(lambda n: n + 1)


class DoneFactory(ColumnFactory):
    name = "Done"
    is_done_column = True


class TicketFactory(DjangoModelFactory[Ticket]):
    """A ticket that entered its column `hours` ago."""

    class Meta:
        model = Ticket

    class Params:
        hours = 0.0

    column = factory.SubFactory(ColumnFactory)
    board = factory.SelfAttribute("column.board")
    organisation = factory.SelfAttribute("column.board.organisation")
    number = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"Ticket {n}")
    entered_column_at = factory.LazyAttribute(lambda made: database_now() - timedelta(hours=made.hours))

    @classmethod
    def _create(cls, model_class: type[Ticket], *args: Any, **kwargs: Any) -> Ticket:
        # Read again: the database's trigger has written the due hint.
        return Ticket.objects.get(pk=super()._create(model_class, *args, **kwargs).pk)

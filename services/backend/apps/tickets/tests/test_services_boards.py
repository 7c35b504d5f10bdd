import pytest

from apps.tickets import services
from apps.tickets.models import Column
from apps.tickets.services import RefusedError
from apps.tickets.tests.factories import BoardFactory, ColumnFactory
from core.organisations.tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


def test_board_create_refuses_a_name_twice_in_one_organisation() -> None:
    board = BoardFactory(name="Desk")

    with pytest.raises(RefusedError, match=r"^There is already a board 'Desk': choose another name\.$"):
        services.board_create(organisation=board.organisation, name="Desk")

    assert services.board_create(organisation=OrganisationFactory(), name="Desk").name == "Desk"


def test_column_create_refuses_a_taken_position() -> None:
    column = ColumnFactory(position=1)

    with pytest.raises(RefusedError, match=r"^Position 1 of this board is taken: choose another\.$"):
        services.column_create(board=column.board, name="Second", position=1)


def test_columns_order_lets_columns_change_places() -> None:
    board = BoardFactory()
    first, second = (ColumnFactory(board=board, position=position) for position in (1, 2))

    services.columns_order(board=board, ids=[second.pk, first.pk])

    assert list(Column.objects.filter(board=board)) == [second, first]


def test_columns_order_wants_each_column_once() -> None:
    column = ColumnFactory()

    with pytest.raises(RefusedError, match=f"Name each column of '{column.board.name}' once: {column.pk}"):
        services.columns_order(board=column.board, ids=[column.pk, column.pk])

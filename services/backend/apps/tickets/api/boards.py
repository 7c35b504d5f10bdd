"""Boards and their columns: owners change them, everybody in the organisation reads them."""

from django.http import HttpRequest
from ninja import Router, Status

from apps.tickets import selectors, services
from apps.tickets.api.schemas import BoardIn, BoardOut, BoardPatch, ColumnIn, ColumnOut, ColumnPatch, OrderIn
from apps.tickets.models import Board, Column
from core.answers import found
from core.organisations.auth import Caller, require
from core.organisations.enums import Role

router = Router(tags=["boards"])


@router.get("/boards", response=list[BoardOut], summary="List the boards", operation_id="board_list")
def board_list(request: HttpRequest) -> list[Board]:
    return selectors.board_list(organisation=require(request, Role.VIEWER).organisation)


@router.post("/boards", response={201: BoardOut}, summary="Make a board", operation_id="board_create")
def board_create(request: HttpRequest, data: BoardIn) -> Status[Board]:
    caller = require(request, Role.OWNER)
    return Status(201, services.board_create(organisation=caller.organisation, **data.model_dump()))


@router.get("/boards/{int:board_id}", response=BoardOut, summary="Read a board", operation_id="board_get")
def board_get(request: HttpRequest, board_id: int) -> Board:
    return _board(require(request, Role.VIEWER), board_id)


@router.patch(
    "/boards/{int:board_id}",
    response=BoardOut,
    summary="Rename a board or change its threshold",
    operation_id="board_edit",
)
def board_edit(request: HttpRequest, board_id: int, data: BoardPatch) -> Board:
    board = _board(require(request, Role.OWNER), board_id)
    return services.board_edit(board=board, **data.model_dump(exclude_unset=True))


@router.get(
    "/boards/{int:board_id}/columns", response=list[ColumnOut], summary="List the columns", operation_id="column_list"
)
def column_list(request: HttpRequest, board_id: int) -> list[Column]:
    return list(_board(require(request, Role.VIEWER), board_id).columns.all())


@router.post(
    "/boards/{int:board_id}/columns", response={201: ColumnOut}, summary="Add a column", operation_id="column_create"
)
def column_create(request: HttpRequest, board_id: int, data: ColumnIn) -> Status[Column]:
    board = _board(require(request, Role.OWNER), board_id)
    return Status(201, services.column_create(board=board, **data.model_dump()))


@router.put(
    "/boards/{int:board_id}/columns/order",
    response=list[ColumnOut],
    summary="Put the columns into an order",
    operation_id="columns_order",
)
def columns_order(request: HttpRequest, board_id: int, data: OrderIn) -> list[Column]:
    board = _board(require(request, Role.OWNER), board_id)
    services.columns_order(board=board, ids=data.ids)
    return list(Column.objects.filter(board=board))


@router.patch(
    "/columns/{int:column_id}",
    response=ColumnOut,
    summary="Rename a column, place it, or make it a Done column",
    operation_id="column_edit",
)
def column_edit(request: HttpRequest, column_id: int, data: ColumnPatch) -> Column:
    caller = require(request, Role.OWNER)
    column = found(selectors.column_get(organisation=caller.organisation, column_id=column_id), "column", column_id)
    return services.column_edit(column=column, **data.model_dump(exclude_unset=True))


def _board(caller: Caller, board_id: int) -> Board:
    return found(selectors.board_get(organisation=caller.organisation, board_id=board_id), "board", board_id)

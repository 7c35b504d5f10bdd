"""The currency, and products: owners change them, everybody in the organisation reads them."""

from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Status

from apps.pricing import selectors, services
from apps.pricing.api.schemas import ProductIn, ProductOut, ProductPatch, SettingsIn, SettingsOut
from apps.pricing.models import PricingSettings, Product
from core.answers import found
from core.inputs import Text
from core.organisations.auth import Caller, require
from core.organisations.enums import Role

router = Router(tags=["products"])


@router.get("/pricing/settings", response=SettingsOut, summary="Read the currency", operation_id="pricing_settings")
def settings_get(request: HttpRequest) -> Any:
    mine = PricingSettings.objects.filter(organisation=require(request, Role.VIEWER).organisation)
    return mine.first() or {"currency": None}


@router.put("/pricing/settings", response=SettingsOut, summary="Choose the currency", operation_id="currency_set")
def currency_set(request: HttpRequest, data: SettingsIn) -> PricingSettings:
    """Once: with the first product it stays."""
    caller = require(request, Role.OWNER)
    return services.currency_set(organisation=caller.organisation, currency=data.currency, operator=caller.operator)


@router.get("/products", response=list[ProductOut], summary="List products by SKU", operation_id="product_list")
def product_list(
    request: HttpRequest,
    sku: Annotated[Text | None, Query(description="Begins like this")] = None,
    after: Annotated[Text | None, Query(description="The last SKU of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> QuerySet[Product]:
    rows = Product.objects.filter(organisation=require(request, Role.VIEWER).organisation).order_by("sku")
    rows = rows.filter(sku__startswith=sku) if sku else rows
    return (rows.filter(sku__gt=after) if after else rows)[:limit]


@router.post("/products", response={201: ProductOut}, summary="Make a product", operation_id="product_create")
def product_create(request: HttpRequest, data: ProductIn) -> Status[Product]:
    organisation = require(request, Role.OWNER).organisation
    return Status(201, services.product_create(organisation=organisation, **data.model_dump()))


@router.get("/products/{int:product_id}", response=ProductOut, summary="Read a product", operation_id="product_get")
def product_get(request: HttpRequest, product_id: int) -> Product:
    return _product(require(request, Role.VIEWER), product_id)


@router.patch("/products/{int:product_id}", response=ProductOut, summary="Edit a product", operation_id="product_edit")
def product_edit(request: HttpRequest, product_id: int, data: ProductPatch) -> Product:
    product = _product(require(request, Role.OWNER), product_id)
    return services.product_edit(product=product, **data.model_dump(exclude_unset=True))


def _product(caller: Caller, product_id: int) -> Product:
    return found(selectors.product_get(organisation=caller.organisation, product_id=product_id), "product", product_id)

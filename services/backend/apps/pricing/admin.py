"""Admin pages: the currency, products, batches with their prices, and rules with what they would do."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.formats import localize
from unfold.admin import TabularInline
from unfold.decorators import display

from apps.pricing import services
from apps.pricing.foresight import foretell
from apps.pricing.models import Batch, PricePoint, PricingSettings, Product, Rule
from apps.pricing.money import is_amount
from core.errors import RefusedError
from core.overview.kept import HistoryInline, KeptAdmin
from core.overview.verbs import operator_of
from core.schedules.foretelling import ForesightAdmin


def _plain(amount: Decimal) -> str:
    return localize(amount.normalize())


class OwnedAdmin(KeptAdmin):
    """Rows that stay whose they are."""

    fixed = "organisation"

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        """Disable the field, not leave it out: a form checks only constraints all of whose fields it has."""
        form = super().get_form(request, obj, **kwargs)
        if obj and self.fixed in form.base_fields:
            form.base_fields[self.fixed].disabled = True
        return form


@admin.register(PricingSettings)
class PricingSettingsAdmin(OwnedAdmin):
    list_display = ["organisation", "currency"]
    list_select_related = ["organisation"]

    def has_change_permission(self, request: HttpRequest, obj: PricingSettings | None = None) -> bool:
        """With the first product it stays: amounts mean something else in another currency."""
        priced = obj and Product.objects.filter(organisation=obj.organisation).exists()
        return super().has_change_permission(request, obj) and not priced

    def save_model(self, request: HttpRequest, obj: PricingSettings, form: Any, change: bool) -> None:
        services.currency_set(organisation=obj.organisation, currency=obj.currency, operator=operator_of(request))


class CoinsForm(forms.ModelForm):  # type: ignore[type-arg]  # its metaclass cannot be subscripted
    """Of a product or a batch: amounts are whole coins of its organisation's currency."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if whose := data.get("organisation") or getattr(data.get("product"), "organisation", None):
            try:
                unit = services.smallest_coin(whose)
            except RefusedError as refusal:
                raise forms.ValidationError(str(refusal)) from None
            for name in {*services.AMOUNTS, "manual_price"} & data.keys():
                if data[name] is not None and not is_amount(data[name], unit):
                    self.add_error(name, f"The smallest coin is {unit}: give a multiple of it.")
        return data


@admin.register(Product)
class ProductAdmin(OwnedAdmin):
    form = CoinsForm
    list_display = ["sku", "name", "organisation", "list_price", "floor_price", "date_kind", "tz"]
    list_filter = ["organisation", "date_kind"]
    list_select_related = ["organisation"]
    search_fields = ["sku", "name"]

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        services.recompute_soon()


class PricePointInline(HistoryInline):
    model = PricePoint
    fields = readonly_fields = ["at", "list_price", "old_price", "price", "reason", "rule"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PricePoint]:
        points: QuerySet[PricePoint] = super().get_queryset(request)
        return points.select_related("rule", "batch__product")


class ShelfFilter(admin.SimpleListFilter):
    title = "shelf"
    parameter_name = "shelf"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "On the shelf"), ("no", "None left")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if self.value() is None:
            return queryset
        return queryset.filter(qty__gt=0) if self.value() == "yes" else queryset.filter(qty=0)


@admin.register(Batch)
class BatchAdmin(OwnedAdmin, ForesightAdmin):
    fixed = "product"
    form = CoinsForm
    list_display = ["label", "organisation", "expires_on", "qty", "asked", "next_run", "reason"]
    list_filter = [ShelfFilter, "organisation", "product__date_kind"]
    search_fields = ["=code", "=product__sku"]
    autocomplete_fields = ["product"]
    readonly_fields = ["asked", "next_run", "reason"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        return Batch.objects.priceable()

    def get_fields(self, request: HttpRequest, obj: Batch | None = None) -> list[str]:
        asked = ["product", "code", "received_on", "expires_on", "qty", "manual_price", "manual_until"]
        return [*asked, *(self.readonly_fields if obj else ())]

    def get_inlines(self, request: HttpRequest, obj: Batch | None) -> list[type[TabularInline]]:
        return [PricePointInline] if obj else []

    def foretell(self, rows: list[Batch]) -> list[Batch]:
        return foretell(rows)

    @admin.display(description="batch", ordering="id")
    def label(self, batch: Batch) -> str:
        return str(batch)

    @admin.display(description="price now")
    def asked(self, batch: Batch) -> str:
        priced = getattr(batch, "priced", None)
        if priced is None or priced.amount is None:
            return "not for sale"
        return f"{_plain(priced.amount)} {batch.organisation.pricing.currency}"

    @admin.display(description="changes", ordering="reprice_at", empty_value="-")
    def next_run(self, batch: Batch) -> str | None:
        return super().next_run(batch)


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    def clean_scope(self) -> dict[str, Any]:
        """An empty field is all products, too."""
        return self.cleaned_data["scope"] or {}


@admin.register(Rule)
class RuleAdmin(OwnedAdmin):
    form = RuleForm
    list_display = ["name", "organisation", "active_mark", "policy", "tiers", "scope", "valid_from", "valid_to"]
    list_filter = ["organisation", "active"]
    list_select_related = ["organisation"]
    search_fields = ["name"]
    actions = ["activate", "deactivate", "what_if"]

    def has_change_permission(self, request: HttpRequest, obj: Rule | None = None) -> bool:
        """Change a rule that is off: what is switched on is what was looked at before."""
        return super().has_change_permission(request, obj) and not (obj and obj.active)

    @display(description="active", ordering="active", label="success")  # type: ignore[untyped-decorator]
    def active_mark(self, rule: Rule) -> str | None:
        return "active" if rule.active else None

    @admin.action(description="Switch on", permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Rule]) -> None:
        self._switch(request, queryset, active=True)

    @admin.action(description="Switch off", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Rule]) -> None:
        self._switch(request, queryset, active=False)

    def _switch(self, request: HttpRequest, rules: QuerySet[Rule], *, active: bool) -> None:
        for rule in rules.select_related("organisation"):
            services.rule_switch(rule=rule, active=active, operator=operator_of(request))
        self.message_user(request, "Prices follow at once; the next run puts them on record.")

    @admin.action(description="Say what it would do")
    def what_if(self, request: HttpRequest, queryset: QuerySet[Rule]) -> None:
        for rule in queryset.select_related("organisation"):
            found = services.what_if(rule=rule, weeks=4)
            shelf, left = found.shelf, found.left_over
            partly = "" if shelf.complete and left.complete else " Not all could be looked at: ask the API."
            words = (
                f"{rule}: {shelf.changed} of {shelf.batches} batches on the shelf would change, and their {shelf.units}"
                f" units bring {_plain(shelf.margin_cost)} less. Of {left.batches} whose date came in 4 weeks"
                f" with stock left, {left.changed} ({left.units} units) would have been cheaper before.{partly}"
            )
            self.message_user(request, words, messages.INFO)

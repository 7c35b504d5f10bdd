"""Products, their batches on the shelf, the rules that lower their prices, and every price that they had.

PostgreSQL keeps some columns by triggers (migrations/0002), whoever writes (a service, the admin, QuerySet.update, SQL
by hand): a batch that is new or changed is due at once (`reprice_at`), and a product or rule that changed is marked as
stale, so that the next run gives its batches their due times. A price that is read never waits for that: it is computed
(`price.price_at`).
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from apps.pricing.enums import DateKind, Policy, Reason, Status
from apps.pricing.money import validate_currency
from apps.pricing.price import Item, Tariff, tariff_of, tariffs_of
from apps.pricing.validation import validate_scope, validate_tiers
from core.database_kept import DatabaseKeptModel
from core.organisations.models import Organisation, validate_zone

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
# PostgreSQL has times that Python has not (the year 10000, infinity), and amounts that are not a number and yet more
# than every other: one row that holds such a value, typed into a table, would end every read of its organisation.
MOMENTS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
TOO_MUCH = Decimal(10**10)


def _only_amounts(table: str, *columns: str) -> models.CheckConstraint:
    condition = Q(**{f"{column}__lt": TOO_MUCH for column in columns})
    return models.CheckConstraint(condition=condition, name=f"{table}_amounts_are_numbers")


def _only_moments(table: str, *columns: str) -> models.CheckConstraint:
    condition = Q(**{f"{column}__range": MOMENTS for column in columns})
    return models.CheckConstraint(condition=condition, name=f"{table}_times_are_of_the_calendar")


def _only_sense(column: str, function: str, name: str) -> models.CheckConstraint:
    """Say in the database what `validation` says to people (migrations/0003)."""
    condition = Func(F(column), function=function, output_field=models.BooleanField())
    return models.CheckConstraint(condition=condition, name=name)


class MoneyField(models.DecimalField):  # type: ignore[type-arg]  # not subscriptable at run time
    """An amount; four digits, because no currency of ISO 4217 has more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"max_digits": 14, "decimal_places": 4})


class PricingSettings(models.Model):
    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="pricing"
    )
    currency = models.CharField(
        max_length=3, validators=[validate_currency], help_text="Code of ISO 4217, such as EUR, of every price"
    )

    class Meta:
        verbose_name = verbose_name_plural = "currency"
        constraints = [models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="currency_is_a_code")]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.currency}"


class Product(DatabaseKeptModel):
    DATABASE_KEPT = frozenset({"stale_since"})

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="products", db_index=False)
    sku = models.CharField("SKU", max_length=64)
    name = models.CharField(max_length=200)
    list_price = MoneyField()
    floor_price = MoneyField(null=True, blank=True, help_text="The least that is asked; empty: its cost")
    cost = MoneyField(null=True, blank=True, help_text="What one costs you")
    date_kind = models.CharField("date", max_length=11, choices=DateKind.choices, default=DateKind.USE_BY)
    tz = models.CharField("time zone", max_length=64, default="UTC", validators=[validate_zone])
    rounding = MoneyField(help_text="Discounted prices are multiples of it, such as 0.05")
    stale_since = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["organisation", "sku"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "sku"], name="one_product_per_sku"),
            models.CheckConstraint(
                condition=Q(list_price__gt=0, rounding__gt=0),
                name="prices_are_positive",
                violation_error_message="List price and rounding are more than 0.",
            ),
            models.CheckConstraint(
                condition=Q(floor_price=None) | Q(floor_price__gte=0, floor_price__lte=F("list_price")),
                name="floor_within_the_list_price",
                violation_error_message="The floor price is between 0 and the list price.",
            ),
            models.CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0),
                name="cost_is_not_negative",
                violation_error_message="A cost is not below 0.",
            ),
            models.CheckConstraint(condition=Q(date_kind__in=DateKind.values), name="date_kind_is_known"),
            _only_amounts("product", "list_price", "floor_price", "cost", "rounding"),
            _only_moments("product", "stale_since"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(stale_since__isnull=False), name="product_stale")]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class BatchQuerySet(models.QuerySet["Batch"]):
    def on_the_shelf(self, now: datetime, days: int) -> "BatchQuerySet":
        """Keep what is there and expires within so many days, whatever its zone, or did expire."""
        reach = Func(Value(now), Value(days), function="pricing_reach", output_field=models.DateField())
        return self.filter(qty__gt=0, expires_on__lte=reach)

    def priceable(self) -> "BatchQuerySet":
        """Read all that `item` and `tariffs` need in the same query."""
        rules = Func(F("organisation_id"), function="pricing_rules", output_field=models.TextField())
        return self.select_related("product", "organisation__pricing").annotate(rules=rules)


class Batch(DatabaseKeptModel):
    DATABASE_KEPT = frozenset({"organisation", "price", "reprice_at"})

    # The product's, by a trigger: so discounts and price points are one join away from whom they belong to.
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="batches", db_index=False, editable=False
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="batches", db_index=False)
    code = models.CharField(max_length=64)
    received_on = models.DateField()
    expires_on = models.DateField("date", help_text="The use-by or best-before date")
    qty = models.PositiveIntegerField("on the shelf")
    manual_price = MoneyField(
        null=True, blank=True, validators=[MinValueValidator(0)], help_text="A person's own price, as a ceiling"
    )
    manual_until = models.DateTimeField(
        null=True, blank=True, help_text="Until when it holds whatever the rules say; empty: for good"
    )
    # What the last run found, for the history and for programs that read the table. People get the computed price.
    price = MoneyField(null=True, editable=False)
    reprice_at = models.DateTimeField(null=True, editable=False, help_text="When the next run looks at it (hint)")

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "batches"
        constraints = [
            models.UniqueConstraint(fields=["product", "code"], name="one_batch_per_code"),
            models.CheckConstraint(
                condition=Q(expires_on__range=(FIRST_DAY, LAST_DAY), received_on__range=(FIRST_DAY, LAST_DAY)),
                name="dates_of_this_age",
                violation_error_message=f"A date lies between {FIRST_DAY} and {LAST_DAY}.",
            ),
            _only_amounts("batch", "manual_price", "price"),
            _only_moments("batch", "manual_until", "reprice_at"),
        ]
        indexes = [
            models.Index(fields=["organisation", "id"], name="batch_organisation"),
            models.Index(fields=["product", "id"], condition=Q(qty__gt=0), name="batch_on_the_shelf"),
            models.Index(
                fields=["reprice_at", "id"],
                condition=Q(qty__gt=0, reprice_at__isnull=False),
                name="batch_reprice_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.sku} {self.code}"

    @property
    def item(self) -> Item:
        """Return what the price depends on."""
        row = self.product
        of_product = row.list_price, row.floor_price, row.cost, row.rounding, row.date_kind, row.tz, row.sku
        return Item(*of_product, self.received_on, self.expires_on, self.manual_price, self.manual_until)

    @property
    def tariffs(self) -> tuple[Tariff, ...]:
        """Return the rules of a batch that was read by `priceable`."""
        rules: str | None = getattr(self, "rules")  # noqa: B009  # an annotation, no field of the model
        return tariffs_of(rules)


class Rule(DatabaseKeptModel):
    DATABASE_KEPT = frozenset({"stale_since", "stale_scopes"})

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="rules", db_index=False)
    name = models.CharField(max_length=100)
    scope = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_scope],
        help_text='Which products: {"skus": ["MILK-1L", "CHEESE-*"], "date_kind": "use_by"}; {}: all',
    )
    tiers = models.JSONField(
        validators=[validate_tiers],
        help_text="Days left and percent off, the most days first: [[7, 10], [3, 25], [1, 50]]",
    )
    policy = models.CharField(max_length=10, choices=Policy.choices, default=Policy.TIERS)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True, help_text="It takes no step after it; those taken stay")
    active = models.BooleanField(default=False, editable=False)
    stale_since = models.DateTimeField(null=True, editable=False)
    # Whose products' batches wait for their new due times: a rule that was changed twice covered other ones between.
    stale_scopes = models.JSONField(default=list, editable=False)

    class Meta:
        ordering = ["organisation", "name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="one_rule_per_name"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="rule_begins_before_it_ends",
                violation_error_message="A rule begins before it ends.",
            ),
            models.CheckConstraint(condition=Q(policy__in=Policy.values), name="policy_is_known"),
            _only_sense("tiers", "pricing_tiers_make_sense", "tiers_make_sense"),
            _only_sense("scope", "pricing_scope_makes_sense", "scope_makes_sense"),
            _only_sense("stale_scopes", "pricing_scopes_make_sense", "stale_scopes_make_sense"),
            _only_moments("rule", "valid_from", "valid_to", "stale_since"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(stale_since__isnull=False), name="rule_stale")]

    def __str__(self) -> str:
        return self.name

    @property
    def tariff(self) -> Tariff:
        columns = self.pk or 0, self.name, self.policy, self.tiers, self.scope, self.valid_from, self.valid_to
        return tariff_of(columns)


class Discount(models.Model):
    """A price below the list price, for a time. Whether it holds is a question about its range, not about `status`."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="discounts", db_index=False)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    percent = models.PositiveSmallIntegerField()
    price = MoneyField()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    run_id = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering = ["batch", "valid_from"]
        constraints = [
            # Of two ranges, because a batch's id in a GiST index would take the extension btree_gist: neither the
            # PostgreSQL of a host without one nor every provider's has it.
            ExclusionConstraint(
                name="one_discount_at_a_time",
                expressions=[
                    (
                        Func("batch", "batch", Value("[]"), function="int8range", output_field=BigIntegerRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func("valid_from", "valid_to", function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            _only_amounts("discount", "price"),
            _only_moments("discount", "valid_from", "valid_to"),
        ]
        indexes = [
            models.Index(fields=["batch"], condition=Q(status=Status.ACTIVE), name="discount_active"),
            models.Index(
                fields=["valid_to", "id"],
                condition=Q(status=Status.ACTIVE, valid_to__isnull=False),
                name="discount_ends",
            ),
            models.Index(fields=["rule"], condition=Q(rule__isnull=False), name="discount_rule"),
            models.Index(fields=["valid_to", "id"], condition=~Q(status=Status.ACTIVE), name="discount_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % off"


class PricePoint(models.Model):
    """What a batch cost from `at` on (a change), or at that time (a snapshot); no price: not for sale."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="price_points", db_index=False)
    at = models.DateTimeField()
    list_price = MoneyField()
    price = MoneyField(null=True)
    # What it cost before a change, so that an undo knows.
    old_price = MoneyField(null=True)
    reason = models.CharField(max_length=8, choices=Reason.choices)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    # No foreign key: the run is forgotten before the history is.
    run_id = models.UUIDField(null=True, editable=False, help_text="The run that did it")
    undone_at = models.DateTimeField(null=True, editable=False, help_text="When that run was undone, for this batch")

    class Meta:
        ordering = ["batch", "at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "at", "reason"], name="one_price_point_per_reason"),
            models.CheckConstraint(condition=Q(reason__in=Reason.values), name="reason_is_known"),
            _only_amounts("price_point", "list_price", "price", "old_price"),
            _only_moments("price_point", "at", "undone_at"),
        ]
        indexes = [
            models.Index(
                fields=["run_id", "id"],
                condition=Q(run_id__isnull=False) & ~Q(reason=Reason.SNAPSHOT),
                name="price_point_run",
            ),
            models.Index(fields=["rule"], condition=Q(rule__isnull=False), name="price_point_rule"),
            models.Index(fields=["at", "id"], condition=Q(reason=Reason.SNAPSHOT), name="price_point_snapshot"),
            models.Index(fields=["at", "id"], condition=~Q(reason=Reason.SNAPSHOT), name="price_point_change"),
        ]

    def __str__(self) -> str:
        return f"{self.price} {self.reason}"

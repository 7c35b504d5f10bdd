"""The admin pages: currency, products, batches with what they cost and why, rules with what they would do."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.pricing import services
from apps.pricing.models import Batch, PricePoint, PricingSettings, Product, Rule
from apps.pricing.tests.factories import TIERS, BatchFactory, ProductFactory, RuleFactory, SettingsFactory, clock
from core.audit.models import Audit
from core.organisations.models import Organisation
from core.organisations.tests.factories import OrganisationFactory, UserFactory
from core.runs.models import Run

pytestmark = pytest.mark.django_db


def listing(model: str) -> str:
    return reverse(f"admin:pricing_{model}_changelist")


def adding(model: str) -> str:
    return reverse(f"admin:pricing_{model}_add")


def page(row: Any) -> str:
    return reverse(f"admin:pricing_{row._meta.model_name}_change", args=[row.pk])


def sent(row: Any, *names: str, **changes: Any) -> dict[str, Any]:
    """The form as the browser sends it."""
    values = {name: value for name in names if (value := getattr(row, name)) is not None}
    return values | {f"price_points-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")} | changes


def product_form(product: Product, **changes: Any) -> dict[str, Any]:
    names = "sku", "name", "list_price", "floor_price", "cost", "date_kind", "tz", "rounding"
    return sent(product, *names, organisation=product.organisation_id, **changes)


def batch_form(batch: Batch, **changes: Any) -> dict[str, Any]:
    names = "code", "received_on", "expires_on", "qty", "manual_price"
    return sent(batch, *names, product=batch.product_id, **changes)


def rule_form(organisation: Organisation, **changes: Any) -> dict[str, Any]:
    given = {"name": "Last week", "tiers": str(TIERS), "scope": "{}", "policy": "tiers"}
    return {"organisation": organisation.pk} | given | changes


def faults(answer: Any) -> dict[str, list[str]]:
    return dict(answer.context["adminform"].form.errors)


def act(admin: Client, action: str, *rules: Rule) -> str:
    data = {"action": action, "_selected_action": [rule.pk for rule in rules]}
    return admin.post(listing("rule"), data, follow=True).content.decode()


@pytest.fixture
def product(organisation: Organisation) -> Product:
    return ProductFactory(organisation=organisation, sku="MILK-1L")


@pytest.fixture
def onlooker() -> Client:
    """Staff who may see everything of pricing, and change nothing."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__startswith="view_", content_type__app_label="pricing")
    )
    client = Client()
    client.force_login(user)
    return client


def test_currency_is_chosen_on_record_and_stays_with_the_first_product(admin: Client) -> None:
    organisation = OrganisationFactory()

    wrong = admin.post(adding("pricingsettings"), {"organisation": organisation.pk, "currency": "XAU"})
    assert faults(wrong) == {"currency": ["'XAU' is no currency to pay with: use a code of ISO 4217, such as EUR."]}
    admin.post(adding("pricingsettings"), {"organisation": organisation.pk, "currency": "JPY"})
    row = PricingSettings.objects.get(organisation=organisation)
    assert (row.currency, Audit.objects.get().verb, Audit.objects.get().actor_name) == (
        "JPY",
        "pricing.currency",
        "admin",
    )

    admin.post(page(row), {"organisation": OrganisationFactory().pk, "currency": "KWD"})
    assert list(PricingSettings.objects.values_list("organisation", "currency")) == [(organisation.pk, "KWD")]
    ProductFactory(organisation=organisation, rounding="0.001")
    assert admin.post(page(row), {"organisation": organisation.pk, "currency": "EUR"}).status_code == 403


def test_list_of_currencies_names_whose_they_are(admin: Client) -> None:
    SettingsFactory(organisation__name="Harbour Foods", currency="ISK")

    shown = admin.get(listing("pricingsettings")).content.decode()

    assert ("Harbour Foods" in shown, "ISK" in shown) == (True, True)


def test_product_is_made_in_whole_coins_of_its_currency(admin: Client, organisation: Organisation) -> None:
    shape = ProductFactory.build(organisation=organisation, sku="NEW")

    wrong = admin.post(adding("product"), product_form(shape, list_price="4.001", cost="1.005"))
    sentence = "The smallest coin is 0.01: give a multiple of it."
    assert faults(wrong) == {"list_price": [sentence], "cost": [sentence]}
    admin.post(adding("product"), product_form(shape))

    assert Product.objects.get(sku="NEW").list_price == 4


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"list_price": "0"}, {"__all__": ["List price and rounding are more than 0."]}),
        ({"floor_price": "9"}, {"__all__": ["The floor price is between 0 and the list price."]}),
        ({"cost": "-1"}, {"__all__": ["A cost is not below 0."]}),
        ({"list_price": "NaN"}, {"list_price": ["Enter a number."]}),
        ({"tz": "localtime"}, {"tz": ["There is no time zone 'localtime': use an IANA name, such as Europe/London."]}),
        ({"sku": "TAKEN"}, {"__all__": ["Product with this Organisation and SKU already exists."]}),
    ],
)  # fmt: skip
def test_product_that_makes_no_sense_is_refused_in_a_sentence(admin: Client, product: Product, changes, fault) -> None:
    ProductFactory(organisation=product.organisation, sku="TAKEN")

    assert faults(admin.post(page(product), product_form(product, **changes))) == fault


def test_product_waits_for_its_organisations_currency(admin: Client) -> None:
    shape = ProductFactory.build(organisation=OrganisationFactory())

    assert faults(admin.post(adding("product"), product_form(shape))) == {
        "__all__": ["Choose the currency of your prices first, in the settings."]
    }
    nobodys = admin.post(adding("product"), product_form(shape) | {"organisation": ""})
    assert faults(nobodys) == {"organisation": ["This field is required."]}


def test_changed_product_stays_whose_it_is_and_asks_for_a_run(
    admin: Client, product: Product, django_capture_on_commit_callbacks
) -> None:
    whose, other = product.organisation, SettingsFactory().organisation

    with django_capture_on_commit_callbacks(execute=True):
        admin.post(page(product), product_form(product, name="Cream") | {"organisation": other.pk})

    product.refresh_from_db()
    assert (product.name, product.organisation) == ("Cream", whose)
    assert Run.objects.get().name == "recompute_all_discounts"


def test_list_of_batches_shows_what_each_costs_now_and_why_it_changes(
    admin: Client, product: Product, schedule
) -> None:
    RuleFactory(organisation=product.organisation, name="Last week")
    BatchFactory(product=product, code="L7", days=3)
    BatchFactory(product=product, code="OVER", days=-1)

    shown = admin.get(listing("batch")).content.decode()

    assert all(said in shown for said in ("MILK-1L L7", "3 EUR", "Last week takes 50 % off from then on"))
    assert all(said in shown for said in ("not for sale", "is over: it stays off sale."))


@pytest.mark.parametrize(("question", "codes"), [("", {"A", "B"}), ("?shelf=yes", {"A"}), ("?shelf=no", {"B"})])
def test_list_of_batches_filters_by_what_is_left(admin: Client, product: Product, question, codes) -> None:
    BatchFactory(product=product, code="A")
    BatchFactory(product=product, code="B", qty=0)

    assert {row.code for row in admin.get(listing("batch") + question).context["cl"].result_list} == codes


def test_list_of_batches_costs_the_same_queries_for_few_and_many(
    admin: Client, organisation: Organisation, django_assert_max_num_queries
) -> None:
    for _ in range(8):
        RuleFactory(organisation=organisation)
        BatchFactory(product__organisation=organisation, days=3)

    with django_assert_max_num_queries(12):
        admin.get(listing("batch"))


def test_page_of_a_batch_shows_its_history_in_a_few_queries(
    admin: Client, product: Product, django_assert_max_num_queries
) -> None:
    batch, rules = BatchFactory(product=product, days=3), [RuleFactory(name=f"Rule no. {n}") for n in range(8)]
    for n, rule in enumerate(rules):
        at = f"2026-01-0{n + 1}T00:00Z"
        PricePoint.objects.create(batch=batch, at=at, list_price=4, price=3, reason="change", rule=rule)

    with django_assert_max_num_queries(15):
        shown = admin.get(page(batch)).content.decode()

    assert all(rule.name in shown for rule in rules)


def test_new_batch_is_asked_only_what_a_person_knows(admin: Client, product: Product) -> None:
    (fieldset,) = admin.get(adding("batch")).context["adminform"].fieldsets
    assert fieldset[1]["fields"] == [
        "product", "code", "received_on", "expires_on", "qty", "manual_price", "manual_until",
    ]  # fmt: skip

    shape = BatchFactory.build(product=product, code="L7", expires_on="2026-12-24", received_on="2026-11-20")
    admin.post(adding("batch"), batch_form(shape))

    made = Batch.objects.get(code="L7")
    assert (made.organisation, made.price) == (product.organisation, product.list_price)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"manual_price": "2.505"}, {"manual_price": ["The smallest coin is 0.01: give a multiple of it."]}),
        ({"manual_price": "-1"}, {"manual_price": ["Ensure this value is greater than or equal to 0."]}),
        ({"expires_on": "3026-01-01"}, {"__all__": ["A date lies between 1970-01-01 and 2999-12-31."]}),
        ({"code": "TAKEN"}, {"__all__": ["Batch with this Product and Code already exists."]}),
    ],
)
def test_batch_that_makes_no_sense_is_refused_in_a_sentence(admin: Client, product: Product, changes, fault) -> None:
    batch, _ = BatchFactory(product=product), BatchFactory(product=product, code="TAKEN")

    assert faults(admin.post(page(batch), batch_form(batch, **changes))) == fault


def test_persons_price_holds_at_once_and_goes_on_record_as_such(admin: Client, product: Product) -> None:
    RuleFactory(organisation=product.organisation)
    batch = BatchFactory(product=product, days=3)

    admin.post(page(batch), batch_form(batch, manual_price="2.50"))
    shown = admin.get(page(batch)).content.decode()
    services.due_times_refresh()
    services.batches_reprice(now=clock())

    assert "2.5 EUR" in shown
    assert list(PricePoint.objects.values_list("reason", "price", "rule")) == [("manual", 2.5, None)]


def test_batch_keeps_its_product(admin: Client, product: Product) -> None:
    batch, other = BatchFactory(product=product), ProductFactory()

    admin.post(page(batch), batch_form(batch, qty=3) | {"product": other.pk})

    batch.refresh_from_db()
    assert (batch.qty, batch.product) == (3, product)


def test_rule_is_made_off(admin: Client, organisation: Organisation) -> None:
    admin.post(adding("rule"), rule_form(organisation, scope=""))

    rule = Rule.objects.get()
    assert (rule.active, rule.tiers, rule.scope) == (False, TIERS, {})


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"tiers": "[[3, 10], [7, 25]]"}, "tiers", "put the most days first."),
        ({"tiers": '["soon"]'}, "tiers", "Write tiers as pairs of days left and percent off"),
        ({"tiers": "[[7"}, "tiers", "Enter a valid JSON."),
        ({"tiers": "[]"}, "tiers", "This field is required."),
        ({"scope": '{"sku": ["MILK"]}'}, "scope", "Write a scope such as"),
        ({"scope": '{"skus": ["\\u0000"]}'}, "scope", "Write a scope such as"),
        ({"valid_from_0": "2026-02-01", "valid_from_1": "00:00", "valid_to_0": "2026-01-01", "valid_to_1": "00:00"},
         "__all__", "A rule begins before it ends."),
        ({"name": "Taken"}, "__all__", "Rule with this Organisation and Name already exists."),
    ],
)  # fmt: skip
def test_rule_that_makes_no_sense_is_refused_in_a_sentence(
    admin: Client, organisation: Organisation, changes, field, sentence
) -> None:
    rule, _ = (RuleFactory(organisation=organisation, name=name, active=False) for name in ("Free", "Taken"))

    for address in (adding("rule"), page(rule)):
        (told,) = faults(admin.post(address, rule_form(organisation, **changes))).items()
        assert (told[0], sentence in " ".join(told[1])) == (field, True)


def test_rule_is_weighed_switched_on_and_off(admin: Client, product: Product) -> None:
    batch, rule = BatchFactory(product=product, days=3), RuleFactory(organisation=product.organisation, active=False)

    assert "1 of 1 batches on the shelf would change, and their 10 units bring 10 less." in act(admin, "what_if", rule)
    for action, active in (("activate", True), ("deactivate", False)):
        assert "Prices follow at once; the next run puts them on record." in act(admin, action, rule)
        rule.refresh_from_db()
        assert (rule.active, "3 EUR" in admin.get(page(batch)).content.decode()) == (active, active)
    assert set(Audit.objects.values_list("verb", "actor_name")) == {
        ("rule.activate", "admin"),
        ("rule.deactivate", "admin"),
    }


def test_rule_that_is_on_is_read_only(admin: Client, organisation: Organisation) -> None:
    rule = RuleFactory(organisation=organisation)

    assert admin.get(page(rule)).context["adminform"].form.fields == {}
    assert admin.post(page(rule), rule_form(organisation, name="Other")).status_code == 403


@pytest.mark.parametrize("make", [SettingsFactory, ProductFactory, BatchFactory, RuleFactory])
def test_nothing_is_deleted(admin: Client, make) -> None:
    row = make()

    assert admin.post(reverse(f"admin:pricing_{row._meta.model_name}_delete", args=[row.pk])).status_code == 403


@pytest.mark.parametrize("make", [SettingsFactory, ProductFactory, BatchFactory, RuleFactory])
def test_onlooker_reads_every_page_and_changes_none(onlooker: Client, make) -> None:
    row = make()

    assert str(row.pk) in onlooker.get(listing(row._meta.model_name)).content.decode()
    assert onlooker.get(page(row)).context["adminform"].form.fields == {}
    assert onlooker.post(page(row), {}).status_code == 403
    assert onlooker.get(adding(row._meta.model_name)).status_code == 403


def test_onlooker_weighs_rules_and_switches_none(onlooker: Client, product: Product) -> None:
    BatchFactory(product=product, days=3)
    rule = RuleFactory(organisation=product.organisation, active=False)

    assert "1 of 1 batches on the shelf would change" in act(onlooker, "what_if", rule)
    act(onlooker, "activate", rule)
    assert not Rule.objects.get().active


def test_overview_says_whose_price_changes_next(admin: Client, product: Product, schedule) -> None:
    RuleFactory(organisation=product.organisation)
    BatchFactory(product=product, code="LATER", days=6)
    BatchFactory(product=product, code="SOON", days=2)
    BatchFactory(product=product, code="SOLD", days=2, qty=0)
    services.due_times_refresh()
    services.batches_reprice(now=clock())

    cards = admin.get(reverse("admin:index")).context["cards"]

    (card,) = (card for card in cards if card.title == "Changes its price next")
    assert (card.figure, [line.text for line in card.lines]) == ("2", ["MILK-1L SOON", "MILK-1L LATER"])
    assert admin.get(card.lines[0].link).status_code == 200
    assert len(admin.get(card.link).context["cl"].result_list) == 2


def test_overview_says_what_to_do_where_no_price_changes(admin: Client, organisation: Organisation) -> None:
    cards = admin.get(reverse("admin:index")).context["cards"]

    (card,) = (card for card in cards if card.title == "Changes its price next")
    assert (card.figure, card.words.split(":")[0]) == ("0", "No batch on the shelf has another price ahead")


def test_menu_leads_to_the_pages_that_one_may_see(admin: Client, onlooker: Client) -> None:
    for client in (admin, onlooker):
        shown = client.get(reverse("admin:index")).content.decode()
        assert all(f'href="{listing(name)}"' in shown for name in ("batch", "product", "rule", "pricingsettings"))
    stranger = Client()
    stranger.force_login(UserFactory(is_staff=True))
    assert f'href="{listing("batch")}"' not in stranger.get(reverse("admin:index")).content.decode()

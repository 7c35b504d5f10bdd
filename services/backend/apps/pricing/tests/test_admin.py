"""The admin pages: currency and products, who may see and change what, and what leads there."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.pricing import services
from apps.pricing.models import PricingSettings, Product, Rule
from apps.pricing.tests.factories import BatchFactory, ProductFactory, RuleFactory, SettingsFactory, clock
from apps.pricing.tests.pages import act, adding, faults, listing, page, product_form
from core.audit.models import Audit
from core.organisations.models import Organisation
from core.organisations.tests.factories import OrganisationFactory, UserFactory
from core.runs.models import Run

pytestmark = pytest.mark.django_db


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

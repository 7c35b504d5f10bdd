"""What a batch costs when: promises about every item, every set of rules and every time, and what people ask for."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from apps.pricing.enums import DateKind, Policy, Reason
from apps.pricing.price import Item, Tariff, day_start, next_change, price_at, tariff_of, timeline

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
EXPIRES = date(2026, 6, 15)
# With half hours, the ends of the day, clocks that change at midnight, and none that change.
ZONES = (
    "UTC",
    "Europe/London",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/Santiago",
    "Asia/Beirut",
)
TIMES = st.integers(0, 364 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


def amounts(unit: Decimal, least: int = 0) -> st.SearchStrategy[Decimal]:
    return st.integers(least, 10_000).map(lambda count: count * unit)


@st.composite
def items(draw) -> Item:
    unit = draw(st.sampled_from([Decimal(1), Decimal("0.01"), Decimal("0.001")]))
    expires = draw(st.dates(date(2026, 2, 15), date(2026, 11, 30)))
    list_price = draw(amounts(unit, 1))
    return Item(
        list_price=list_price,
        floor_price=draw(st.none() | amounts(unit).filter(lambda floor: floor <= list_price)),
        cost=draw(st.none() | amounts(unit)),
        rounding=unit * draw(st.sampled_from([1, 5, 10])),
        date_kind=draw(st.sampled_from(DateKind)),
        tz=draw(st.sampled_from(ZONES)),
        sku="MILK-1L",
        received_on=expires - draw(st.integers(0, 40)) * DAY,
        expires_on=expires,
        manual_price=draw(st.none() | amounts(unit)),
        manual_until=draw(st.none() | TIMES),
    )


@st.composite
def tariffs(draw) -> tuple[Tariff, ...]:
    return tuple(draw(tariff(number)) for number in range(draw(st.integers(0, 3))))


@st.composite
def tariff(draw, number: int) -> Tariff:
    days = sorted(draw(st.sets(st.integers(0, 30), min_size=1, max_size=4)), reverse=True)
    percents = sorted(draw(st.sets(st.integers(1, 100), min_size=len(days), max_size=len(days))))
    columns = number, "rule", draw(st.sampled_from(Policy)), list(zip(days, percents, strict=True))
    start, end = draw(st.none() | TIMES), draw(st.none() | TIMES)
    assume(start is None or end is None or start < end)
    return tariff_of((*columns, draw(st.sampled_from([{}, {"skus": ["MILK*"]}, {"date_kind": "use_by"}])), start, end))


@st.composite
def near(draw, item: Item) -> datetime:
    """Draw a time around the last month of the batch."""
    seconds = draw(st.integers(-40 * 86_400, 5 * 86_400))
    return datetime.combine(item.expires_on, datetime.min.time(), UTC) + timedelta(seconds=seconds)


@settings(deadline=None)
@given(st.data(), items(), tariffs())
def test_price_is_between_the_floor_and_the_list_price_in_whole_coins(data, item, rules):
    amount = price_at(item, rules, data.draw(near(item))).amount

    coin = Decimal(1).scaleb(item.rounding.as_tuple().exponent)
    assert amount is None or (item.floor <= amount <= item.list_price and amount % coin == 0)


@settings(deadline=None)
@given(st.data(), items(), tariffs())
def test_price_does_not_rise_by_itself(data, item, rules):
    sooner, later = sorted(data.draw(near(item)) for _ in range(2))
    before, after = price_at(item, rules, sooner).amount, price_at(item, rules, later).amount

    assert after is None or (before is not None and after <= before)


@settings(deadline=None)
@given(st.data(), items(), tariffs())
def test_what_is_to_be_used_by_a_day_is_not_for_sale_after_it_and_until_then_is(data, item, rules):
    use_by, t = item._replace(date_kind=DateKind.USE_BY), data.draw(near(item))

    is_over = t.astimezone(ZoneInfo(item.tz)).date() > item.expires_on
    assert (price_at(use_by, rules, t).amount is None) == is_over


@settings(deadline=None)
@given(items(), tariffs(), st.integers(0, 1000))
def test_best_before_keeps_its_last_price(item, rules, days):
    best_before = item._replace(date_kind=DateKind.BEST_BEFORE, manual_until=None)
    rules = tuple(rule._replace(valid_from=None) for rule in rules)
    last_day = day_start(item.expires_on, item.tz)

    last = price_at(best_before, rules, last_day)
    assert last.amount is not None
    assert price_at(best_before, rules, last_day + days * DAY) == last


@settings(deadline=None)
@given(st.data(), items(), tariffs())
def test_next_change_is_the_first_time_at_which_the_price_is_another(data, item, rules):
    t = data.draw(near(item))
    at = next_change(item, rules, t)

    now, last = price_at(item, rules, t).amount, at - MOMENT if at else t + 4000 * DAY
    between = t + (last - t) * data.draw(st.floats(0, 1))
    assert {price_at(item, rules, moment).amount for moment in (between, last)} == {now}
    assert at is None or (at > t and price_at(item, rules, at).amount != now)


def item(**values) -> Item:
    defaults = {"list_price": Decimal("4.00"), "floor_price": None, "cost": None, "rounding": Decimal("0.01")}
    dates = {
        "date_kind": "use_by",
        "tz": "UTC",
        "sku": "MILK-1L",
        "received_on": EXPIRES - 20 * DAY,
        "expires_on": EXPIRES,
    }
    return Item(**defaults | dates | values)


def rule(number: int = 1, tiers=((7, 10), (3, 25), (1, 50)), policy: str = "tiers", **values) -> Tariff:
    return tariff_of((number, f"rule {number}", policy, tiers, {}, None, None))._replace(**values)


def costs(of: Item, days_left: float, *rules: Tariff) -> str:
    """Say what it costs so many days before the beginning of its date."""
    return str(price_at(of, rules, day_start(of.expires_on, of.tz) - days_left * DAY).amount)


def test_price_steps_down_at_local_midnight_and_ends_with_the_day():
    here = item(tz="Europe/Berlin")
    midnight = datetime(2026, 6, 8, tzinfo=ZoneInfo("Europe/Berlin"))

    assert [(price.at, price.percent) for price in timeline(here, (rule(),))[1:]] == [
        (midnight, 10),
        (midnight + 4 * DAY, 25),
        (midnight + 6 * DAY, 50),
        (midnight + 8 * DAY, 0),
    ]


@pytest.mark.parametrize(
    ("zone", "expires", "at"),
    [
        ("Europe/London", date(2026, 3, 30), "2026-03-29T00:00+00:00"),
        ("Europe/London", date(2026, 3, 31), "2026-03-29T23:00+00:00"),
        ("Europe/London", date(2026, 10, 26), "2026-10-24T23:00+00:00"),
        ("Europe/London", date(2026, 10, 27), "2026-10-26T00:00+00:00"),
        # The clocks go forward at midnight: the day begins at one.
        ("America/Santiago", date(2026, 9, 7), "2026-09-06T04:00+00:00"),
        ("Pacific/Kiritimati", date(2026, 6, 15), "2026-06-13T10:00+00:00"),
        ("Pacific/Pago_Pago", date(2026, 6, 15), "2026-06-14T11:00+00:00"),
    ],
)
def test_day_begins_where_the_product_is_also_when_the_clocks_change(zone, expires, at):
    prices = timeline(item(tz=zone, expires_on=expires), (rule(tiers=[[1, 50]]),))

    assert prices[1].at == datetime.fromisoformat(at)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "2.00"),
        ({"floor_price": Decimal("2.50")}, "2.50"),
        ({"cost": Decimal("3.10")}, "3.10"),
        ({"cost": Decimal("3.10"), "floor_price": Decimal("1.00")}, "2.00"),
        ({"cost": Decimal("9.00")}, "4.00"),
        ({"list_price": Decimal("4.99"), "rounding": Decimal("0.05")}, "2.50"),
        ({"list_price": Decimal("499"), "rounding": Decimal("10")}, "250"),
        ({"list_price": Decimal("1.001"), "rounding": Decimal("0.001")}, "0.501"),
    ],
)
def test_discount_is_rounded_to_the_products_step_and_stops_at_the_floor(values, expected):
    assert costs(item(**values), 1, rule()) == expected


def test_largest_discount_wins_and_at_a_tie_the_older_rule():
    small, large, also_large = rule(1), rule(2, [[1, 60]]), rule(3, [[1, 60]])

    winner = price_at(item(), (also_large, small, large), day_start(EXPIRES - DAY, "UTC"))
    assert (winner.rule, winner.percent) == (2, 60)


def test_rule_that_is_over_takes_no_step_and_keeps_those_it_took():
    over = rule(valid_to=day_start(EXPIRES - 2 * DAY, "UTC"))

    assert [costs(item(), days, over) for days in (7, 3, 1, 0)] == ["3.60", "3.00", "3.00", "3.00"]
    came_later = item(received_on=EXPIRES - 2 * DAY)
    assert costs(came_later, 1, over) == "4.00"


def test_rule_that_begins_late_takes_all_its_steps_at_once():
    late = rule(valid_from=day_start(EXPIRES - 2 * DAY, "UTC"))

    assert [costs(item(), days, late) for days in (3, 2, 1)] == ["4.00", "3.00", "2.00"]


def test_persons_price_holds_until_its_end_and_is_a_ceiling_after_it():
    until = day_start(EXPIRES - 2 * DAY, "UTC")
    mine = item(manual_price=Decimal("3.20"), manual_until=until)

    assert [costs(mine, days, rule()) for days in (10, 3, 2, 1)] == ["3.20", "3.20", "3.00", "2.00"]
    assert price_at(mine, (), until + DAY).reason == Reason.MANUAL


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        ({}, True),
        ({"skus": ["MILK*"]}, True),
        ({"skus": ["MILK"]}, False),
        ({"date_kind": "best_before"}, False),
        ({"skus": ["X", "MILK-1L"], "date_kind": "use_by"}, True),
    ],
)
def test_rule_covers_what_its_scope_says(scope, covered):
    tariff = tariff_of((1, "one", "tiers", [[7, 10]], scope, None, None))

    assert tariff.covers("MILK-1L", "use_by") is covered


def test_daily_policy_goes_from_tier_to_tier_in_a_straight_line():
    assert rule(tiers=((7, 10), (4, 40), (3, 50)), policy="daily").steps == (
        (7, 10),
        (6, 20),
        (5, 30),
        (4, 40),
        (3, 50),
    )

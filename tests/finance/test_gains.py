"""What the explanation calls price effect and trading is gains and a change of what is unrealised, to the last digit."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from hypothesis import given, settings

from finance.attribution.booked import MinutePrices
from finance.attribution.events import Event, Flow, Income, Standing
from finance.attribution.explanation import Explanation, Gain, Gains, Part, sum_amounts
from finance.attribution.gains import HourlyGains, book_changes, open_inventories
from finance.attribution.hour import explain_hour
from finance.inventory import Method
from finance.records import IncomeKind
from tests.finance.gains import compute_gains
from tests.finance.test_explanation import (
    END,
    EXACT,
    START,
    after,
    events,
    fill,
    minute_prices,
    prices,
    quantities,
    standing,
)
from tests.monitor.notation import D, at


@settings(max_examples=60, deadline=None)
@given(quantities, quantities, prices, prices, events, minute_prices)
def test_gains_and_unrealised_are_price_effect_and_trading_of_every_asset(
    held: dict[str, Decimal],
    found: dict[str, Decimal],
    old: dict[str, Decimal],
    new: dict[str, Decimal],
    happened: list[Event],
    minutes: MinutePrices | None,
) -> None:
    """Whatever happened and whatever is unexplained; and what is held is what the account holds."""
    before, now = standing(START, held, old), standing(END, found, new)
    explained = explain_hour(before, now, happened, minutes=minutes)
    for method in Method:
        _assert_tie_out(before, explained, method)


def _assert_tie_out(before: Standing, explained: Explanation, method: Method) -> None:
    inventories, old = open_inventories(before, method=method), before.prices
    with localcontext(EXACT):
        unrealised = {asset: -one.cost + one.quantity * old[asset] for asset, one in inventories.items()}
        gains = book_changes(inventories, explained.changes)
        for asset in explained.assets:
            name = asset.asset
            assert inventories[name].quantity == asset.after
            change = asset.after * asset.price - inventories[name].cost - unrealised.get(name, D(0))
            parts = asset.value.get(Part.PRICE_EFFECT, D(0)) + asset.value.get(Part.TRADING, D(0))
            assert sum(gains.get(name, {}).values(), D(0)) + change == parts


@settings(max_examples=60, deadline=None)
@given(quantities, quantities, quantities, prices, prices, prices, events)
def test_the_hours_of_a_history_hand_their_costs_on(
    held: dict[str, Decimal],
    between: dict[str, Decimal],
    found: dict[str, Decimal],
    old: dict[str, Decimal],
    mid: dict[str, Decimal],
    new: dict[str, Decimal],
    happened: list[Event],
) -> None:
    first, second, third = standing(START, held, old), standing(END, between, mid), standing(END, found, new)
    explained = explain_hour(first, second, happened), explain_hour(second, third, [])
    earlier = compute_gains(explained[0], first, second, None)
    later = compute_gains(explained[1], second, third, earlier.costs)
    assert _go_on(first, list(zip(explained, (second, third), strict=True))) == [earlier, later]
    with localcontext(EXACT):
        for gains, hour in zip((earlier, later), explained, strict=True):
            parts = hour.parts[Part.PRICE_EFFECT] + hour.parts[Part.TRADING]
            assert sum(gains.amounts.values()) + gains.unrealised_change == parts
        assert later.unrealised - later.unrealised_change == earlier.unrealised
        assert earlier.unrealised == earlier.unrealised_change  # it begins with nothing unrealised
        costs = {"USDT": found.get("USDT", D(0)), **later.costs}
        assert later.unrealised == third.nav - sum(costs.values())


def _go_on(start: Standing, hours: Sequence[tuple[Explanation, Standing]]) -> list[Gains]:
    """The gains of all hours by inventories that go on from one to the next."""
    inventories = open_inventories(start)
    gains = HourlyGains(inventories, start)
    return [
        gains.end_hour(sum_amounts(book_changes(inventories, explained.changes).values()), after)
        for explained, after in hours
    ]


def test_each_way_to_go_has_a_gain_of_its_own() -> None:
    """4 BTC of cost 100: one sold at 130, one spent as a fee and one withdrawn at 120, one gone without a record at 110."""
    before = standing(START, {"BTC": D(4), "USDT": D(0)}, {"BTC": D(100), "USDT": D(1)})
    happened: list[Event] = [
        fill("-1 BTC", "+130 USDT"),
        Income(kind=IncomeKind.MARGIN_INTEREST, asset="BTC", quantity=D(-1), occurred_at=at("2026-05-01 10:40")),
        Flow(asset="BTC", quantity=D(-1), value=D(-120), occurred_at=at("2026-05-01 10:50")),
    ]
    now = after(before, happened, {"BTC": D(110), "USDT": D(1)}, BTC=D(-1))
    gains = compute_gains(explain_hour(before, now, happened), before, now, None)

    assert gains.amounts == {Gain.REALISED: 30, Gain.SPENT: 10, Gain.TRANSFERRED: 20, Gain.UNEXPLAINED: 10}
    assert (gains.unrealised, gains.costs) == (0, {})


def test_a_fee_in_a_third_coin_is_valued_and_taken_from_that_coins_own_cost() -> None:
    """BNB bought at 500 pays a fee of 0.01 at 600: the fee is 6, and the coin that paid it has gained 1."""
    before = standing(START, {"BNB": D(1), "USDT": D(100)}, {"BNB": D(500), "BTC": D(100), "USDT": D(1)})
    happened: list[Event] = [fill("+1 BTC", "-100 USDT", fee="0.01 BNB")]
    now = after(before, happened, {"BNB": D(600), "BTC": D(100), "USDT": D(1)})
    explained = explain_hour(before, now, happened)
    gains = compute_gains(explained, before, now, None)

    assert explained.parts[Part.FEES] == -6
    assert gains.amounts[Gain.SPENT] == 1
    assert gains.costs == {"BNB": 495, "BTC": 100}
    assert gains.unrealised == 99


def test_a_fee_in_the_coin_that_was_bought_counts_once() -> None:
    """0.001 of a BTC bought at 100 is the fee: it goes at the price it came for, and gains nothing."""
    before = standing(START, {"USDT": D(100)}, {"BTC": D(100), "USDT": D(1)})
    happened: list[Event] = [fill("+1 BTC", "-100 USDT", fee="0.001 BTC")]
    now = after(before, happened, {"BTC": D(110), "USDT": D(1)})
    gains = compute_gains(explain_hour(before, now, happened), before, now, None)

    assert sum(gains.amounts.values()) == 0
    assert gains.costs == {"BTC": D("99.900")}

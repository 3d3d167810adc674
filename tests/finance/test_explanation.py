"""The parts of a change of NAV: laws that hold for any events, and what the residual is called."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.attribution.booked import MinutePrices
from finance.attribution.booking import Booking
from finance.attribution.causes import Evidence, name_account, suggest_cause
from finance.attribution.events import Event, Flow, Income, Standing
from finance.attribution.explanation import PARTS, Explanation, Part, State, add_up
from finance.attribution.hour import RESOLUTION, explain_hour, find_minutes
from finance.decimals import apportion
from finance.records import FillMarket, FillRecord, IncomeKind
from tests.monitor.notation import D, at

START, END = at("2026-05-01 10:02"), at("2026-05-01 11:02")
ASSETS = ("BTC", "ETH", "BNB", "USDT", "SHIB")
QUANTITY = st.decimals("-1000000", "1000000", places=8, allow_nan=False)
PRICE = st.decimals("0.00000001", "200000", places=8, allow_nan=False)
EXACT = Context(prec=200)


def fill(base: str, quote: str, when: str = "2026-05-01 10:30", fee: str = "", number: int = 1) -> FillRecord:
    """A fill, as in fill("+0.5 BTC", "-30000 USDT", fee="0.0005 BTC")."""
    (bought, base_asset), (paid, quote_asset) = base.split(), quote.split()
    charged, fee_asset = fee.split() if fee else ("0", "")
    return FillRecord(
        market=FillMarket.SPOT,
        symbol=base_asset + quote_asset,
        exchange_id=str(number),
        base_asset=base_asset,
        base_quantity=D(bought),
        quote_asset=quote_asset,
        quote_quantity=D(paid),
        fee_asset=fee_asset,
        fee=D(charged),
        occurred_at=at(when),
    )


def moves(event: Event) -> tuple[tuple[str, Decimal], ...]:
    return event.moves if isinstance(event, FillRecord) else ((event.asset, event.quantity),)


def standing(
    when: datetime,
    quantities: dict[str, Decimal],
    prices: dict[str, Decimal],
    unrealised: dict[str, Decimal] | None = None,
) -> Standing:
    with localcontext(EXACT):
        held = {asset: quantity for asset, quantity in quantities.items() if quantity}
        nav = sum((quantity * prices[asset] for asset, quantity in held.items()), D(0))
    return Standing(
        hour=when.replace(minute=0), taken_at=when, nav=nav, quantities=held, prices=prices, unrealised=unrealised or {}
    )


def after(before: Standing, events: Iterable[Event], prices: dict[str, Decimal], **extra: Decimal) -> Standing:
    """What is held when everything is in the balances; `extra` came without an event."""
    with localcontext(EXACT):
        held = dict(before.quantities)
        for asset, quantity in [*(m for event in events for m in moves(event)), *extra.items()]:
            held[asset] = held.get(asset, D(0)) + quantity
    return standing(END, held, prices)


quantities = st.dictionaries(st.sampled_from(ASSETS), QUANTITY, max_size=5)
prices = st.fixed_dictionaries(dict.fromkeys(ASSETS, PRICE))
moments = st.integers(0, 3599).map(lambda s: START + timedelta(seconds=s))
flows = st.builds(
    Flow, asset=st.sampled_from(ASSETS), quantity=QUANTITY, value=st.none() | QUANTITY, occurred_at=moments
)
gains = st.builds(
    Income, kind=st.sampled_from(IncomeKind), asset=st.sampled_from(ASSETS), quantity=QUANTITY, occurred_at=moments
)
fills = st.builds(
    FillRecord,
    market=st.sampled_from(FillMarket),
    symbol=st.just("X"),
    exchange_id=st.just("1"),
    base_asset=st.sampled_from(ASSETS),
    base_quantity=QUANTITY,
    quote_asset=st.sampled_from(ASSETS),
    quote_quantity=QUANTITY,
    fee_asset=st.sampled_from(ASSETS),
    fee=QUANTITY,
    occurred_at=moments,
)
MINUTES = [START + timedelta(minutes=number) for number in range(60)]
minute_prices = st.none() | prices.map(lambda found: {(a, m): price for a, price in found.items() for m in MINUTES})
events = st.lists(flows | gains | fills, max_size=8).map(lambda found: sorted(found, key=lambda e: e.occurred_at))


@settings(max_examples=150, deadline=None)
@given(quantities, quantities, prices, prices, events, minute_prices)
def test_the_parts_add_up_to_the_last_digit_whatever_happened(
    held: dict[str, Decimal],
    found: dict[str, Decimal],
    old: dict[str, Decimal],
    new: dict[str, Decimal],
    happened: list[Event],
    minutes: MinutePrices | None,
) -> None:
    before, now = standing(START, held, old), standing(END, found, new)
    explained = explain_hour(before, now, happened, minutes=minutes)

    assert explained.booking is (Booking.CLOSING if minutes is None else Booking.MINUTE)
    with localcontext(EXACT):
        assert sum(explained.parts.values()) == now.nav - before.nav == explained.nav_change
        for part in (Part.INCOME, Part.FEES):
            kinds = explained.income if part is Part.INCOME else explained.fees
            assert sum(kinds.values(), D(0)) == explained.parts[part]
        for part in PARTS:
            assert sum((a.value.get(part, D(0)) for a in explained.assets), D(0)) == explained.parts[part]
        assert sum((a.value.get(Part.EXCHANGED, D(0)) for a in explained.assets), D(0)) == 0
        for asset in explained.assets:
            assert asset.before + sum(asset.units.values(), D(0)) == asset.after
            change = asset.after * asset.price - asset.before * old[asset.asset]
            assert sum(asset.value.values(), D(0)) == change


@settings(max_examples=100, deadline=None)
@given(quantities, prices, prices, events)
def test_an_hour_with_every_event_known_has_no_residual(
    held: dict[str, Decimal], old: dict[str, Decimal], new: dict[str, Decimal], happened: list[Event]
) -> None:
    before = standing(START, held, old)
    explained = explain_hour(before, after(before, happened, new), happened)

    assert explained.state is State.EXPLAINED
    assert explained.parts[Part.RESIDUAL] == 0


@settings(max_examples=50, deadline=None)
@given(quantities, prices, prices)
def test_an_hour_without_events_is_pure_price_effect(
    held: dict[str, Decimal], old: dict[str, Decimal], new: dict[str, Decimal]
) -> None:
    before = standing(START, held, old)
    explained = explain_hour(before, standing(END, held, new), [])

    assert explained.parts[Part.PRICE_EFFECT] == explained.nav_change
    assert not any(amount for part, amount in explained.parts.items() if part is not Part.PRICE_EFFECT)


@settings(max_examples=60, deadline=None)
@given(quantities, prices, prices, events.filter(len), st.data())
def test_an_event_that_is_missing_is_exactly_the_residual(
    held: dict[str, Decimal],
    old: dict[str, Decimal],
    new: dict[str, Decimal],
    happened: list[Event],
    data: st.DataObject,
) -> None:
    before = standing(START, held, old)
    hidden = data.draw(st.integers(0, len(happened) - 1))
    explained = explain_hour(before, after(before, happened, new), happened[:hidden] + happened[hidden + 1 :])

    lost: dict[str, Decimal] = {}
    with localcontext(EXACT):
        for asset, quantity in moves(happened[hidden]):
            lost[asset] = lost.get(asset, D(0)) + quantity
    assert {a.asset: a.residual for a in explained.missing} == {a: q for a, q in lost.items() if q}


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_a_fill_in_several_pieces_is_explained_like_one(parts: int) -> None:
    before = standing(START, {"USDT": D(1000)}, {"USDT": D(1), "BTC": D(100)})
    piece = fill(f"+{D(5) / parts} BTC", f"{D(-500) / parts} USDT", fee=f"{D('0.005') / parts} BTC")
    pieces = [replace(piece, exchange_id=str(number)) for number in range(parts)]
    explained = explain_hour(before, after(before, pieces, {"USDT": D(1), "BTC": D(110)}), pieces)

    assert explained.parts == {
        Part.PRICE_EFFECT: D("-0.05"),  # of the fee, which was booked at the fill's price
        Part.TRADING: D(50),
        Part.POSITIONS: 0,
        Part.FLOWS: 0,
        Part.INCOME: 0,
        Part.FEES: D("-0.5"),
        Part.RESIDUAL: 0,
    }


def test_bought_and_sold_within_the_hour_is_trading_though_nothing_is_held() -> None:
    before = standing(START, {"USDT": D(1000)}, {"USDT": D(1)})
    both = [fill("+2 SOL", "-300 USDT"), fill("-2 SOL", "+310 USDT", "2026-05-01 10:40", number=2)]
    explained = explain_hour(before, after(before, both, {"USDT": D(1), "SOL": D(999)}), both)

    assert (explained.parts[Part.TRADING], explained.parts[Part.PRICE_EFFECT]) == (10, 0)


PURSE = {"USDT": D(1000), "BTC": D(1), "BNB": D(5)}
TRADED = fill("+10 ETH", "-1 BTC", "2026-05-01 10:30:30", fee="0.1 BNB")
MINUTE = at("2026-05-01 10:30")


@pytest.mark.parametrize(
    ("minutes", "booking", "fees", "given"),
    [
        ({("BTC", MINUTE): D(104), ("BNB", MINUTE): D(11)}, Booking.MINUTE, "-1.1", "104"),
        ({("BTC", MINUTE): D(104)}, Booking.CLOSING, "-1.2", "110"),  # one rule for all of the hour
        (None, Booking.CLOSING, "-1.2", "110"),
    ],
)
def test_a_quote_and_a_third_coins_fee_are_booked_at_their_minute(
    minutes: MinutePrices | None, booking: Booking, fees: str, given: str
) -> None:
    """In all the same: what the minute does not book is in prices and trading."""
    before = standing(START, PURSE, {"USDT": D(1), "BTC": D(100), "BNB": D(10)})
    now = after(before, [TRADED], {"USDT": D(1), "BTC": D(110), "BNB": D(12), "ETH": D(11)})
    explained = explain_hour(before, now, [TRADED], minutes=minutes)

    assert find_minutes(before, now, [TRADED]) == {("BTC", MINUTE), ("BNB", MINUTE)}
    assert (explained.booking, explained.parts[Part.FEES]) == (booking, D(fees))
    assert [change.value for change in explained.changes] == [-D(given), D(given), D(fees)]
    assert explained.parts[Part.TRADING] == 0  # 10 ETH at 11 for a BTC at 110
    assert sum(explained.parts.values()) == now.nav - before.nav


def test_income_is_booked_at_its_minute_but_what_positions_realised_and_what_counts_as_nothing() -> None:
    happened: list[Event] = [
        Income(kind=kind, asset=asset, quantity=D(2), occurred_at=MINUTE + timedelta(seconds=second))
        for second, (kind, asset) in enumerate(
            [
                (IncomeKind.DIVIDEND, "BNB"),
                (IncomeKind.REALISED_PROFIT, "BTC"),
                (IncomeKind.DIVIDEND, "NEW"),
                (IncomeKind.REBATE, "USDT"),
            ]
        )
    ]
    before = standing(START, PURSE, {"USDT": D(1), "BTC": D(100), "BNB": D(10)})
    now = after(before, happened, {"USDT": D(1), "BTC": D(110), "BNB": D(12), "NEW": D(0)})
    explained = explain_hour(before, now, happened, minutes={("BNB", MINUTE): D(11)})

    assert explained.booking is Booking.MINUTE
    assert (explained.parts[Part.INCOME], explained.parts[Part.POSITIONS]) == (24, 220)


def test_a_quote_that_came_and_went_within_the_hour_is_worth_its_minute() -> None:
    """No reading has its price: by the hour it would be worth nothing, and so would what was bought for it."""
    before = standing(START, {"USDT": D(1000)}, {"USDT": D(1)})
    both = [fill("-100 USDT", "+4000 TRY"), fill("+1 BTC", "-4000 TRY", "2026-05-01 10:40", number=2)]
    minutes = {("TRY", at("2026-05-01 10:30")): D("0.025"), ("TRY", at("2026-05-01 10:40")): D("0.026")}
    explained = explain_hour(before, after(before, both, {"USDT": D(1), "BTC": D(104)}), both, minutes=minutes)

    assert [change.value for change in explained.changes] == [100, -100, -104, 104]
    assert explained.parts[Part.TRADING] == 4


def test_a_flow_is_counted_with_its_own_price_and_the_rest_is_price_effect() -> None:
    before = standing(START, {}, {})
    deposit = [Flow(asset="BTC", quantity=D(2), value=D(200), occurred_at=at("2026-05-01 10:30"))]
    explained = explain_hour(before, after(before, deposit, {"BTC": D(103)}), deposit)

    assert (explained.parts[Part.FLOWS], explained.parts[Part.PRICE_EFFECT]) == (200, 6)


def test_profit_of_positions_is_what_changed_unrealised_plus_what_was_realised() -> None:
    before = standing(START, {"USDT": D(1100)}, {"USDT": D(1)}, {"USDT": D(100)})
    income = [
        Income(kind=IncomeKind.REALISED_PROFIT, asset="USDT", quantity=D(80), occurred_at=at("2026-05-01 10:30")),
        Income(kind=IncomeKind.FUNDING_FEE, asset="USDT", quantity=D(-3), occurred_at=at("2026-05-01 10:30")),
        Income(kind=IncomeKind.FUTURES_COMMISSION, asset="USDT", quantity=D(-2), occurred_at=at("2026-05-01 10:30")),
    ]
    now = standing(END, {"USDT": D(1100 + 80 - 3 - 2 - 60)}, {"USDT": D(1)}, {"USDT": D(40)})
    explained = explain_hour(before, now, income)

    assert explained.state is State.EXPLAINED
    assert explained.parts[Part.POSITIONS] == 20
    assert (explained.income, explained.fees) == ({"funding_fee": D(-3)}, {"futures_commission": D(-2)})


@pytest.mark.parametrize(
    ("growth", "missing", "interest"),
    [("0.5", "-0.5", "-0.5"), ("1.1", "-1.1", "0"), ("0.5", "-0.7", "0"), ("0.5", "0", "0"), ("-0.5", "0.5", "0")],
)
def test_only_a_little_growth_of_a_loan_that_is_exactly_missing_is_interest(
    growth: str, missing: str, interest: str
) -> None:
    prices = {"USDT": D(1)}
    before = replace(standing(START, {"USDT": D(5000)}, prices), loaned={"USDT": D(1000)})
    now = replace(standing(END, {"USDT": D(5000) + D(missing)}, prices), loaned={"USDT": D(1000) + D(growth)})

    explained = explain_hour(before, now, [])

    assert explained.fees.get("loan_interest", D(0)) == explained.parts[Part.FEES] == D(interest)
    assert explained.parts[Part.RESIDUAL] == D(missing) - D(interest)


@pytest.mark.parametrize(
    ("missing", "price", "state"),
    [("0.00000001", "1000", "tolerance"), ("0.00000002", "1000", "unexplained"), ("0.00000001", "2e6", "unexplained")],
)
def test_only_the_last_digit_of_little_worth_is_within_tolerance(missing: str, price: str, state: str) -> None:
    before = standing(START, {"X": D(1)}, {"X": D(price)})
    explained = explain_hour(before, after(before, [], {"X": D(price)}, X=D(missing)), [])

    assert explained.state == state


def test_a_forgotten_trade_at_the_closing_price_is_found_though_nav_is_right() -> None:
    before = standing(START, {"USDT": D(1000)}, {"USDT": D(1), "BTC": D(100)})
    hidden = [fill("+5 BTC", "-500 USDT")]
    explained = explain_hour(before, after(before, hidden, {"USDT": D(1), "BTC": D(100)}), [])

    assert explained.parts[Part.RESIDUAL] == 0
    assert (explained.state, explained.missing_value) == (State.UNEXPLAINED, 500)


def test_what_was_stamped_in_the_seconds_of_the_reading_is_counted_where_the_balances_have_it() -> None:
    before = standing(START, {"USDT": D(1000)}, {"USDT": D(1), "BTC": D(100)})
    late = [fill("+1 BTC", "-100 USDT", "2026-05-01 11:02:01"), fill("+2 BTC", "-200 USDT", "2026-05-01 11:02:05")]
    now = after(before, late[:1], {"USDT": D(1), "BTC": D(100)})

    explained = explain_hour(before, now, [], late)

    assert explained.state is State.EXPLAINED
    assert late[0].occurred_at < explained.through < late[1].occurred_at
    assert explain_hour(before, before, [], late).through == START


def test_what_has_one_moment_is_counted_together_or_would_be_in_no_hour() -> None:
    """Two records of one millisecond: without the second, a fee in its last digit, the hour is explained well enough as well."""
    before = standing(START, {"USDT": D(1000), "BNB": D(1)}, {"USDT": D(1), "BTC": D(100), "BNB": D(500)})
    moment = "2026-05-01 11:02:01"
    late = [fill("+1 BTC", "-100 USDT", moment), fill("0 BTC", "0 USDT", moment, fee="0.00000001 BNB")]
    explained = explain_hour(before, after(before, late, {"USDT": D(1), "BTC": D(100), "BNB": D(500)}), [], late)
    assert (explained.state, explained.through) == (State.EXPLAINED, late[0].occurred_at + RESOLUTION)
    assert explained.fees == {"trading_commission": D("-0.000005")}


def test_hours_add_up_to_their_period() -> None:
    at_start = standing(START, {"USDT": D(1000)}, {"USDT": D(1), "BTC": D(100)})
    trade = [fill("+5 BTC", "-500 USDT", fee="0.005 BTC")]
    between = after(at_start, trade, {"USDT": D(1), "BTC": D(104)})
    at_end = replace(after(between, [], {"USDT": D(1), "BTC": D(90)}, USDT=D(7)), hour=END + timedelta(hours=1))
    period = add_up([explain_hour(at_start, between, trade), explain_hour(between, at_end, [])])

    assert sum(period.parts.values()) == at_end.nav - at_start.nav == period.nav_change
    assert (period.state, [a.asset for a in period.missing]) == (State.UNEXPLAINED, ["USDT"])
    held = {asset.asset: (asset.before, asset.after) for asset in period.assets}
    assert held == {"BTC": (0, D("4.995")), "USDT": (1000, 507)}


@given(st.lists(st.decimals("-1000", "1000", places=5, allow_nan=False), min_size=1, max_size=9))
def test_what_is_shown_adds_up_and_is_never_off_by_more_than_a_cent(parts: list[Decimal]) -> None:
    shown = apportion(parts)

    assert abs(sum(shown, D(0)) - sum(parts, D(0))) <= D("0.005")
    assert all(abs(one - other) < D("0.01") for one, other in zip(parts, shown, strict=True))


# ---------------------------------------------------------------- likely causes

HELD = {"USDT": D(1000), "BTC": D(1), "ETH": D(10), "BNB": D(3)}
WORTH = {
    "USDT": D(1),
    "BTC": D(60000),
    "ETH": D(3000),
    "BNB": D(600),
    "SOL": D(150),
    "MATIC": D("0.5"),
    "POL": D("0.5"),
}


def cause_of(changes: dict[str, str], held: dict[str, Decimal] = HELD, **more: Any) -> str:
    """What is said of changes that nothing explains."""
    unrealised, events = more.pop("unrealised", {}), more.pop("events", [])
    before = replace(standing(more.pop("start", START), held, WORTH), unrealised=unrealised)
    now = replace(after(before, [], WORTH, **{a: D(q) for a, q in changes.items()}), unrealised=unrealised)
    now = replace(now, taken_at=more.pop("end", END))
    hour = explain_hour(before, now, [])
    assert hour.state is State.UNEXPLAINED
    return suggest_cause(Evidence(hour=hour, before=before, after=now, events=events, exchange="mexc", **more))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"BTC": "0.5"}, ("0.5 BTC (30,000.00 USDT) came", "airdrop", "--in 0.5 BTC")),
        ({"USDT": "-250"}, ("250 USDT left without", "payment", "--out 250 USDT")),
        ({"ETH": "0.0002"}, ("0.0002 ETH", "interest")),
        ({"ETH": "1", "USDT": "-3010"}, ("1 ETH", "trade or a convert")),
        ({"ETH": "1", "USDT": "-500"}, ("without any record",)),
        ({"ETH": "1", "USDT": "5", "BTC": "1", "BNB": "1"}, ("4 assets changed at once", "wallet")),
    ],
)
def test_the_likely_cause_is_named_with_the_amount(changes: dict[str, str], words: tuple[str, ...]) -> None:
    told = cause_of(changes)

    assert [word for word in words if word not in told] == []


def test_a_command_names_the_account_as_a_shell_takes_it() -> None:
    told = name_account(cause_of({"USDT": "-250"}), "my account")
    assert "flow add --account 'my account' --out 250 USDT" in told


@pytest.mark.parametrize(
    ("changes", "sign", "named"),
    [
        ({"USDT": "-3"}, -1, "MEXC_WITHDRAWAL_FEE=on_top"),
        ({"USDT": "3"}, 1, "MEXC_WITHDRAWAL_FEE=inside"),
        ({"USDT": "-3", "ETH": "-0.1"}, -1, "MEXC_WITHDRAWAL_FEE=on_top"),
        ({"USDT": "3"}, -1, ""),
        ({"USDT": "-3"}, 1, ""),
        ({"USDT": "-3"}, 0, ""),
        ({"USDT": "-1.5"}, -1, ""),
        ({"USDT": "-3", "BTC": "-1"}, -1, ""),
    ],
)
def test_what_lacks_exactly_the_fees_names_the_setting(changes: dict[str, str], sign: int, named: str) -> None:
    withdrawn = [("USDT", "-41.5", "1.5"), ("ETH", "-1.1", "0.1"), ("USDT", "-301.5", "1.5")]
    flows = [
        Flow(asset=asset, quantity=D(moved), value=None, occurred_at=START, doubted_fee=sign * D(fee))
        for asset, moved, fee in withdrawn
    ]

    found = cause_of(changes, events=flows)
    assert ("WITHDRAWAL_FEE" in found) == bool(named) and named in found


def test_a_coin_that_became_another_one_is_told_from_a_trade() -> None:
    assert "renamed or converted" in cause_of({"MATIC": "-40", "POL": "40"}, {"MATIC": D(40), "USDT": D(5)})


@pytest.mark.parametrize(("units", "price"), [("40000", "0.0006"), ("0.04", "400"), ("4", "5")])
def test_a_coin_that_changed_its_scale_is_no_gain_and_no_loss(units: str, price: str) -> None:
    before = standing(START, {"MATIC": D(40)}, WORTH)
    now = standing(END, {"MATIC": D(units)}, WORTH | {"MATIC": D(price)})
    hour = explain_hour(before, now, [])

    [matic] = hour.assets
    assert "redenominated" in suggest_cause(Evidence(hour=hour, before=before, after=now, events=[], exchange="mexc"))
    assert (matic.units, hour.parts[Part.RESIDUAL]) == ({Part.RESIDUAL: D(units) - 40}, 0)
    assert hour.parts[Part.PRICE_EFFECT] == now.nav - before.nav


@pytest.mark.parametrize(
    ("units", "price"), [("40000", "0.5"), ("40000", "0.0002"), ("40001", "0.0005"), ("41", "0.5")]
)
def test_units_that_came_at_their_price_are_no_other_scale(units: str, price: str) -> None:
    now = standing(END, {"MATIC": D(units)}, WORTH | {"MATIC": D(price)})
    hour = explain_hour(standing(START, {"MATIC": D(40)}, WORTH), now, [])

    assert hour.parts[Part.RESIDUAL] == (D(units) - 40) * D(price)


def test_a_small_change_at_a_funding_time_with_an_open_position_is_funding() -> None:
    open_position: dict[str, Any] = {"unrealised": {"USDT": D(40)}}
    night: dict[str, Any] = {"start": at("2026-05-01 15:02"), "end": at("2026-05-01 16:02")}

    assert "funding" in cause_of({"USDT": "-1.25"}, **open_position, **night)
    assert "funding" not in cause_of({"USDT": "-1.25"}, **open_position)
    assert "funding" not in cause_of({"USDT": "-1.25"}, **night)


def test_the_opposite_of_the_hour_before_is_one_event_between_two_readings() -> None:
    before = standing(START - timedelta(hours=1), HELD, WORTH)
    middle = replace(after(before, [], WORTH, BTC=D("0.5")), hour=START.replace(minute=0), taken_at=START)
    earlier: Explanation = explain_hour(before, middle, [])

    told = cause_of({"BTC": "-0.5"}, {**HELD, "BTC": D("1.5")}, hour_before=earlier)

    assert "cancel" in told
    assert "cancel" not in cause_of({"BTC": "-0.4"}, {**HELD, "BTC": D("1.5")}, hour_before=earlier)

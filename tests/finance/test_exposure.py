"""What was open at any moment between two readings: laws beside a simulation of its own, and what nobody can know."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.contracts import InverseSizes, OpenContract, Sides, contract_size
from finance.decimals import CONTEXT
from finance.exposure import ContractBooking, Exposure, Mark, list_unsized, open_at, value_open
from finance.flow_values import Basis, MinutePrices, Move, ValuationPrice, name_mark, value_flows
from finance.ledger_entries import LedgerEntry
from finance.moments import minute_of
from finance.records import ContractFill
from finance.track import FlowEvent, HourEvent, fold_track, start_track
from tests.monitor.notation import D, at, flow

SINCE, UNTIL = at("2026-05-01 10:02"), at("2026-05-01 11:02")
WALLET = D(100_000)
CLOSE = Fraction(1, 10**6)  # realised profits are booked with eight decimals
SIZES = InverseSizes(usual=D(10), by_coin={"BTC": D(100)})
LINEAR, INVERSE = ("BTCUSDT", "USDT"), ("BTCUSD_PERP", "BTC")


@dataclass(slots=True, kw_only=True)
class Life:
    """An account with one contract, simulated: what it booked, what was open, what it was worth."""

    contract: tuple[str, str]
    sides: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)  # quantity and entry price
    fills: list[ContractFill] = field(default_factory=list)
    bookings: list[ContractBooking] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    def trade(self, when: datetime, side: str, quantity: Decimal, price: Decimal) -> None:
        symbol, asset = self.contract
        number = str(len(self.fills) + 1)
        held, entry = self.sides.get(side, (D(0), price))
        with localcontext(CONTEXT):
            closed = min(abs(held), abs(quantity)) if held * quantity < 0 else D(0)
            paid = self._profit(closed.copy_sign(held), entry, price).quantize(D("1e-8"))
            fee = D("0.01") if asset == "USDT" else D("0.000001")
            after = held + quantity
            if held * quantity > 0 and asset == "USDT":
                entry = (held * entry + quantity * price) / after
            elif held * quantity > 0:
                entry = after / (held / entry + quantity / price)
            elif held * after <= 0:
                entry = price
        self.sides[side] = (after, entry)
        self.fills.append(
            ContractFill(
                wallet="futures",
                symbol=symbol,
                exchange_id=number,
                side=side,
                quantity=quantity,
                price=price,
                occurred_at=when,
            )
        )
        for profit, change in ((paid, paid), (D(0), -fee)):
            if change:
                told: tuple[Any, ...] = (when, "futures", symbol, asset, profit, number)
                self.bookings.append(ContractBooking(**dict(zip(ContractBooking.__slots__, told, strict=True))))
                self.moves.append(Move(at=when, asset=asset, quantity=change))

    def _profit(self, quantity: Decimal, entry: Decimal, price: Decimal) -> Decimal:
        worth = quantity * 100
        return quantity * (price - entry) if self.contract[1] == "USDT" else worth / entry - worth / price

    def open(self) -> Sides:
        symbol, asset = self.contract
        return {
            (symbol, side): OpenContract(
                wallet="futures", symbol=symbol, side=side, quantity=quantity, entry_price=entry, margin_asset=asset
            )
            for side, (quantity, entry) in self.sides.items()
            if quantity
        }

    def worth(self, mark: Decimal) -> Fraction:
        """Everything in USDT, in fractions: the wallet and the open profit."""
        paid = sum((Fraction(move.quantity) for move in self.moves), Fraction(WALLET))
        for quantity, entry in self.sides.values():
            q, e, m = (Fraction(number) for number in (quantity, entry, mark))
            paid += q * (m - e) if self.contract[1] == "USDT" else q * 100 * (1 / e - 1 / m)
        return paid * (1 if self.contract[1] == "USDT" else Fraction(mark))


Trade = tuple[int, str, int, int]  # minute, side, size, price
PRICES = st.integers(50_000, 60_000)
trades = st.lists(
    st.tuples(st.integers(0, 59), st.sampled_from(["long", "short"]), st.integers(-5, 5), PRICES), max_size=7
)
lives = st.tuples(trades, trades, st.sampled_from([LINEAR, INVERSE]), st.booleans())


def live(life: Life, done: Sequence[Trade], since: datetime, *, is_hedged: bool, until: int = 60) -> None:
    for minute, side, size, price in sorted(done):
        quantity = Decimal(size) / 10 if life.contract is LINEAR else Decimal(size)
        chosen = side if is_hedged else "both"
        after = life.sides.get(chosen, (D(0), D(0)))[0] + quantity
        is_possible = not is_hedged or (after >= 0 if chosen == "long" else after <= 0)
        if quantity and is_possible and minute < until:
            life.trade(since + timedelta(minutes=minute), chosen, quantity, D(price))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the monitor knows of a life, and what is true."""

    held: Basis
    prices: MinutePrices
    true: Fraction  # the NAV just before the flow


def know(
    before: Sequence[Trade], inside: Sequence[Trade], contract: tuple[str, str], hedged: bool, minute: int, mark: int
) -> Case:
    """An account that traded `before` its reading at 10:02 and `inside` the hour after it, and a flow in that hour."""
    past, when = Life(contract=contract), SINCE + timedelta(minutes=minute, seconds=30)
    live(past, before, SINCE - timedelta(hours=1), is_hedged=hedged)
    whole, part = (replace(past, fills=[], bookings=[], moves=[], sides=dict(past.sides)) for _ in range(2))
    live(whole, inside, SINCE, is_hedged=hedged)
    live(part, inside, SINCE, is_hedged=hedged, until=minute + 1)
    exposure = Exposure(
        account_id=1,
        exchange="binance",
        since=SINCE,
        until=UNTIL,
        before=past.open(),
        after=whole.open(),
        sizes=SIZES,
        bookings=tuple(whole.bookings),
        fills=tuple(whole.fills),
    )
    symbol, asset = contract
    held = Basis(quantities={asset: WALLET}, prices={asset: D(1)}, moves=tuple(whole.moves), exposures=(exposure,))
    price = D(1) if asset == "USDT" else D(mark)
    prices = {
        (name_mark(symbol, "binance"), minute_of(when)): ValuationPrice(value=D(mark), route="mark price"),
        (asset, minute_of(when)): ValuationPrice(value=price, route=asset),
        ("USDT", minute_of(when)): ValuationPrice(value=D(1), route="USDT"),
    }
    return Case(held=held, prices=prices, true=part.worth(D(mark)))


def flows(minute: int, *texts: str) -> list[LedgerEntry]:
    when = f"{SINCE + timedelta(minutes=minute, seconds=30):%Y-%m-%d %H:%M:%S}"
    return [flow(text, when, number) for number, text in enumerate(texts, 1)]


@settings(max_examples=120, deadline=None)
@given(lives, st.integers(0, 59), PRICES, st.integers(1, 500_000))
def test_the_account_before_a_flow_is_what_it_was_worth_whatever_is_open_and_however_much_comes(
    life: tuple[list[Trade], list[Trade], tuple[str, str], bool], minute: int, mark: int, amount: int
) -> None:
    case = know(*life, minute, mark)
    (little,) = value_flows(case.held, flows(minute, "+0.01 USDT"), case.prices)
    (much,) = value_flows(case.held, flows(minute, f"+{amount} USDT"), case.prices)

    assert little.nav_before is not None
    assert little.nav_before == much.nav_before
    assert (little.reason, little.unsized) == ("", ())
    assert abs(Fraction(little.nav_before) - case.true) <= CLOSE * (1 if life[2] is LINEAR else 60_000)


@settings(max_examples=60, deadline=None)
@given(lives, st.integers(0, 59), PRICES, st.integers(2, 500_000))
def test_a_flow_moves_no_unit_price_and_two_halves_are_one_whole(
    life: tuple[list[Trade], list[Trade], tuple[str, str], bool], minute: int, mark: int, amount: int
) -> None:
    case = know(*life, minute, mark)
    points = []
    for texts in ([f"+{2 * amount} USDT"], [f"+{amount} USDT"] * 2):
        valued = value_flows(case.held, flows(minute, *texts), case.prices)
        first = HourEvent(at=SINCE, hour=SINCE, nav=D(100_000), prices={}, is_first=True, opening_id=0)
        events = [
            FlowEvent(at=f.entry.second, transaction_id=f.entry.id, value=f.value, nav_before=f.nav_before, prices={})
            for f in valued
            if f.value is not None and f.nav_before is not None
        ]
        points.append(fold_track((), start_track(()), [first, *events])[0][1:])

    (whole,), halves = points
    assert {point.unit_price for point in halves} == {whole.unit_price}
    assert sum((point.units for point in halves), D(0)) == whole.units
    if case.true > 1:
        assert abs(Fraction(whole.unit_price) - case.true / 1000) <= CLOSE * 60


@settings(max_examples=80, deadline=None)
@given(lives, st.integers(0, 59), PRICES)
def test_a_size_that_nothing_tells_is_never_taken_for_known(
    life: tuple[list[Trade], list[Trade], tuple[str, str], bool], minute: int, mark: int
) -> None:
    """Without the fills the value is exact, where all trades lie on one side of the flow, or says that it is not."""
    case = know(*life, minute, mark)
    exposure = replace(case.held.exposures[0], fills=())
    (valued,) = value_flows(replace(case.held, exposures=(exposure,)), flows(minute, "+5 USDT"), case.prices)

    times = [booking.at < SINCE + timedelta(minutes=minute, seconds=30) for booking in exposure.bookings]
    is_told = len(set(times)) < 2
    assert (valued.reason == "") is is_told
    assert [query.symbol for query in list_unsized(exposure, valued.entry.second)] == list(valued.unsized)
    if is_told and valued.nav_before is not None:
        assert abs(Fraction(valued.nav_before) - case.true) <= CLOSE * 60_000


def contract(quantity: str, entry: str, symbol: str = "BTCUSDT", **told: str) -> OpenContract:
    asset = "USDT" if symbol == "BTCUSDT" else symbol.partition("USD_")[0]
    figures = {name: D(text) for name, text in told.items()}
    return OpenContract(
        wallet="w",
        symbol=symbol,
        side="both",
        quantity=D(quantity),
        entry_price=D(entry),
        margin_asset=asset,
        **figures,
    )


def exposed(before: OpenContract | None, after: OpenContract | None, **told: object) -> Exposure:
    ends = [{(one.symbol, one.side): one} if one else {} for one in (before, after)]
    return Exposure(
        account_id=1,
        exchange="binance",
        since=SINCE,
        until=UNTIL,
        before=ends[0],
        after=ends[1],
        sizes=SIZES,
        **told,  # type: ignore[arg-type]
    )


def booked(when: str, profit: str = "0", trade: str = "") -> ContractBooking:
    moment = at(f"2026-05-01 {when}")
    return ContractBooking(at=moment, wallet="w", symbol="BTCUSDT", asset="USDT", profit=D(profit), trade=trade)


def filled(when: str, quantity: str, number: str) -> ContractFill:
    return ContractFill(
        wallet="w",
        symbol="BTCUSDT",
        exchange_id=number,
        side="both",
        quantity=D(quantity),
        price=D(60000),
        occurred_at=at(f"2026-05-01 {when}"),
    )


MOMENT = at("2026-05-01 10:30")


def test_a_size_that_changed_without_a_trade_that_is_told_is_not_known() -> None:
    exposure = exposed(contract("1", "60000"), contract("2", "60500"))

    assert open_at(exposure, "BTCUSDT", MOMENT) is None
    (query,) = list_unsized(exposure, MOMENT)
    assert (query.wallet, query.symbol, query.since) == ("w", "BTCUSDT", SINCE)


def test_an_entry_price_that_another_answer_rounds_is_the_same_position() -> None:
    assert open_at(exposed(contract("1", "60000"), contract("1", "60000.00001")), "BTCUSDT", MOMENT) is not None


@pytest.mark.parametrize(
    ("fills", "size"),
    [
        ([filled("10:10", "1", "1"), filled("10:40", "1", "2")], "2"),
        ([filled("10:10", "1", "1")], None),  # one is missing
        ([filled("10:10", "1", "1"), filled("10:40", "2", "2")], None),  # they lead elsewhere
        ([filled("10:10", "1", "1"), filled("10:40", "1", "3")], None),  # not those that were booked
        # What was traded in the seconds of a reading is in it already.
        ([filled("10:02:01", "5", "0"), filled("10:10", "1", "1"), filled("10:40", "1", "2")], "2"),
        ([filled("10:10", "1", "1"), filled("10:40", "4", "2"), filled("11:02:01", "-3", "3")], "2"),
    ],
)
def test_fills_count_where_they_lead_from_one_reading_to_the_other(fills: list[ContractFill], size: str | None) -> None:
    bookings = (booked("10:10", trade="1"), booked("10:40", trade="2"))
    exposure = exposed(contract("1", "60000"), contract("3", "60000"), bookings=bookings, fills=tuple(fills))

    sides = open_at(exposure, "BTCUSDT", MOMENT)
    assert (sides and sides["BTCUSDT", "both"].quantity) == (size and D(size))


@pytest.mark.parametrize(
    ("symbol", "figures", "size"),
    [
        ("BTCUSD_PERP", {"mark_price": "38103.05510455", "unrealised": "-0.00006413"}, 100),
        ("BTCUSD_PERP", {"mark_price": "37643.10000021", "unrealised": "0"}, 100),  # its profit tells nothing
        ("ETHUSD_PERP", {"mark_price": "38103.05510455", "unrealised": "-0.00000641"}, 10),
        ("ETHUSD_PERP", {"mark_price": "38103.05510455", "unrealised": "-0.00064130"}, 1000),  # should there be one
    ],
)
def test_a_told_profit_says_how_large_an_inverse_contract_is(symbol: str, figures: dict[str, str], size: int) -> None:
    one = contract("-2", "37643.10000021", symbol, **figures)

    assert contract_size([one], symbol, one.margin_asset, SIZES) == size


def test_commissions_in_another_coin_say_nothing_of_what_a_contract_settles_in() -> None:
    """Opened and closed at one price beside a flow: no profit was booked."""
    bookings = tuple(
        replace(booked(when, trade=trade), asset="BNB") for when, trade in (("10:10", "1"), ("10:40", "2"))
    )
    told = (*bookings, replace(booked("10:40", trade="2"), asset="USDT"))
    exposure = exposed(None, None, bookings=told, fills=(filled("10:10", "1", "1"), filled("10:40", "-1", "2")))

    (profit,) = value_open(exposure, MOMENT, {"BTCUSDT": Mark(value=D(61000))})
    assert (profit.asset, profit.amount) == ("USDT", 1000)


def lump(before: str, after: str, *bookings: ContractBooking) -> Exposure:
    ends = [{("options", "USDT"): D(text)} for text in (before, after)]
    return Exposure(
        account_id=1,
        exchange="binance",
        since=SINCE,
        until=UNTIL,
        before={},
        after={},
        sizes=SIZES,
        lumps_before=ends[0],
        lumps_after=ends[1],
        bookings=tuple(replace(one, wallet="options", symbol="") for one in bookings),
    )


@pytest.mark.parametrize(
    ("exposure", "amount"),
    [
        (lump("0", "-600"), "-280"),  # 28 of 60 minutes have passed
        (lump("100", "40", booked("10:20", "60")), "40"),  # some were sold before
        (lump("100", "40", booked("10:50", "60")), "100"),  # or after
        (
            lump("0", "0", booked("10:20", "-50"), booked("10:50", "70")),
            "50",
        ),  # bought before, worth its price, sold after
    ],
)
def test_what_no_contract_is_told_for_is_between_its_readings_and_says_so(exposure: Exposure, amount: str) -> None:
    (profit,) = value_open(exposure, MOMENT, {})

    assert profit.amount == D(amount)
    assert profit.reason == "what is open in options is known at readings only"
    assert profit.unsized == ""


def test_without_a_mark_price_a_position_is_between_its_readings() -> None:
    before, after = (contract("1", "60000", unrealised=text) for text in ("-100", "-700"))

    (profit,) = value_open(exposed(before, after), MOMENT, {})
    assert (profit.amount, profit.reason) == (-380, "no mark price of BTCUSDT")

"""A portfolio is one account: laws of what its accounts do together, of transfers between them, and of their trades."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.attribution.events import Event, Standing
from finance.attribution.explanation import Explanation, Gain, Part, State
from finance.attribution.gains import book_changes, open_inventories
from finance.attribution.hour import explain_hour
from finance.attribution.together import WITHDRAWAL_FEE, Between, Held, explain_together, stand_together
from finance.inventory import Method
from finance.trade_book import TradeBook
from finance.trades import Trade
from tests.finance.gains import compute_gains
from tests.finance.test_explanation import END, EXACT, START, after, events, prices, quantities, standing
from tests.finance.test_trades import CLOSING, flow, trade
from tests.monitor.notation import D

RICH = {"USDT": D(100_000)}


@dataclass
class Accounts:
    """An hour of several accounts, each with what it held and what happened, and what was on its way at both ends."""

    held: Sequence[dict[str, Decimal]]
    happened: Sequence[Sequence[Event]]
    old: dict[str, Decimal] = field(default_factory=lambda: CLOSING)
    new: dict[str, Decimal] = field(default_factory=lambda: CLOSING)
    underway: tuple[Sequence[Held], Sequence[Held]] = ((), ())
    own: dict[str, Decimal] = field(default_factory=dict)
    joined: Sequence[Held] = ()

    def __post_init__(self) -> None:
        self.befores = [standing(START, held, self.old) for held in self.held]
        self.afters = [
            replace(after(before, happened, self.new), hour=END.replace(minute=0))
            for before, happened in zip(self.befores, self.happened, strict=True)
        ]
        self.hours = [
            explain_hour(before, later, happened)
            for before, later, happened in zip(self.befores, self.afters, self.happened, strict=True)
        ]

    @property
    def ends(self) -> tuple[Standing, Standing]:
        """The portfolio's."""
        both = zip((self.befores, self.afters), ((), self.joined), self.underway, strict=True)
        first, last = (_add_up(ends, [*joined, *underway]) for ends, joined, underway in both)
        return first, last

    def explain(self) -> Explanation:
        """The portfolio's hour."""
        hours = [[one] for one in self.hours]
        between = Between(accounts=hours, joined=self.joined, own=self.own, values={})
        return explain_together(*self.ends, between)

    def trade(self) -> TradeBook:
        """Its trades."""
        book = TradeBook.begin(self.ends[0])
        book.book(self.explain().changes, END)
        return book


def _add_up(ends: Sequence[Standing], more: Sequence[Held]) -> Standing:
    held = [Held(asset, one.quantities[asset], worth) for one in ends for asset, worth in one.list_worths().items()]
    with localcontext(EXACT):
        nav = sum((one.worth for one in (*held, *more)), D(0))
    return stand_together(ends[0].hour, ends[0].taken_at, nav, [*held, *more])


several = st.lists(st.tuples(quantities, events), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(several, prices, prices, quantities)
def test_gains_of_a_portfolio_are_its_price_effect_and_trading_by_every_method(
    found: list[tuple[dict[str, Decimal], list[Event]]],
    old: dict[str, Decimal],
    new: dict[str, Decimal],
    brought: dict[str, Decimal],
) -> None:
    """Of every asset, whatever happened at its accounts, and whatever one brings that joins."""
    with localcontext(EXACT):
        joined = [Held(asset, units, units * new[asset]) for asset, units in brought.items()]
    accounts = Accounts(
        [held for held, _ in found], [_number(happened) for _, happened in found], old, new, joined=joined
    )
    before, now = accounts.ends
    explained = accounts.explain()
    gains = compute_gains(explained, before, now, None)
    with localcontext(EXACT):
        assert sum(explained.parts.values()) == explained.nav_change
        assert sum(gains.amounts.values()) + gains.unrealised_change == _moved(explained.parts)
        for method in Method:
            inventories = open_inventories(before, method=method)
            booked = book_changes(inventories, explained.changes)
            for one in explained.assets:
                cost = inventories[one.asset].cost
                unrealised = one.worth - cost - (before.list_worths().get(one.asset, D(0)) - _begun(before, one.asset))
                assert sum(booked.get(one.asset, {}).values(), D(0)) + unrealised == _moved(one.value)
                assert inventories[one.asset].quantity == one.after


def _moved(parts: object) -> Decimal:
    return sum((parts.get(part, D(0)) for part in (Part.PRICE_EFFECT, Part.TRADING)), D(0))  # type: ignore[attr-defined]


def _begun(before: Standing, asset: str) -> Decimal:
    return before.list_worths()[asset] if before.quantities.get(asset) else D(0)


@settings(max_examples=60, deadline=None)
@given(quantities, quantities, prices, prices, events)
def test_a_portfolio_of_one_account_has_its_gains_and_trades(
    held: dict[str, Decimal],
    found: dict[str, Decimal],
    old: dict[str, Decimal],
    new: dict[str, Decimal],
    happened: list[Event],
) -> None:
    happened = _number(happened)
    alone = Accounts([held], [happened], old, new)
    alone.afters = [standing(END, found, new)]
    alone.hours = [explain_hour(alone.befores[0], alone.afters[0], happened)]
    explained = alone.explain()
    own = TradeBook.begin(alone.befores[0])
    own.book(alone.hours[0].changes, END)
    assert explained.parts == alone.hours[0].parts
    assert compute_gains(explained, *alone.ends, None) == compute_gains(
        alone.hours[0], alone.befores[0], alone.afters[0], None
    )
    assert (alone.trade().trades, alone.trade().moves, alone.trade().fees) == (own.trades, own.moves, own.fees)


@settings(max_examples=60, deadline=None)
@given(several, prices, st.decimals("0.001", "5", places=3), st.decimals("0", "0.1", places=3), st.booleans())
def test_an_own_transfer_changes_nothing_but_its_fee(
    found: list[tuple[dict[str, Decimal], list[Event]]],
    quoted: dict[str, Decimal],
    sent: Decimal,
    cost: Decimal,
    arrives: bool,
) -> None:
    """Coins go from the first account to the last, and are there at once or still on their way at the hour's end."""
    held, happened = [one for one, _ in found], [_number(some) for _, some in found]
    still = Accounts(held, happened, quoted, quoted)
    value = sent * quoted["BTC"]
    left = flow(f"-{sent + cost} BTC", 59, str(-(sent + cost) * quoted["BTC"]))
    came = flow(f"{sent} BTC", 59, str(value))
    moved = [list(some) for some in happened]
    moved[0].append(replace(left, number=900))
    if arrives:
        moved[-1].append(replace(came, number=901))
    underway: tuple[Sequence[Held], Sequence[Held]] = ((), () if arrives else (Held("BTC", sent, value),))
    with_it = Accounts(held, moved, quoted, quoted, underway, {"d900": cost, "d901": D(0)})

    plain, found_with = still.explain(), with_it.explain()
    fee = cost * quoted["BTC"]
    with localcontext(EXACT):
        expected = dict(plain.parts) | {Part.FEES: plain.parts[Part.FEES] - fee}
    assert found_with.parts == expected
    assert found_with.fees.get(WITHDRAWAL_FEE, D(0)) == -fee
    assert _without_fee(found_with) == list(plain.changes)
    assert (
        compute_gains(found_with, *with_it.ends, None).amounts[Gain.REALISED]
        == (compute_gains(plain, *still.ends, None).amounts[Gain.REALISED])
    )


def _without_fee(explained: Explanation) -> list[object]:
    return [one for one in explained.changes if one.kind != WITHDRAWAL_FEE]


def _number(happened: Sequence[Event]) -> list[Event]:
    return [replace(one, number=number) for number, one in enumerate(happened, 1)]


def only(accounts: Accounts) -> Trade:
    [found] = accounts.trade().trades.values()
    return found


def test_a_coin_bought_here_and_sold_there_is_one_trade() -> None:
    """At each account alone it is two: what was bought leaves, and what came is sold."""
    here: list[Event] = [trade("+2 BTC at 90", 5), replace(flow("-2 BTC", 10, "-200"), number=7)]
    there: list[Event] = [replace(flow("1.9 BTC", 30, "190"), number=8), trade("-1.9 BTC at 120", 40)]
    pair = Accounts([RICH, RICH], [here, there], own={"d7": D("0.1"), "d8": D(0)})

    found = only(pair)
    assert (found.id, found.entered, found.exited, found.gross) == ("f5", D(2), D("1.9"), D("1.9") * 30)
    assert found.closed_at
    assert [(fee.kind, fee.quantity, fee.value) for fee in pair.trade().fees] == [(WITHDRAWAL_FEE, D("0.1"), D(10))]


def test_what_is_on_its_way_is_held_and_its_trade_stays_open() -> None:
    here: list[Event] = [trade("+2 BTC at 90", 5), replace(flow("-2 BTC", 10, "-200"), number=7)]
    pair = Accounts([RICH, RICH], [here, []], own={"d7": D(0)}, underway=((), (Held("BTC", D(2), D(200)),)))
    explained = pair.explain()
    assert explained.parts[Part.PRICE_EFFECT] == 0
    assert explained.parts[Part.TRADING] == 20
    assert only(pair).closed_at is None
    assert compute_gains(explained, *pair.ends, None).costs["BTC"] == 180


def test_who_joins_brings_coins_at_what_they_are_worth() -> None:
    pair = Accounts([RICH], [[trade("+1 BTC at 90", 5)]], joined=[Held("BTC", D(3), D(300)), Held("USDT", D(5), D(5))])
    explained = pair.explain()
    assert explained.parts[Part.FLOWS] == 305
    assert compute_gains(explained, *pair.ends, None).costs["BTC"] == 390
    assert (only(pair).entered, only(pair).fills) == (4, 1)


def test_coins_that_accounts_lack_and_have_in_one_minute_are_trades_of_their_own() -> None:
    """One account after the other finds a coin less, more, less and more again than its records say."""
    accounts = Accounts([RICH | {"BTC": D(1)}, RICH, RICH | {"BTC": D(0)}, RICH], [[]] * 4)
    for number, units in enumerate(("0", "1", "-1", "1")):
        accounts.afters[number] = standing(END, RICH | {"BTC": D(units)}, CLOSING)
        accounts.hours[number] = explain_hour(accounts.befores[number], accounts.afters[number], [])
    book = accounts.trade()
    assert [one.closed_at is None for one in book.trades.values()] == [False, False, True]


def test_what_nothing_brought_is_said_to_be_unexplained() -> None:
    """A transfer whose other end is not known: what the portfolio holds beside everything that was booked."""
    accounts = Accounts([RICH], [[]], underway=((), (Held("BTC", D(1), D(100)),)))
    explained = accounts.explain()
    assert (explained.state, explained.parts[Part.RESIDUAL]) == (State.UNEXPLAINED, D(100))
    assert compute_gains(explained, *accounts.ends, None).costs["BTC"] == 100


def test_flows_count_as_the_portfolio_values_them() -> None:
    accounts = Accounts([RICH], [[flow("2 ETH", 10, "20")]])
    between = Between(accounts=[accounts.hours], own={}, values={"d10": D(21)})
    explained = explain_together(*accounts.ends, between)
    assert explained.parts[Part.FLOWS] == 21
    assert explained.parts[Part.PRICE_EFFECT] == -1

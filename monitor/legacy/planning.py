"""What becomes of each old order: it is linked to what the exchange showed, makes one fill, or makes none, and why.

An old order is not what was paid: a limit order's price is the one that was asked for. Where the exchange's own fills are known
they say everything. Where they are not, an order whose average price is known makes one fill, marked legacy: before the first
valued hour it describes and moves nothing; after it, it is booked only where the hour lacks exactly such units. Whatever
already fits stays as it is.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from finance.decimals import exact, plain, stored
from finance.orders import OrderState
from finance.records import FillMarket, FillRecord
from monitor.accounts.registry import StoredAccount
from monitor.legacy.orders import ENTRY, OldOrder, OrderKey
from monitor.legacy.store.known import FilledOrder, HourOfOrder, Pair, ShownOrder, Span

LEGACY = "legacy"
COVERED = Decimal(
    "0.99"
)  # of a fill's units at least are missing in its hour: a fee, which is not known, may be the rest
QUOTES = (
    *("USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USD1", "DAI", "BTC", "ETH", "BNB", "EUR", "TRY", "BRL", "GBP", "JPY"),
    *("BGB", "GT", "MX"),
)
ROUNDED = (
    "its number may have been rounded by a program that kept it as a floating-point number, so that the exchange's own order and "
    "fills could not take its place: no order, no fill"
)

HourFinder = Callable[[datetime], HourOfOrder | None]

NOTHING = {
    OrderState.FILLED: "filled, but nothing was executed: no fill",
    OrderState.GONE: "nothing was executed yet; whether it still waits the exchange shows",
}

LEVERAGED = (
    "it was of a contract or on margin, by its symbol, leverage or side: its money came by income; no order, no fill"
)


class Becomes(StrEnum):
    """What becomes of an old order."""

    LINKED = "linked"  # to the exchange's own fills
    BOOKED = "booked"  # one fill, which explains what its hour lacks
    DESCRIBED = "described"  # one fill before the first valued hour
    ORDER = "order"  # an order without a fill
    NOTED = "noted"  # of contracts or margin: what it said is kept, beside no order
    BEFORE = "before"  # it was imported before
    LATER = "later"  # what it is to become is not known yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of one old order, and why."""

    order: OldOrder
    becomes: Becomes
    reason: str
    pair: Pair | None = None  # None: of contracts
    fill: FillRecord | None = None
    is_shown: bool = False  # the exchange showed the order itself


class ImportedOrder(NamedTuple):
    """What an old order became when it was imported."""

    symbol: str
    order_id: str
    at: datetime
    became: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is known of an account without the old system."""

    account: StoredAccount
    filled: Mapping[OrderKey, FilledOrder]
    shown: Mapping[OrderKey, ShownOrder]
    pairs: Mapping[str, Pair]
    imported: Mapping[OrderKey, ImportedOrder]
    span: Span


class Planner:
    """Decides order by order, in time order: what one explains of an hour, the next does not explain again."""

    def __init__(self, known: AccountFacts, leveraged: Collection[str], find_hour: HourFinder) -> None:
        self._known = known
        self._leveraged = leveraged
        self._find_hour = find_hour
        self._left: dict[datetime, dict[str, Decimal]] = {}  # what hours still lack, by hour

    def plan(self, orders: Iterable[OldOrder]) -> list[Plan]:
        """What becomes of each, in time order."""
        return [
            self._plan(one) for one in sorted(orders, key=lambda one: (one.filled_at or one.ordered_at, one.number))
        ]

    def _plan(self, order: OldOrder) -> Plan:
        if before := self._known.imported.get(order.key):
            return Plan(order=order, becomes=Becomes.BEFORE, reason=self._say_before(before))
        shown = self._known.shown.get(order.key)
        is_shown = shown is not None
        filled = self._known.filled.get(order.key)
        pair = self._find_pair(order, filled)
        if filled:
            return Plan(
                order=order, becomes=Becomes.LINKED, reason=_compare(order, filled), pair=pair, is_shown=is_shown
            )
        if order.is_contract or order.order_id in self._leveraged:
            return Plan(order=order, becomes=Becomes.NOTED, reason=LEVERAGED, is_shown=is_shown)
        if reason := _note(order, shown):
            return Plan(order=order, becomes=Becomes.NOTED, reason=reason, is_shown=is_shown)
        if pair is None:
            reason = f"which two assets {order.symbol} has is not known: no order, no fill"
            return Plan(order=order, becomes=Becomes.NOTED, reason=reason)
        order = _correct(order, shown)
        reason = _refuse(order)
        if reason:
            return Plan(order=order, becomes=Becomes.ORDER, reason=reason, pair=pair, is_shown=is_shown)
        becomes, reason, fill = self._place(make_fill(order, pair))
        return Plan(order=order, becomes=becomes, reason=reason, pair=pair, fill=fill, is_shown=is_shown)

    def _say_before(self, before: ImportedOrder) -> str:
        has_given_way = (
            before.became in (Becomes.BOOKED, Becomes.DESCRIBED)
            and OrderKey(before.symbol, before.order_id) in self._known.filled
        )
        now = "; the exchange's own fills have come in its place" if has_given_way else ""
        return f"was imported on {before.at:%Y-%m-%d}: {before.reason}{now}"

    def _find_pair(self, order: OldOrder, filled: FilledOrder | None) -> Pair | None:
        known = self._known.pairs.get(order.symbol)
        found = known or _split(order.symbol)
        shown = self._known.shown.get(order.key)
        market = filled.market if filled else shown.market if shown else ""
        if market and market not in tuple(FillMarket):
            return None
        return found._replace(market=market or str(FillMarket.SPOT)) if found else None

    def _place(self, fill: FillRecord) -> tuple[Becomes, str, FillRecord | None]:
        at, span = fill.occurred_at, self._known.span
        if span.first is None or at < span.first:
            return (
                Becomes.DESCRIBED,
                f"one fill in {fill.market} before the first valued hour: it describes, and moves nothing",
                fill,
            )
        if span.last is None or at >= span.last:
            return Becomes.LATER, "its hour has no NAV yet: not imported. Import again after the next hour", None
        hour = self._find_hour(at)
        if hour is None:
            return Becomes.ORDER, "in which hour it is explained is not known: no fill", None
        left = self._left.setdefault(hour.hour, dict(hour.residual))
        if all(_is_missing(left.get(asset, Decimal(0)), units) for asset, units in fill.moves):
            for asset, units in fill.moves:
                left[asset] = stored(left[asset] - units)
            return (
                Becomes.BOOKED,
                f"one fill in {fill.market}: the hour of {hour.hour:%Y-%m-%d %H:%M} lacks such units",
                fill,
            )
        reason = f"what the account held in the hour of {hour.hour:%Y-%m-%d %H:%M} fits without it: no fill"
        return Becomes.ORDER, reason, None


def _note(order: OldOrder, shown: ShownOrder | None) -> str:
    """Why no order of ours can stand for it; empty where one can."""
    if shown and shown.market not in tuple(FillMarket):
        return f"the exchange showed the order itself, in {shown.market}; no fill"
    return ROUNDED if order.is_doubtful and not shown else ""


@exact
def _correct(order: OldOrder, shown: ShownOrder | None) -> OldOrder:
    """The order with what the exchange showed to be executed of it, which is better than what the old row says."""
    if shown is None:
        return order
    average = shown.given / shown.executed if shown.given and shown.executed else None
    return replace(order, executed=shown.executed, stated_average=average)


def _is_missing(missing: Decimal, units: Decimal) -> bool:
    return missing * units > 0 and abs(missing) >= COVERED * abs(units)


def _refuse(order: OldOrder) -> str:
    """Why an order makes no fill; empty where it may."""
    if not order.executed:
        return NOTHING.get(order.state, "nothing was executed")
    if order.average is None and order.is_limit:
        return "the price that was asked for is not what was paid, and no average is known: no fill"
    if order.average is None:
        return "an order at the market's price without a price: what was paid is not known; no fill"
    if order.is_limit and order.filled_at is None:
        return "when it was filled is not known: no fill"
    return ""


@exact
def _compare(order: OldOrder, filled: FilledOrder) -> str:
    """What the exchange's fills say of it, and where the old row says something else."""
    each = abs(filled.given / filled.bought) if filled.bought else None
    found = f"{filled.fills} {'fill' if filled.fills == 1 else 'fills'} of the exchange's, {plain(abs(filled.bought))}"
    found += f" at {plain(round(each, 8))} on average" if each else ""
    if abs(filled.bought) != order.executed:
        found += f"; the old row has {plain(order.executed)}"
    if order.price and each and round(each, 8) != order.price:
        found += f"; the old row has the {'limit' if order.is_limit else 'price'} {plain(order.price)}"
    return found


@exact
def make_fill(order: OldOrder, pair: Pair) -> FillRecord:
    """All that was executed of an order as one fill at its average price; what was paid for it is not known."""
    assert order.average
    signed = order.executed if order.side == "buy" else -order.executed
    return FillRecord(
        market=FillMarket(pair.market),
        symbol=order.symbol,
        exchange_id=f"{LEGACY} {order.order_id}",
        base_asset=pair.base,
        base_quantity=signed,
        quote_asset=pair.quote,
        quote_quantity=stored(-signed * order.average),
        occurred_at=order.filled_at or order.ordered_at,
        order_id=order.order_id,
    )


def _split(symbol: str) -> Pair | None:
    """A symbol's two assets, by the usual quotes."""
    quote = next((one for one in QUOTES if symbol.endswith(one) and len(symbol) > len(one)), None)
    return Pair(symbol, str(FillMarket.SPOT), symbol.removesuffix(quote), quote) if quote else None


def find_leveraged(orders: Collection[OldOrder], named: Collection[str]) -> set[str]:
    """The orders that were of contracts or on margin: those `named` with leverage, entries by a sale, and what belongs to them."""
    entries = {
        one.order_id for one in orders if one.links.role == ENTRY and (one.side == "sell" or one.order_id in named)
    }
    entries |= {one.order_id for one in orders if one.is_contract} | set(named)
    return entries | {one.order_id for one in orders if one.links.parent_id in entries}

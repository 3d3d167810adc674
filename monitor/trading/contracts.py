"""An account's trades in contracts, made of the fills and income that are stored, each valued as its hour's explanation is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext

from finance.closed_positions import Positions, match_positions
from finance.contract_book import Booked, ContractBook, Side
from finance.contract_trades import ContractTrade
from finance.decimals import ONE, UNROUNDED, ZERO
from finance.prices import VALUATION_ASSET
from finance.records import ContractFill, IncomeKind
from finance.trades import Exit, TradeMove, list_exits
from monitor.accounts.store.portfolios import load_exchange
from monitor.exchanges.adapters import load_adapter
from monitor.ledger.store.closed_positions import load_closed_positions
from monitor.ledger.store.standings import load_standings
from monitor.trading.store.contracts import (
    HourOfBooking,
    HourOfFill,
    load_explained_bookings,
    load_explained_fills,
    load_last_positions,
    load_unread_contracts,
)
from sql.rows import Db

Prices = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTrades:
    """Trades in contracts in the order in which they were opened, and what the exchange says that positions realised."""

    trades: Sequence[ContractTrade]
    exits: Mapping[str, Sequence[Exit]]
    stated: Decimal  # realised by the exchange's account, as it is in the part `positions` of the explanations
    unmatched: int  # fills that close what none had opened
    positions: Positions  # of closed trades, as the exchange keeps account of them
    incomplete: Sequence[str]  # contracts of which not all fills are known: none of their trades is listed

    @property
    def gross(self) -> Decimal:
        """What these trades realised, before fees and funding."""
        with localcontext(UNROUNDED):
            return sum((one.gross for one in self.trades), ZERO)

    @property
    def rest(self) -> Decimal:
        """What of the exchange's account is not in these trades: rounding, and trades of which fills are not known."""
        with localcontext(UNROUNDED):
            return self.stated - self.gross


def load_contract_trades(db: Db, account_id: int, until: datetime) -> ContractTrades | None:
    """Those of the account's hours up to `until`; None where no fill of a contract is known."""
    exchange = load_exchange(db, account_id)
    adapter = load_adapter(exchange) if exchange else None
    fills = load_explained_fills(db, account_id, until)
    if adapter is None or not fills:
        return None
    bookings = load_explained_bookings(db, account_id, until)
    incomplete = {*load_unread_contracts(db, account_id), *_list_incomplete(fills, bookings)}
    fills = tuple(one for one in fills if one.fill.symbol not in incomplete)
    prices = _load_prices(db, account_id, fills, bookings)
    filled, paid = defaultdict[datetime, list[ContractFill]](list), defaultdict[datetime, list[Booked]](list)
    for hour, fill in fills:
        filled[hour].append(fill)
    for hour, one in bookings:
        paid[hour].append(_value(one, prices[hour]))
    before = _count_before(fills, load_last_positions(db, account_id, until))
    book, stated = ContractBook(adapter.inverse_sizes, before=before), ZERO
    for hour in sorted(prices):
        booked = paid[hour]
        book.book(filled[hour], booked, prices[hour])
        with localcontext(UNROUNDED):
            stated += sum((one.value for one in booked if one.kind is IncomeKind.REALISED_PROFIT), ZERO)
    moves: defaultdict[str, list[TradeMove]] = defaultdict(list)
    for move in book.moves:
        moves[move.trade].append(move)
    return ContractTrades(
        trades=tuple(book.trades.values()),
        exits={name: list_exits(moves[name]) for name in book.trades},
        stated=stated,
        unmatched=len(book.unmatched),
        positions=match_positions(book.trades.values(), load_closed_positions(db, account_id, until)),
        incomplete=sorted(incomplete),
    )


def _list_incomplete(fills: Iterable[HourOfFill], bookings: Iterable[HourOfBooking]) -> set[str]:
    """The contracts of which something was booked for a fill that is not known."""
    known = {(one.fill.symbol, one.fill.exchange_id) for one in fills}
    named = {(one.booked.symbol, one.booked.fill) for one in bookings if one.booked.fill}
    return {symbol for symbol, _ in named - known}


def _count_before(fills: Iterable[HourOfFill], held: Mapping[Side, Decimal]) -> dict[Side, Decimal]:
    """What was open of each contract before its first fill that is known: what is `held` in the end, less all of them."""
    counted: defaultdict[Side, Decimal] = defaultdict(Decimal)
    with localcontext(UNROUNDED):
        for _, fill in fills:
            counted[fill.symbol, fill.side] -= fill.quantity
        for side in counted:
            counted[side] += held.get(side, ZERO)
    return counted


def _load_prices(
    db: Db, account_id: int, fills: Sequence[HourOfFill], bookings: Sequence[HourOfBooking]
) -> dict[datetime, Prices]:
    """What everything that is settled or paid counts for in its hour: by the closing price, as in the explanation."""
    found: dict[datetime, set[str]] = defaultdict(set)
    for filled in fills:
        found[filled.hour].add(filled.fill.settle)
    for one in bookings:
        found[one.hour].add(one.booked.asset)
    others = sorted(hour for hour, assets in found.items() if assets != {VALUATION_ASSET})
    standings = load_standings(db, account_id, others) if others else {}
    return {hour: {VALUATION_ASSET: ONE, **(standings[hour].prices if hour in standings else {})} for hour in found}


def _value(booked: Booked, prices: Prices) -> Booked:
    with localcontext(UNROUNDED):
        return replace(booked, value=booked.amount * prices.get(booked.asset, ZERO))

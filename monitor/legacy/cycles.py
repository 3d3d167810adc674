"""Our trades of the time before the first valued hour: the same book as for every hour, of the fills that are known.

They are computed to be set beside the old ones, and stored nowhere: what was held then is not known, only what was traded.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext

from finance.attribution.booked import HourPrices, book_event, value_at_fill
from finance.attribution.explanation import Change
from finance.decimals import ONE, UNROUNDED, ZERO
from finance.inventory import Inventory
from finance.prices import VALUATION_ASSET
from finance.records import FillMarket, FillRecord
from finance.trade_book import TradeBook
from finance.trades import Exit, Trade, list_exits


def build_cycles(fills: Iterable[FillRecord], cash: Collection[str]) -> tuple[list[Trade], dict[str, Sequence[Exit]]]:
    """Trades of fills against the valuation asset, from nothing held on, and their exits. Others can't be valued here."""
    inventories: defaultdict[str, Inventory] = defaultdict(Inventory)
    book, moves = TradeBook(inventories, cash=cash), defaultdict(list)
    for fill in sorted(fills, key=lambda one: one.occurred_at):
        if fill.quote_asset == VALUATION_ASSET and (covered := _cover(fill, inventories[fill.base_asset].quantity)):
            book.book(_list_changes(covered), fill.occurred_at)
    found, _, trades = book.take_rows()
    for move in found:
        moves[move.trade].append(move)
    return trades, {name: list_exits(its) for name, its in moves.items()}


def _cover(fill: FillRecord, held: Decimal) -> FillRecord | None:
    """As much of a fill as can be booked: in spot nobody sells more than he holds, so the rest was held before."""
    if fill.market is not FillMarket.SPOT or fill.base_quantity >= 0 or held + fill.base_quantity >= 0:
        return fill
    if held <= 0:
        return None
    value = value_at_fill(fill, held, ONE)
    return replace(fill, base_quantity=-held, quote_quantity=value, fee=ZERO)


def _list_changes(fill: FillRecord) -> list[Change]:
    """Both legs, and the fee where it can be valued."""
    row = f"f-order-{fill.order_id or fill.exchange_id}"  # whether or not it is stored
    with localcontext(UNROUNDED):
        changes = list(book_event(fill, HourPrices({VALUATION_ASSET: ONE})))
    return [one._replace(row=row) for one in changes if one.asset in (fill.base_asset, fill.quote_asset)]

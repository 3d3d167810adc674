"""Round trips of what is shown, made of its stored trades when they are asked for."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from dashboard.history.members import own
from dashboard.history.trade_rows import divide
from finance.round_trips import RoundTrip, pair_moves
from finance.trades import Effect, Fee, MoveKind, OpenedBy, Trade, TradeMove
from sql.rows import Db, load_rows, load_value

MOST_MOVES = 5_000  # of open trades that a page looks through


TripNumber = tuple[datetime, int, str, int]


class FoundTrip(NamedTuple):
    """A round trip, and the symbol of the trade that it is part of."""

    symbol: str
    account_id: int
    trip: RoundTrip
    number: int  # among those of its trade

    @property
    def number_of_all(self) -> TripNumber:
        """Its number among those of all trades; what is bought and sold later has a higher one."""
        return self.trip.left_at, self.account_id, self.trip.trade, self.number

    @property
    def side(self) -> str:
        """LONG or SHORT."""
        return "SHORT" if self.trip.is_short else "LONG"

    @property
    def entry_price(self) -> Any:
        """Of a unit."""
        return divide(self.trip.entry_value, self.trip.quantity)

    @property
    def exit_price(self) -> Any:
        """Of a unit."""
        return divide(self.trip.exit_value, self.trip.quantity)


class _Found(NamedTuple):
    account_id: int
    symbol: str
    trade: Trade


def load_round_trips(
    db: Db, account_id: int, since: datetime, until: datetime, *, symbol: str = "", is_open: bool = False
) -> list[FoundTrip]:
    """Those that ended after `since` and up to `until`, the newest first; of a `symbol` or coin, or of open trades alone."""
    asked = {"id": account_id, "since": since, "until": until, "symbol": symbol, "open": is_open}
    trades = load_rows(
        db,
        _read_trade,
        f"""
        select t.account_id, t.symbol, t.id, t.asset, t.side, t.opened_by, t.opened_at, t.closed_at
        from trades t
        where {own("t")} and t.settle is null and t.opened_at <= %(until)s
          and (t.closed_at is null or not %(open)s and t.closed_at > %(since)s)
          and (%(symbol)s = '' or upper(%(symbol)s) in (upper(t.symbol), upper(t.asset)))
        """,
        asked,
    )
    if not trades:
        return []
    moves = _load_moves(db, account_id, [one.trade.id for one in trades])
    fees = _load_fees(db, account_id, sorted({one.trade.asset for one in trades}))
    found = [
        FoundTrip(one.symbol, one.account_id, trip, number)
        for one in trades
        for number, trip in enumerate(pair_moves(one.trade, moves[one.trade.id], fees[one.trade.asset]))
        if since < trip.left_at <= until
    ]
    return sorted(found, key=lambda one: one.number_of_all, reverse=True)


def count_open_moves(db: Db, account_id: int) -> int:
    """How many moves open trades have, but no more than a page looks through and one."""
    count: int = load_value(
        db,
        f"""
        select count(*)
        from (
          select
          from trades t
          join trade_moves m on m.account_id = t.account_id and m.trade_id = t.id
          where {own("t")} and t.settle is null and t.closed_at is null
          limit %(most)s
        ) found
        """,
        {"id": account_id, "most": MOST_MOVES + 1},
    )
    return count


def _read_trade(*, account_id: int, symbol: str, side: str, opened_by: str, **columns: Any) -> _Found:
    return _Found(account_id, symbol, Trade(is_short=side == "SHORT", opened_by=OpenedBy(opened_by), **columns))


def _read_move(*, effect: str, kind: str, **columns: Any) -> TradeMove:
    return TradeMove(effect=Effect(effect), kind=MoveKind(kind), **columns)


def _load_moves(db: Db, account_id: int, trades: Sequence[str]) -> defaultdict[str, list[TradeMove]]:
    found: defaultdict[str, list[TradeMove]] = defaultdict(list)
    for move in load_rows(
        db,
        _read_move,
        f"""
        select trade_id as trade, at, effect, kind, row, order_id as "order", quantity, value, gain, worth
        from trade_moves m
        where {own("m")} and trade_id = any(%(trades)s)
        order by hour, number
        """,
        {"id": account_id, "trades": list(trades)},
    ):
        found[move.trade].append(move)
    return found


def _load_fees(db: Db, account_id: int, assets: Sequence[str]) -> defaultdict[str, list[Fee]]:
    """What was paid in these coins; network fees are part of what was withdrawn."""
    found: defaultdict[str, list[Fee]] = defaultdict(list)
    for fee in load_rows(
        db,
        Fee,
        f"""
        select at, row, type as kind, asset, quantity, value, coalesce(trade_id, '') as trade
        from fees f
        where {own("f")} and f.hour is not null and asset = any(%(assets)s)
        order by at, id
        """,
        {"id": account_id, "assets": list(assets)},
    ):
        found[fee.asset].append(fee)
    return found

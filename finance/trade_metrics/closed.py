"""A closed trade as metrics take it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

from finance.contract_trades import ContractTrade
from finance.decimals import CONTEXT, UNROUNDED, ZERO
from finance.trade_notes import TradeNote, compute_risk
from finance.trades import Effect, Trade, TradeMove


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTrade:
    """One trade from flat to flat that fills opened and closed; amounts are in the valuation asset."""

    id: str
    account: str
    asset: str
    symbol: str
    side: str  # LONG or SHORT
    market: str
    exchange: str
    exit_kind: str | None  # how the last of it went; None: as a fee
    opened_at: datetime
    closed_at: datetime
    net: Decimal
    fees: Decimal
    interest: Decimal
    funding: Decimal = ZERO  # got; paid is negative
    volume: Decimal  # what came in and what went out again
    invested: Decimal | None = None  # on average over its time; None: not known
    risk: Decimal | None = None  # R, what the stop known at entry would have lost; None: no stop is known
    tags: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        trade: Trade,
        note: TradeNote | None,
        invested: Decimal | None,
        *,
        stop: Decimal | None = None,
        **place: Any,
    ) -> "ClosedTrade":
        """A closed trade with the owner's word about it, and the `stop` at its entry that its orders and plans show.

        `place` is its account, symbol, market and exchange.
        """
        assert trade.closed_at
        return cls(
            id=trade.id,
            asset=trade.asset,
            side=trade.side,
            exit_kind=trade.ended_by and str(trade.ended_by).upper(),
            opened_at=trade.opened_at,
            closed_at=trade.closed_at,
            net=trade.net,
            fees=trade.fees,
            interest=trade.interest,
            funding=trade.funding,
            volume=CONTEXT.add(trade.entry_value, trade.exit_value),
            invested=invested,
            risk=compute_risk(trade, (note and note.stop) or stop),
            tags=note.tags if note else (),
            **place,
        )


def average_invested(trade: Trade, moves: Iterable[TradeMove]) -> Decimal:
    """What was put into a closed trade and not yet taken out, at cost, on average over its time.

    Each move changes it until the end, so it is the sum of change times time left, divided by the whole time.
    """
    assert trade.closed_at
    with localcontext(UNROUNDED):
        weighted = sum((_change(trade, move) * _seconds(move.at, trade.closed_at) for move in moves), ZERO)
    return spread_invested(trade, weighted)


def spread_invested(trade: Trade, weighted: Decimal) -> Decimal:
    """The same out of the sum of changes times seconds left; where no time went by all that was entered."""
    assert trade.closed_at
    lasted = _seconds(trade.opened_at, trade.closed_at)
    return CONTEXT.divide(weighted, lasted) if lasted > 0 else trade.entry_value


def _change(trade: Trade, move: TradeMove) -> Decimal:
    """What a move adds to the cost of what is held: an exit takes away what its units had cost."""
    if move.effect is Effect.ENTRY:
        return move.value
    is_inverse = (
        isinstance(trade, ContractTrade) and trade.contract.is_inverse
    )  # who is long of one owes dollars for coins
    return -(move.value + move.gain) if trade.is_short != is_inverse else -(move.value - move.gain)


def _seconds(since: datetime, until: datetime) -> Decimal:
    length = until - since
    return Decimal(length.days * 86_400 + length.seconds) + Decimal(length.microseconds).scaleb(-6)

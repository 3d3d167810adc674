"""What the exchange itself says of the position that a trade in a contract was, and why it says another figure."""

from decimal import Decimal
from typing import Any, NamedTuple

from dashboard.history.trade_rows import TradeRow
from finance.closed_positions import NEAR, ClosedPosition, explain_difference, match_positions
from finance.contract_trades import Contract, ContractTrade
from finance.trades import OpenedBy
from sql.rows import Db, load_rows


class ExchangePosition(NamedTuple):
    """A closed position by the exchange's account, in what it is settled in; why its figures are others than ours."""

    exchange_id: str
    settle_asset: str
    profit: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal
    difference_reason: str | None  # None: they are alike


def load_position(db: Db, trade: TradeRow) -> ExchangePosition | None:
    """That of a closed trade; None where its exchange says none. Each position is one trade's, the nearest one's."""
    if trade.settle is None or trade.closed_at is None:
        return None
    asked = {
        "account": trade.account_id,
        "symbol": trade.asset,
        "since": trade.closed_at - 2 * NEAR,
        "until": trade.closed_at + 2 * NEAR,
    }
    positions = load_rows(
        db,
        ClosedPosition,
        """
        select wallet, symbol, exchange_id, is_short, opened_at, closed_at, settle, profit, fees, funding, net
        from closed_positions
        where account_id = %(account)s and symbol = %(symbol)s and closed_at between %(since)s and %(until)s
        order by closed_at, exchange_id
        """,
        asked,
    )
    near = _load_near(db, asked) if positions else ()
    found = match_positions(near, positions).get(trade.id)
    if found is None:
        return None
    why = next(explain_difference(one, found) for one in near if one.id == trade.id)
    return ExchangePosition(
        exchange_id=found.exchange_id,
        settle_asset=found.settle,
        profit=found.profit,
        fees=found.fees,
        funding=found.funding,
        net=found.net,
        difference_reason=why or None,
    )


def _load_near(db: Db, asked: dict[str, object]) -> tuple[ContractTrade, ...]:
    """The trades in the same contract that were closed at about that time, in the order in which they were opened."""

    def read(
        *, asset: str, position_side: str, settle: str, side: str, opened_by: str, **columns: Any
    ) -> ContractTrade:
        contract = Contract(symbol=asset, side=position_side, settle=settle)
        facts: dict[str, Any] = {"contract": contract, "is_short": side == "SHORT", "opened_by": OpenedBy(opened_by)}
        return ContractTrade(asset=asset, **facts, **columns)

    return load_rows(
        db,
        read,
        """
        select id, asset, market, position_side, settle, side, opened_by, opened_at, closed_at, fills, fees, funding, settled_gross
        from trades
        where account_id = %(account)s and asset = %(symbol)s and settle is not null
          and closed_at between %(since)s and %(until)s
        order by opened_at, id
        """,
        asked,
    )

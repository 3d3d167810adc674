"""Why some figures of a trade are not known, in the trader's words, by the keys of the JSON."""

from dashboard.history.open_contracts import Contract
from dashboard.history.trade_rows import TradeRow
from finance.contract_trades import explain_profit

HELD = "Coins are held, not leveraged; pnl_percentage is of the greatest value held."
NO_MARGIN = (
    "What was held as margin for it is not known: its orders and the first reading while it was open say no leverage and no "
    "margin, or several."
)
NO_READING = "What was held as margin for it is not known: it was opened and closed between two readings, and its orders say no leverage."
OPEN_MARGIN = "It is open: /api/positions/open has what it makes of its margin now."
NOT_READ = "How far it went is read from the exchange's prices in the hours after it was closed."
NO_KLINES = "The exchange has no prices of its coin of that time, or some of it went in another way than by the trade, as fees of the network."
NO_MARKS = "The exchange has no mark prices of the contract of that time."
LOST = "Part of it left without a record: when, and at which price, is not known."
OF_CONTRACTS_ALONE = "It is of contracts alone."
NO_POSITIONS = "Binance keeps no account of closed positions, only of each profit."
NO_POSITION = "No position that the exchange lists as closed ended with it: it is not read yet, or no longer listed."
BEGUN_BEFORE = "What was there when the history began was bought at a time that is not known."
OPEN_BEFORE = "It was open when the history began, and is followed from its mark of then: how far it had gone before is not known."
ENTRY_BEFORE = "It was there when the history began: what was paid for entering it before is not known."
NO_ORDER_OF_FEE = (
    "The exchange does not say of which order a fee of this trade is, or the fill that it is of is not known."
)
OF_OPENED_ALONE = "It began with fills, whose prices are its entry."
NO_STOP = "No stop that stood at its entry is known; python -m monitor trades note says one."
OF_SEVERAL = "It is of a portfolio, whose accounts may have traded it at several exchanges; account= has those of one."
NO_RISK = "At its stop it would have lost nothing."
UNKNOWN_OF_COINS = {
    "leverage": "Coins are held, not leveraged; what an account owes is in its balances.",
    "margin_mode": "Coins that are held have no margin mode.",
    "stop_loss": "No stop waits for it among the orders that were read.",
    "take_profit": "No order waits to take its profit among those that were read.",
    "liquidation_price": "Coins that are held have no liquidation price of their own.",
    "roe_percentage": "What is held as margin for it is not known.",
}
NO_TRADE = "It is in no trade: its first fills are not known, or still to be read."
OF_OPTIONS = "It is in no trade: orders and executions of options are not read. What they made is part of what positions made beside trades."
OF_COIN_SETTLED = (
    "It is in no trade: Bitget does not document in what it counts sizes of contracts that settle in their own coin. What they made "
    "is part of what positions made beside trades."
)
NOT_SAID = "Neither the exchange's reading of positions nor the order that opened it says it."
UNKNOWN_OF_CONTRACTS = {
    "leverage": NOT_SAID,
    "opened_at": NO_TRADE,
    "margin_mode": NOT_SAID,
    "fees_paid": NO_TRADE,
    "funding": NO_TRADE,
    "unrealized_pnl_percentage": "The value of the contract is not known.",
    "stop_loss": "No stop waits for it among the orders that were read.",
    "take_profit": "No order waits to take its profit among those that were read.",
    "liquidation_price": "The exchange's reading of positions says none.",
    "roe_percentage": "What was held as margin for it is not known.",
}


ENDED_BY_FEE = "What was left of it went as a fee."
NOT_FOUND = "The last reading found none of this coin."
NO_PRICE = "The last reading has no price for it."
NO_COST = "Its cost is not known of an hour without a net asset value, nor of an account's first."
STILL_OPEN = "It is open."

NO_METHOD = "Its moves and the fees in its coin are not all that it is made of, so it is known by average cost alone."
NO_METHOD_OF_CONTRACTS = (
    "The entry of a position in a contract is an average: it has no lots that could go in another order."
)
AS_ALL = "It is shown by average cost, as all else is."


def explain_exchange(trade: TradeRow) -> str | None:
    """Why the exchange's own profit of a trade in a contract is another one; None where it is the same."""
    if not trade.difference:
        return None
    return explain_profit(trade.difference, fills=trade.fills, exited=trade.exited, unknown=trade.transferred_units)


def explain_no_position(trade: TradeRow) -> str:
    """Why no closed position of the exchange's account stands beside a trade."""
    if not trade.settle:
        return OF_CONTRACTS_ALONE
    if not trade.closed_at:
        return STILL_OPEN
    return NO_POSITIONS if trade.exchange == "binance" else NO_POSITION


def explain_unknown(trade: TradeRow) -> dict[str, str]:
    """Why what a trade could have shown is not known."""
    path = _explain_path(trade)
    return {
        "roi_percentage": _explain_margin(trade),
        "max_drawdown": path,
        "mae": path,
        "mfe": path,
        "r_multiple": NO_STOP if trade.stop is None else NO_RISK,
    }


def _explain_margin(trade: TradeRow) -> str:
    if not trade.settle:
        return HELD
    if not trade.closed_at:
        return OPEN_MARGIN
    return NO_MARGIN if trade.margin_read else NO_READING


def explain_terms(trade: TradeRow) -> dict[str, str]:
    """Why leverage or margin mode of a trade in a contract is not known."""
    is_between = trade.closed_at and not trade.margin_read
    said = "It was opened and closed between two readings, and its orders do not say it." if is_between else NOT_SAID
    return {"leverage": said, "margin_mode": said}


def _explain_path(trade: TradeRow) -> str:
    if trade.is_begun:
        return OPEN_BEFORE if trade.settle else BEGUN_BEFORE
    if not trade.grid:
        return NOT_READ
    if trade.settle and trade.transferred_units:
        return LOST
    return NO_MARKS if trade.settle else NO_KLINES


def explain_no_trade(found: Contract) -> str:
    """Why an open position in a contract is in no trade, where it is in none."""
    if found.wallet == "options":
        return OF_OPTIONS
    is_coin_settled = found.exchange == "bitget" and found.margin_asset not in ("USDT", "USDC")
    return OF_COIN_SETTLED if is_coin_settled else NO_TRADE

"""Why some figures of a trade are not known, in the trader's words, by the keys of the JSON."""

NO_ORDERS = "Orders of contracts are not read."
NO_MARGIN = "What was held as margin for it is not known; pnl_percentage is of the greatest value held."
NOT_READ = "How far it went is read from the exchange's prices in the hours after it was closed."
NO_KLINES = "The exchange has no prices of its coin of that time."
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
UNKNOWN_OF_CONTRACTS = {
    "leverage": "The reading of positions does not say it.",
    "opened_at": "Trades in contracts are in python -m monitor trades list; the reading of positions does not say it.",
    "margin_mode": "The reading of positions does not say it.",
    "fees_paid": "What was paid for all contracts is in /api/fees, of each trade in python -m monitor trades list.",
    "funding": "What was paid for all contracts is in /api/fees, of each trade in python -m monitor trades list.",
    "unrealized_pnl_percentage": "The value of the contract is not known.",
    "stop_loss": NO_ORDERS,
    "take_profit": NO_ORDERS,
    "liquidation_price": "The reading of positions does not say it.",
    "roe_percentage": "What is held as margin for it is not known.",
}


ENDED_BY_FEE = "What was left of it went as a fee."
NOT_FOUND = "The last reading found none of this coin."
NO_PRICE = "The last reading has no price for it."
NO_COST = "Its cost is not known of an hour without a net asset value, nor of an account's first."
STILL_OPEN = "It is open."


def explain_unknown(grid: str | None, *, has_stop: bool) -> dict[str, str]:
    """Why what a trade could have shown is not known: `grid` of the prices that were read of its time."""
    path = NO_KLINES if grid else NOT_READ
    return {
        "roi_percentage": NO_MARGIN,
        "max_drawdown": path,
        "mae": path,
        "mfe": path,
        "r_multiple": NO_RISK if has_stop else NO_STOP,
    }

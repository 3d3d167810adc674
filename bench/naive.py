"""`python -m bench.naive URL KEY SECRET ASSET...`: what one would write first with ccxt, as a yardstick.

Markets are loaded, one price is asked for each asset, and a year of every history that the monitor follows is read in
the windows that the exchange allows: every hour, one call after the other. Without ccxt's own rate limiter, with which it would take many minutes.
"""

import asyncio
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import ccxt.async_support

DAY = 86_400_000
WINDOW = 89 * DAY
# ccxt's name of a history, the longest window in days, and its other parameters
HISTORIES: tuple[tuple[str, int, dict[str, object]], ...] = (
    ("sapi_get_fiat_orders", 29, {"transactionType": 0}),
    ("sapi_get_fiat_orders", 29, {"transactionType": 1}),
    ("sapi_get_fiat_payments", 29, {"transactionType": 0}),
    ("sapi_get_fiat_payments", 29, {"transactionType": 1}),
    ("sapi_get_c2c_ordermatch_listuserorderhistory", 29, {"tradeType": "BUY"}),
    ("sapi_get_c2c_ordermatch_listuserorderhistory", 29, {"tradeType": "SELL"}),
    ("sapi_get_pay_transactions", 89, {}),
    ("sapi_get_simple_earn_flexible_history_rewardsrecord", 29, {"type": "ALL"}),
    ("sapi_get_simple_earn_locked_history_rewardsrecord", 29, {}),
    ("sapi_get_asset_assetdividend", 179, {}),
    ("sapi_get_rebate_taxquery", 29, {}),
    ("sapi_get_margin_interesthistory", 29, {}),
)


async def main(base_url: str, key: str, secret: str, assets: list[str]) -> None:
    """Read an account once."""
    exchange = ccxt.async_support.binance(
        {
            "apiKey": key,
            "secret": secret,
            "enableRateLimit": False,
            "options": {"fetchMarkets": {"types": ["spot"]}},
        }
    )
    addresses = exchange.urls["api"]
    exchange.urls["api"] = {name: base_url + urlsplit(address).path for name, address in addresses.items()}
    try:
        await exchange.load_markets()
        await exchange.fetch_balance()
        for symbol in (f"{asset}/USDT" for asset in assets):
            if symbol in exchange.markets:
                await exchange.fetch_ticker(symbol)
        now = exchange.milliseconds()
        for start in range(now - 365 * DAY, now, WINDOW):
            window = {"startTime": start, "endTime": min(start + WINDOW, now)}
            await exchange.fetch_deposits(params=window)
            await exchange.fetch_withdrawals(params=window)
        for name, days, parameters in HISTORIES:
            for start in range(now - 365 * DAY, now, days * DAY):
                window = {"startTime": start, "beginTime": start, "endTime": min(start + days * DAY, now)}
                with suppress(ccxt.BadRequest):  # the exchange keeps some of them for less than a year
                    await getattr(exchange, name)(window | parameters)
    finally:
        await exchange.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))

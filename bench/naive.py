"""`python -m bench.naive URL KEY SECRET ASSET...`: what one would write first with ccxt, as a yardstick.

Markets are loaded, one price is asked for each asset, and a year of deposits and withdrawals is read in 90-day windows:
every hour, one call after the other, with ccxt's own rate limiter.
"""

import asyncio
import sys
from urllib.parse import urlsplit

import ccxt.async_support

DAY = 86_400_000
WINDOW = 89 * DAY


async def main(base_url: str, key: str, secret: str, assets: list[str]) -> None:
    """Read an account once."""
    exchange = ccxt.async_support.binance(
        {"apiKey": key, "secret": secret, "options": {"fetchMarkets": {"types": ["spot"]}}}
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
    finally:
        await exchange.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))

"""A simple trading bot, with ccxt as it is: `python deploy/bot.py ADDRESS FILE`, with its key and secret in the file.

Once a minute it looks whether an order waits. If none does, it buys some BTC, unless it holds any, and protects it: a profit is
taken 0.3 % above, a loss is stopped 0.3 % below, whichever comes first (OCO). It is an example of a client, not of a strategy.
"""

import json
import sys
import time
from decimal import Decimal
from pathlib import Path

import ccxt

PAIR, SPENT, LEAST, DISTANCE = "BTC/USDT", Decimal(1_000), Decimal(20), Decimal("0.003")
SECONDS = 60


def connect(address: str, file: Path) -> ccxt.binance:
    """The exchange, as any client of Binance has it: only its addresses are others."""
    key = json.loads(file.read_text(encoding="ascii"))
    exchange = ccxt.binance({"apiKey": key["key"], "secret": key["secret"], "enableRateLimit": True})
    for name, url in exchange.urls["api"].items():
        exchange.urls["api"][name] = url.replace("https://api.binance.com", address)
    exchange.options["fetchCurrencies"], exchange.options["fetchMarkets"] = False, ["spot"]
    return exchange


def look(exchange: ccxt.binance) -> None:
    """Buy and protect, unless an order waits already."""
    if exchange.fetch_open_orders(PAIR):
        return
    price = Decimal(str(exchange.fetch_ticker(PAIR)["last"]))
    if read_free(exchange) * price < LEAST:
        exchange.create_order(PAIR, "market", "buy", float(round(SPENT / price, 5)))
    held = read_free(exchange)
    above, below = price * (1 + DISTANCE), price * (1 - DISTANCE)
    exchange.private_post_orderlist_oco(
        {
            "symbol": exchange.market(PAIR)["id"],
            "side": "SELL",
            "quantity": exchange.amount_to_precision(PAIR, held),
            "aboveType": "LIMIT_MAKER",
            "abovePrice": f"{above:.2f}",
            "belowType": "STOP_LOSS",
            "belowStopPrice": f"{below:.2f}",
        }
    )
    print(f"holds {held} BTC at {price}; sells at {above:.2f}, or at the market from {below:.2f}")


def read_free(exchange: ccxt.binance) -> Decimal:
    """The BTC that is free."""
    return Decimal(str(exchange.fetch_balance()["free"].get("BTC", 0)))


def main() -> int:
    """Trade until it is ended."""
    exchange = connect(sys.argv[1], Path(sys.argv[2]))
    while True:
        try:
            look(exchange)
        except ccxt.BaseError as fault:
            print(f"not now: {fault}")
        sys.stdout.flush()
        time.sleep(SECONDS)


if __name__ == "__main__":
    sys.exit(main())

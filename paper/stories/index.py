"""Index prices of what can be margin for USD-M futures, in USD: pairs have one as well as what is traded nowhere."""

from datetime import datetime, timedelta
from decimal import Decimal

from paper.engine.venue import Venue
from paper.market.klines import EPOCH, MINUTE

USDT = Decimal("0.99967")
TRADED = ("BTC", "ETH", "BNB", "USDC")
YEARLY = Decimal("0.02")  # what a token that bears interest gains
YEAR = timedelta(days=365)
FIRST = EPOCH + timedelta(days=365 * 51)
STEP = Decimal("1e-8")


def index_prices(venue: Venue, at: datetime) -> dict[str, Decimal]:
    """By asset, of all that have one at `at`."""
    age = Decimal((at - FIRST) // MINUTE) / Decimal(YEAR // MINUTE)
    prices = {"USDT": USDT, "LDUSDT": USDT * (1 + YEARLY * age), "BFUSD": Decimal("0.9989"), "BNFCR": Decimal(1)}
    for asset in TRADED:
        symbol = f"{asset}USDT"
        if symbol in venue.market.symbols:
            prices[asset] = venue.price(symbol, at) * USDT
    return {asset: price.quantize(STEP) for asset, price in prices.items()}

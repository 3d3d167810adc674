"""What assets are worth in USDT by the venue's market."""

from datetime import datetime
from decimal import Decimal

from paper.engine.venue import Venue
from paper.stories.index import index_prices

ZERO = Decimal(0)


def usdt_price(venue: Venue, asset: str, at: datetime) -> Decimal:
    """What it last traded at, or its index price; nothing for a coin that has neither."""
    try:
        return Decimal(1) if asset == "USDT" else _last_price(venue, asset, at)
    except KeyError:
        return ZERO


def _last_price(venue: Venue, asset: str, at: datetime) -> Decimal:
    symbols = venue.market.symbols
    if f"{asset}USDT" in symbols:
        return venue.price(f"{asset}USDT", at)
    if f"USDT{asset}" in symbols:
        return 1 / venue.price(f"USDT{asset}", at)
    if f"{asset}BTC" in symbols:
        return venue.price(f"{asset}BTC", at) * venue.price("BTCUSDT", at)
    index = index_prices(venue, at)
    return index[asset] / index["USDT"]

"""Prices: every trading symbol in one call, and the last price known at a past minute."""

from datetime import datetime, timedelta
from decimal import Decimal

from monitor.exchanges.connection import Connection, Endpoint, UnknownSymbol
from monitor.exchanges.contract import MinutePrice
from monitor.exchanges.gate import IllShaped, a_list, amount, moment, text, without_twins

TICKER = Endpoint(family="public", path="ticker/price", weight=4, bucket="api", signed=False)
KLINES = Endpoint(family="public", path="klines", weight=2, bucket="api", signed=False)
STALE_AFTER = timedelta(minutes=5)


async def fetch_prices(connection: Connection) -> dict[str, Decimal]:
    """Last price of every symbol that trades; halted pairs, whose price is frozen, are left out by the exchange."""
    return await connection.call(TICKER, "Reading all prices", _read_prices, symbolStatus="TRADING")


def _read_prices(answer: object) -> dict[str, Decimal]:
    rows = a_list(answer)
    if not rows:
        raise IllShaped("no prices at all")
    without_twins((text(row, "symbol") for row in rows), "symbol")
    prices = {text(row, "symbol"): amount(row, "price") for row in rows}
    return {symbol: price for symbol, price in prices.items() if price > 0}


async def fetch_minute(connection: Connection, symbol: str, at: datetime) -> MinutePrice | None:
    """The last kline that opened at or before `at`, in one call; None when there is no such symbol or kline."""
    minute = at.replace(second=0, microsecond=0)
    try:
        return await connection.call(
            KLINES,
            f"Reading the price of {symbol} at {minute:%Y-%m-%d %H:%M} UTC",
            lambda answer: _read_kline(answer, symbol, minute),
            symbol=symbol,
            interval="1m",
            endTime=int(minute.timestamp()) * 1000,
            limit=1,
        )
    except UnknownSymbol:
        return None


def _read_kline(answer: object, symbol: str, minute: datetime) -> MinutePrice | None:
    if not isinstance(answer, list):
        raise IllShaped("klines are not a list")
    if not answer:
        return None
    kline = answer[-1]
    if not isinstance(kline, list) or len(kline) < 6:
        raise IllShaped("a kline is not a list of figures")
    row = {"opened": kline[0], "open": kline[1], "close": kline[4]}
    opened = moment(row, "opened")
    if opened is None or opened > minute:
        raise IllShaped("a kline of another time")
    value = amount(row, "open") if opened == minute else amount(row, "close")
    if value <= 0:
        raise IllShaped("a price of zero")
    return MinutePrice(symbol=symbol, value=value, at=minute, known_at=opened, stale=minute - opened > STALE_AFTER)

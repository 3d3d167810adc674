"""MEXC's names of contracts, and ours.

BTC_USDT   a linear contract, named so here as well; its quantities are units of the coin
BTC_USD    an inverse one, settled in BTC; ours is BTCUSD_PERP, by which everybody knows it as inverse
"""

from decimal import Decimal

from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.gate import Malformed, amount, an_object, text
from monitor.exchanges.mexc.dialect import DETAIL, contract_public

JOINED, INVERSE_QUOTE, INVERSE = "_", "USD", "_PERP"
CONTRACT = contract_public("detail", DETAIL)


def name_contract(symbol: str) -> str:
    """Our name of a contract."""
    base, _, quote = symbol.partition(JOINED)
    return f"{base}{INVERSE_QUOTE}{INVERSE}" if quote == INVERSE_QUOTE else symbol


def exchange_contract(symbol: str) -> str:
    """The exchange's name of a contract."""
    if not symbol.endswith(INVERSE):
        return symbol
    return symbol.removesuffix(INVERSE).removesuffix(INVERSE_QUOTE) + JOINED + INVERSE_QUOTE


def is_inverse(symbol: str) -> bool:
    """Whether one of the exchange's contracts is settled in its own coin."""
    return symbol.partition(JOINED)[2] == INVERSE_QUOTE


def settled_in(symbol: str) -> str:
    """What one of the exchange's contracts is settled in."""
    base, _, quote = symbol.partition(JOINED)
    return base if quote == INVERSE_QUOTE else quote


async def fetch_size(connection: Connection, symbol: str) -> Decimal:
    """How many units of the coin one linear contract is, or how many USD an inverse one."""
    doing = f"Reading the size of {symbol}"
    return await connection.call(CONTRACT, doing, lambda answer: read_size(answer, symbol), symbol=symbol)


def read_size(answer: object, symbol: str) -> Decimal:
    """The size in the details of a contract."""
    row = an_object(answer, "symbol", "contractSize")
    size = amount(row, "contractSize")
    if text(row, "symbol") != symbol or not size:
        raise Malformed("the details of another contract, or without a size")
    return size

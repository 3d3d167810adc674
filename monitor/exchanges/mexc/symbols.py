"""MEXC's names of contracts, and ours.

BTC_USDT   a linear contract, named so here as well; its quantities are units of the coin
BTC_USD    an inverse one, settled in BTC; ours is BTCUSD_PERP, by which everybody knows it as inverse
"""

from asyncio import Lock
from decimal import Decimal

from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, text
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


class ContractSizes:
    """How many units of the coin one linear contract is, or how many USD an inverse one: all are asked for at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sizes: dict[str, Row] = {}
        self._asking = Lock()

    async def fetch(self, symbol: str) -> Decimal:
        """The size of one contract. The exchange is asked again only for one that it had not listed before."""
        async with self._asking:
            if symbol not in self._sizes:
                doing = "Reading the sizes of contracts"
                self._sizes = await self._connection.call(CONTRACT, doing, lambda answer: read_sizes(answer, symbol))
            return amount(self._sizes[symbol], "contractSize")


def read_sizes(answer: object, symbol: str) -> dict[str, Row]:
    """The details of every contract by its name; those of `symbol` are looked at, and no other can spoil them."""
    found = {text(row, "symbol"): row for row in a_list(answer, "data")}
    if symbol not in found or not amount(found[symbol], "contractSize"):
        raise Malformed(f"no details of {symbol}, or without a size")
    return found

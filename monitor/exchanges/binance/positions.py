"""Open derivative positions; asked for only where an account has some."""

from collections.abc import Collection, Iterable
from functools import partial

from finance.observed import Position
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, Row, a_list, amount, asset, text, without_twins

SIDES = {"BOTH": "both", "LONG": "long", "SHORT": "short"}
INVERSE_QUOTE = "USD"  # BTCUSD_PERP, settled in BTC


def is_inverse(symbol: str) -> bool:
    """Whether a contract is settled in its own coin: a COIN-M one."""
    pair, _, _ = symbol.partition("_")
    return "_" in symbol and pair.endswith(INVERSE_QUOTE)


async def fetch_positions(
    connection: Connection, endpoint: Endpoint, doing: str, coins: Collection[str] = ()
) -> tuple[Position, ...]:
    """The positions that are open; `coins` are what one may be settled in, where the rows don't say it."""
    return await connection.call(endpoint, f"{doing}, positions", partial(_read_positions, coins=coins))


def has_open(rows: Iterable[Row]) -> bool:
    """Whether one of an account's position rows is open."""
    return any(amount(row, "positionAmt", signed=True) for row in rows)


def _read_positions(answer: object, coins: Collection[str]) -> tuple[Position, ...]:
    positions = tuple(_read_position(row, coins) for row in a_list(answer) if amount(row, "positionAmt", signed=True))
    without_twins((f"{p.symbol} {p.side}" for p in positions), "position")
    return positions


def _read_position(row: Row, coins: Collection[str]) -> Position:
    side = text(row, "positionSide")
    if side not in SIDES:
        raise Malformed("positionSide is neither BOTH, LONG nor SHORT")
    return Position(
        symbol=text(row, "symbol"),
        side=SIDES[side],
        quantity=amount(row, "positionAmt", signed=True),
        entry_price=amount(row, "entryPrice"),
        mark_price=amount(row, "markPrice"),
        margin_asset=_margin_asset(row, coins),
        unrealised=amount(row, "unRealizedProfit", signed=True),
    )


def _margin_asset(row: Row, coins: Collection[str]) -> str:
    """USD-M says it, but not in portfolio margin: it is what the contract's name ends with, of the `coins` held there.

    A COIN-M contract is settled in the coin that its name begins with.
    """
    if row.get("marginAsset"):
        return asset(row, "marginAsset")
    pair, _, _ = text(row, "symbol").partition("_")
    if pair.endswith(INVERSE_QUOTE):
        return pair.removesuffix(INVERSE_QUOTE)
    quote = max((coin for coin in coins if pair.endswith(coin)), key=len, default="")
    if not quote:
        raise Malformed(f"nothing says what {pair} is settled in")
    return quote

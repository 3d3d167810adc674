"""Cross and isolated margin of the classic system: what is owned, and what is owed of it with its interest."""

from collections.abc import Iterable

from finance.decimals import exact
from finance.observed import Balance, add_up
from monitor.exchanges.bitget.answers import coin, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Row, amount, refuse_duplicates, text

CROSS, ISOLATED = "cross_margin", "isolated_margin"
CROSS_ASSETS = private("v2/margin/crossed/account/assets")
ISOLATED_ASSETS = private("v2/margin/isolated/account/assets")


async def fetch_cross(connection: Connection) -> tuple[Balance, ...]:
    """Balances of cross margin."""
    return await connection.call(CROSS_ASSETS, "Reading cross margin", read_cross)


async def fetch_isolated(connection: Connection) -> tuple[Balance, ...]:
    """Balances of isolated margin, added up over the pairs."""
    return await connection.call(ISOLATED_ASSETS, "Reading isolated margin", read_isolated)


async def fetch_isolated_pairs(connection: Connection) -> tuple[str, ...]:
    """The isolated pairs that hold or owe something."""
    return await connection.call(ISOLATED_ASSETS, "Reading the pairs of isolated margin", read_pairs)


def read_cross(answer: object) -> tuple[Balance, ...]:
    """One balance a coin."""
    rows = read_rows(answer)
    refuse_duplicates((coin(row) for row in rows), "coin")
    return _read_sides(rows)


def read_isolated(answer: object) -> tuple[Balance, ...]:
    """One balance a coin, over all its pairs."""
    return add_up(_read_sides(_read_pair_sides(answer)))


def read_pairs(answer: object) -> tuple[str, ...]:
    """The pairs of which a side holds or owes something, each once."""
    rows = _read_pair_sides(answer)
    return tuple(dict.fromkeys(text(row, "symbol") for row in rows if _read_sides([row])))


def _read_pair_sides(answer: object) -> list[Row]:
    rows = read_rows(answer)
    refuse_duplicates((f"{text(row, 'symbol')} {coin(row)}" for row in rows), "side of a pair")
    return rows


@exact
def _read_sides(rows: Iterable[Row]) -> tuple[Balance, ...]:
    """Balances without the many that hold nothing. `net` is available + frozen - borrow - interest."""
    found = (
        Balance(
            asset=coin(row),
            free=amount(row, "available"),
            locked=amount(row, "frozen"),
            owed=amount(row, "borrow") + amount(row, "interest"),
        )
        for row in rows
    )
    return tuple(balance for balance in found if balance.free or balance.locked or balance.owed)

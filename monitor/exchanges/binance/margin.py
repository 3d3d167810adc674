"""Cross and isolated margin, and flexible loans: what is owned, and what is owed of it with its interest."""

from collections.abc import Iterable

from finance.decimals import ZERO, exact
from finance.observed import Balance, add_up
from monitor.exchanges.binance.dialect import read_counted
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, an_object, asset, refuse_duplicates, text
from monitor.exchanges.windows import Page, call_pages

CROSS = "cross_margin"
ISOLATED = "isolated_margin"
CROSS_ACCOUNT = Endpoint(family="sapi", path="margin/account", weight=10, bucket="sapi margin")
ISOLATED_ACCOUNT = Endpoint(family="sapi", path="margin/isolated/account", weight=10, bucket="sapi isolated margin")
LOANS = "loans"
LOAN_ORDERS = Endpoint(family="sapiV2", path="loan/flexible/ongoing/orders", weight=300, bucket="sapi loans")
READING_LOANS = "Reading flexible loans"
LOANS_PAGE_SIZE = 100


async def fetch_cross(connection: Connection) -> tuple[Balance, ...]:
    """Balances of cross margin. Raises WalletNotOpened where the account has none."""
    return await connection.call(CROSS_ACCOUNT, "Reading cross margin", _read_cross)


async def fetch_isolated(connection: Connection) -> tuple[Balance, ...]:
    """Balances of isolated margin, added up over the pairs. Raises WalletNotOpened where the account has none."""
    return await connection.call(ISOLATED_ACCOUNT, "Reading isolated margin", _read_isolated)


async def fetch_isolated_pairs(connection: Connection) -> tuple[str, ...]:
    """The isolated pairs that are open, or hold or owe something. Raises WalletNotOpened where the account has none."""
    return await connection.call(ISOLATED_ACCOUNT, "Reading the pairs of isolated margin", _read_open_pairs)


def _read_cross(answer: object) -> tuple[Balance, ...]:
    rows = a_list(an_object(answer, "userAssets")["userAssets"], "userAssets")
    refuse_duplicates((asset(row) for row in rows), "asset")
    return read_sides(rows)


def _read_isolated(answer: object) -> tuple[Balance, ...]:
    return add_up(balance for pair in _read_pairs(answer) for balance in _read_pair(pair))


def _read_open_pairs(answer: object) -> tuple[str, ...]:
    return tuple(
        text(pair, "symbol") for pair in _read_pairs(answer) if pair.get("enabled") is not False or _read_pair(pair)
    )


def _read_pairs(answer: object) -> list[Row]:
    pairs = a_list(an_object(answer, "assets")["assets"], "assets")
    refuse_duplicates((text(pair, "symbol") for pair in pairs), "pair")
    return pairs


def _read_pair(pair: Row) -> tuple[Balance, ...]:
    return read_sides(_side(pair, name) for name in ("baseAsset", "quoteAsset"))


def _side(pair: Row, name: str) -> Row:
    side = pair.get(name)
    if not isinstance(side, dict):
        raise Malformed(f"{name} is missing")
    return side


@exact
def read_sides(rows: Iterable[Row]) -> tuple[Balance, ...]:
    """Balances from rows with free, locked, borrowed and interest, without the hundreds that hold nothing."""
    found = (
        Balance(
            asset=asset(row),
            free=amount(row, "free"),
            locked=amount(row, "locked"),
            owed=amount(row, "borrowed") + amount(row, "interest"),
        )
        for row in rows
    )
    return tuple(balance for balance in found if balance.free or balance.locked or balance.owed)


async def fetch_loans(connection: Connection) -> tuple[Balance, ...]:
    """Debts by coin, interest included."""
    size = LOANS_PAGE_SIZE
    return add_up(
        await call_pages(connection, LOAN_ORDERS, READING_LOANS, _read_loans, size, number="current", limit=size)
    )


def _read_loans(answer: object) -> Page[Balance]:
    rows, total = read_counted(answer)
    return [Balance(asset=asset(row, "loanCoin"), free=ZERO, owed=amount(row, "totalDebt")) for row in rows], total

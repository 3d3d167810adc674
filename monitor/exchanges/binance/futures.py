"""Futures: USD-M, COIN-M, and portfolio margin, which stands for both and cross margin where an account has it.

Per margin asset the wallet balance plus unrealised profit, and the open positions, asked for only where an account has
some. Never `availableBalance` (in multi-asset mode a figure of the whole pool) and never `totalWalletBalance` (valued by
the exchange; in portfolio margin it lacks debt and interest). Names like LDUSDT are real margin assets here.

Portfolio margin is net of debt by the parts: `crossMarginAsset` is net in the documentation and gross in recordings. A
part that an account never used may come as an empty text.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import partial

from finance.contracts import InverseSizes
from finance.decimals import ZERO, exact
from finance.observed import Balance, Position
from monitor.exchanges.binance.margin import CROSS
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, an_object, asset, refuse_duplicates, text
from monitor.exchanges.position_terms import TermFields, read_terms

SIDES = {"BOTH": "both", "LONG": "long", "SHORT": "short"}
INVERSE_QUOTE = "USD"  # BTCUSD_PERP, settled in BTC
INVERSE_SIZES = InverseSizes(usual=Decimal(10), by_coin={"BTC": Decimal(100)})
TERMS = TermFields(
    leverage="leverage",
    margin_mode="marginType",
    liquidation_price="liquidationPrice",
    margin="positionInitialMargin",
    modes={"cross": "cross", "isolated": "isolated"},
)
USD_M = "usd_m_futures"
COIN_M = "coin_m_futures"
USD_M_ACCOUNT = Endpoint(family="fapiPrivateV3", path="account", weight=5, bucket="fapi")
COIN_M_ACCOUNT = Endpoint(family="dapiPrivate", path="account", weight=5, bucket="dapi")
USD_M_POSITIONS = Endpoint(family="fapiPrivateV3", path="positionRisk", weight=5, bucket="fapi")
COIN_M_POSITIONS = Endpoint(family="dapiPrivate", path="positionRisk", weight=1, bucket="dapi")
PORTFOLIO = "portfolio_margin"
REPLACED = (CROSS, USD_M, COIN_M)
READING_PORTFOLIO = "Reading portfolio margin"
PORTFOLIO_BALANCE = Endpoint(family="papi", path="balance", weight=20, bucket="papi")
PORTFOLIO_USD_M_POSITIONS = Endpoint(family="papi", path="um/positionRisk", weight=5, bucket="papi")
PORTFOLIO_COIN_M_POSITIONS = Endpoint(family="papi", path="cm/positionRisk", weight=1, bucket="papi")
PROFITS = (("umUnrealizedPNL", PORTFOLIO_USD_M_POSITIONS), ("cmUnrealizedPNL", PORTFOLIO_COIN_M_POSITIONS))


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
    refuse_duplicates((f"{p.symbol} {p.side}" for p in positions), "position")
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
        terms=read_terms(row, TERMS),
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


async def fetch_usd_m(connection: Connection) -> tuple[Balance | Position, ...]:
    """Margin balances, of which a negative one is owed, and open positions."""
    return await _fetch(connection, USD_M_ACCOUNT, USD_M_POSITIONS, "Reading USD-M futures")


async def fetch_coin_m(connection: Connection) -> tuple[Balance | Position, ...]:
    """Margin balances, of which a negative one is owed, and open positions."""
    return await _fetch(connection, COIN_M_ACCOUNT, COIN_M_POSITIONS, "Reading COIN-M futures")


async def _fetch(
    connection: Connection, account: Endpoint, positions: Endpoint, doing: str
) -> tuple[Balance | Position, ...]:
    balances, is_exposed = await connection.call(account, doing, _read_account)
    return (*balances, *(await fetch_positions(connection, positions, doing) if is_exposed else ()))


def _read_account(answer: object) -> tuple[tuple[Balance, ...], bool]:
    account = an_object(answer, "assets", "positions")
    return read_assets(a_list(account["assets"], "assets")), has_open(a_list(account["positions"], "positions"))


def read_assets(rows: list[Row]) -> tuple[Balance, ...]:
    """Balances from rows with walletBalance and unrealizedProfit."""
    refuse_duplicates((asset(row) for row in rows), "asset")
    return tuple(_read_asset(row) for row in rows)


@exact
def _read_asset(row: Row) -> Balance:
    unrealised = amount(row, "unrealizedProfit", signed=True)
    margin = amount(row, "walletBalance", signed=True) + unrealised
    return Balance(asset=asset(row), free=max(margin, ZERO), owed=max(-margin, ZERO), unrealised=unrealised)


async def fetch_portfolio(connection: Connection) -> tuple[Balance | Position, ...]:
    """Balances over all its parts, and open positions. An account without portfolio margin is refused."""
    rows = await connection.call(PORTFOLIO_BALANCE, READING_PORTFOLIO, _read_rows)
    coins = [asset(row) for row in rows]
    exposed = [endpoint for name, endpoint in PROFITS if any(_part(row, name) for row in rows)]
    positions = [await fetch_positions(connection, endpoint, READING_PORTFOLIO, coins) for endpoint in exposed]
    return (*_read_balances(rows), *(position for found in positions for position in found))


def _read_rows(answer: object) -> list[Row]:
    rows = a_list(answer)
    refuse_duplicates((asset(row) for row in rows), "asset")
    _read_balances(rows)  # malformed numbers are found here, where they are asked for again
    return rows


def _read_balances(rows: Iterable[Row]) -> tuple[Balance, ...]:
    return tuple(_read_balance(row) for row in rows)


@exact
def _read_balance(row: Row) -> Balance:
    unrealised = _part(row, "umUnrealizedPNL") + _part(row, "cmUnrealizedPNL")
    futures = _part(row, "umWalletBalance") + _part(row, "cmWalletBalance") + unrealised
    return Balance(
        asset=asset(row),
        free=_part(row, "crossMarginFree") + max(futures, ZERO),
        locked=_part(row, "crossMarginLocked"),
        owed=_part(row, "crossMarginBorrowed") + _part(row, "crossMarginInterest") + max(-futures, ZERO),
        unrealised=unrealised,
    )


def _part(row: Row, name: str) -> Decimal:
    return ZERO if row.get(name) == "" else amount(row, name, signed=True)

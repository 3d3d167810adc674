"""Futures: one wallet with a balance for each coin that contracts settle in, and the positions that are open.

Equity has the profit of open positions in it. A position says neither its mark price nor its profit: both follow from the
contract's fair price, its size and its average price.
"""

from asyncio import gather
from decimal import Decimal

from finance.contracts import InverseSizes, OpenContract
from finance.decimals import ONE, ZERO, exact
from finance.observed import Balance, Position
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, an_object, asset, refuse_duplicates, text
from monitor.exchanges.mexc.dialect import contract, contract_public
from monitor.exchanges.mexc.symbols import ContractSizes, is_inverse, name_contract, settled_in
from monitor.exchanges.position_terms import TermFields, read_terms

FUTURES = "futures"
INVERSE_SIZES = InverseSizes(usual=Decimal(10), by_coin={"BTC": Decimal(100)})
ASSETS = contract("account/assets")
POSITIONS = contract("position/open_positions")
LONG, SHORT = "1", "2"
SIGNS = {LONG: 1, SHORT: -1}
SIDES = {LONG: "long", SHORT: "short"}
TERMS = TermFields(
    leverage="leverage",
    margin_mode="openType",
    liquidation_price="liquidatePrice",
    margin="im",
    modes={"1": "isolated", "2": "cross"},
)


async def fetch_futures(connection: Connection, sizes: ContractSizes) -> tuple[Balance | Position, ...]:
    """Margin balances, of which a negative one is owed, and open positions."""
    balances = await connection.call(ASSETS, "Reading futures", read_assets)
    if not any(one.free or one.owed for one in balances):
        return balances
    return (*balances, *await fetch_positions(connection, sizes))


@exact
def read_assets(answer: object) -> tuple[Balance, ...]:
    """The equity of every coin: `bonus` is no money of the account's, and the exchange does not count it in."""
    rows = a_list(answer, "data")
    refuse_duplicates((asset(row, "currency") for row in rows), "currency")
    return tuple(_read_asset(row) for row in rows)


def _read_asset(row: Row) -> Balance:
    equity = amount(row, "equity", signed=True)
    return Balance(
        asset=asset(row, "currency"),
        free=max(equity, ZERO),
        owed=max(-equity, ZERO),
        unrealised=amount(row, "unrealized", signed=True),
    )


async def fetch_positions(connection: Connection, sizes: ContractSizes) -> tuple[Position, ...]:
    """Every open position, with the contract's fair price of now."""
    rows = await connection.call(POSITIONS, "Reading positions of futures", read_positions)
    return tuple(await gather(*(_complete(connection, sizes, row) for row in rows)))


def read_positions(answer: object) -> list[Row]:
    """The rows of open positions, each checked."""
    rows = [row for row in a_list(answer, "data") if amount(row, "holdVol")]
    for row in rows:
        if text(row, "positionType") not in SIGNS:
            raise Malformed("positionType is neither long nor short")
        amount(row, "holdAvgPrice")
    refuse_duplicates((f"{text(row, 'symbol')} {text(row, 'positionType')}" for row in rows), "position")
    return rows


async def _complete(connection: Connection, sizes: ContractSizes, row: Row) -> Position:
    symbol = text(row, "symbol")
    fair = contract_public(f"fair_price/{symbol}")
    doing = f"Reading the fair price of {symbol}"
    size, price = await gather(sizes.fetch(symbol), connection.call(fair, doing, read_fair_price))
    return make_position(row, size, price)


def read_fair_price(answer: object) -> Decimal:
    """What open positions of a contract are valued with."""
    price = amount(an_object(answer, "fairPrice"), "fairPrice")
    if not price:
        raise Malformed("a fair price of zero")
    return price


@exact
def make_position(row: Row, size: Decimal, fair: Decimal) -> Position:
    """A position of contracts of `size`, valued at the `fair` price; of an inverse one the profit is in the coin."""
    symbol, kind = text(row, "symbol"), text(row, "positionType")
    units = ONE if is_inverse(symbol) else size
    held = OpenContract(
        wallet=FUTURES,
        symbol=name_contract(symbol),
        side=SIDES[kind],
        quantity=SIGNS[kind] * amount(row, "holdVol") * units,
        entry_price=amount(row, "holdAvgPrice"),
        margin_asset=settled_in(symbol),
    )
    return Position(
        symbol=held.symbol,
        side=held.side,
        quantity=held.quantity,
        entry_price=held.entry_price,
        mark_price=fair,
        margin_asset=held.margin_asset,
        unrealised=held.profit_at(fair, size),
        terms=read_terms(row, TERMS),
    )

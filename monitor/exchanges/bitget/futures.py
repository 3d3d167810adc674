"""Futures of the classic system: one wallet for each kind of contract, settled in USDT, in USDC, or in a coin of its own.

A margin coin's equity has its unrealised profit in it; trial money (`coupon`, `grant`) is none of the account's. In the
mode with several margin coins other coins lie beside USDT in `assetList`, each with a balance of its own.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from finance.contracts import InverseSizes
from finance.decimals import ONE, ZERO, exact
from finance.observed import Balance, Position
from monitor.exchanges.bitget.answers import coin, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, optional_text, refuse_duplicates, text
from monitor.exchanges.position_terms import TermFields, read_terms

USDT_FUTURES, USDC_FUTURES, COIN_FUTURES = "usdt_futures", "usdc_futures", "coin_futures"
PRODUCTS = {USDT_FUTURES: "USDT-FUTURES", USDC_FUTURES: "USDC-FUTURES", COIN_FUTURES: "COIN-FUTURES"}
ACCOUNTS = private("v2/mix/account/accounts")
POSITIONS = private("v2/mix/position/all-position")
SIDES = {"long": 1, "short": -1}
HEDGED = "hedge_mode"
INVERSE = re.compile(r"USD([FGHJKMNQUVXZ]\d\d)?$")  # with the month in which it is delivered
INVERSE_SIZES = InverseSizes(usual=ONE)  # never asked for: no contract here is named as an inverse one is


async def fetch_futures(connection: Connection, wallet: str) -> tuple[Balance | Position, ...]:
    """Margin balances, of which a negative one is owed, and open positions."""
    product, doing = PRODUCTS[wallet], f"Reading {wallet}"
    balances = await connection.call(ACCOUNTS, doing, read_accounts, productType=product)
    if not any(one.free or one.owed for one in balances):
        return balances
    return (*balances, *await connection.call(POSITIONS, f"{doing}, positions", read_positions, productType=product))


@exact
def read_accounts(answer: object) -> tuple[Balance, ...]:
    """What every margin coin is worth with the profit of open positions, in units of the coin."""
    rows = read_rows(answer)
    refuse_duplicates((coin(row, "marginCoin") for row in rows), "margin coin")
    held = {coin(row, "marginCoin"): _of_equity(row) for row in rows}
    for row in rows:
        for other in _beside(row):
            held.setdefault(other.asset, other)
    return tuple(held.values())


def _of_equity(row: Row) -> Balance:
    equity = amount(row, "accountEquity", signed=True)
    unrealised = amount(row, "unrealizedPL", default=ZERO, signed=True)  # empty where nothing is open
    return Balance(
        asset=coin(row, "marginCoin"), free=max(equity, ZERO), owed=max(-equity, ZERO), unrealised=unrealised
    )


def _beside(row: Row) -> Iterable[Balance]:
    """The other margin coins of the mode in which several are margin for the same positions."""
    if optional_text(row, "assetMode") != "union" or row.get("assetList") is None:
        return ()
    rows = a_list(row["assetList"], "assetList")
    refuse_duplicates((coin(other) for other in rows), "margin coin")
    return tuple(_of_balance(other) for other in rows)


def _of_balance(row: Row) -> Balance:
    balance = amount(row, "balance", signed=True)
    return Balance(asset=coin(row), free=max(balance, ZERO), owed=max(-balance, ZERO))


TERMS = TermFields(
    leverage="leverage",
    margin_mode="marginMode",
    liquidation_price="liquidationPrice",
    margin="marginSize",
    modes={"crossed": "cross", "isolated": "isolated"},
)


def read_positions(answer: object) -> tuple[Position, ...]:
    """The open positions of one kind of contract."""
    return find_open(read_rows(answer), Names("holdSide", "posMode", "openPriceAvg", "unrealizedPL"))


class Names(NamedTuple):
    """How a position's fields are called, which differs between the account systems."""

    side: str
    mode: str
    entry_price: str
    profit: str


def find_open(rows: Iterable[Row], names: Names) -> tuple[Position, ...]:
    """The positions of `rows` that are open. Raises Malformed."""
    positions = tuple(_read_position(row, names) for row in rows)
    refuse_duplicates((f"{one.symbol} {one.side}" for one in positions), "position")
    return tuple(one for one in positions if one.quantity)


def _read_position(row: Row, names: Names) -> Position:
    side = text(row, names.side)
    if side not in SIDES:
        raise Malformed(f"{names.side} is neither long nor short")
    return Position(
        symbol=text(row, "symbol"),
        side=side if text(row, names.mode) == HEDGED else "both",
        quantity=SIDES[side] * amount(row, "total"),
        entry_price=amount(row, names.entry_price),
        mark_price=amount(row, "markPrice"),
        margin_asset=coin(row, "marginCoin"),
        unrealised=amount(row, names.profit, signed=True),
        terms=read_terms(row, TERMS),
    )


def product_of(symbol: str) -> str:
    """What kind of contract a symbol names: BTCPERP is settled in USDC, BTCUSD and BTCUSDZ26 in their own coin, all others
    in USDT."""
    if symbol.endswith(("PERP", "USDC")):
        return PRODUCTS[USDC_FUTURES]
    return PRODUCTS[COIN_FUTURES] if INVERSE.search(symbol) else PRODUCTS[USDT_FUTURES]


def settled_in(symbol: str) -> str:
    """What a contract is settled in; empty of one that is in its own coin, whose sizes and profits are not known well enough."""
    return {PRODUCTS[USDT_FUTURES]: "USDT", PRODUCTS[USDC_FUTURES]: "USDC"}.get(product_of(symbol), "")

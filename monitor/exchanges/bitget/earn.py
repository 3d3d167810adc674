"""Earn, trading bots and crypto loans, which both account systems have beside their other wallets.

The overview of Earn has every product in it but what is staked on chain ("Elite"), which the unified system lists by
itself. The collateral of a loan is in no other wallet: it is counted with the debt.
"""

from collections.abc import Callable

from finance.decimals import ZERO, exact
from finance.observed import Balance, add_up
from monitor.exchanges.bitget.answers import coin, read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Row, a_list, amount, an_object, refuse_duplicates, text

EARN, ELITE, LOANS = "earn", "onchain_elite", "loans"
SPOT_BOTS, FUTURES_BOTS = "spot_bots", "futures_bots"
EARN_ASSETS = private("v2/earn/account/assets")
ELITE_ASSETS = private("v3/earn/elite-assets")
BOT_ASSETS = private("v2/account/bot-assets")
DEBTS = private("v2/earn/loan/debts")
UNIFIED_DEBTS = private("v3/loan/debts")


async def fetch_earn(connection: Connection) -> tuple[Balance, ...]:
    """What lies in Earn, over all its products."""
    return await connection.call(EARN_ASSETS, "Reading Earn", read_earn)


async def fetch_elite(connection: Connection) -> tuple[Balance, ...]:
    """What is staked on chain in the unified system."""
    return await connection.call(ELITE_ASSETS, "Reading what is staked on chain", read_elite)


async def fetch_spot_bots(connection: Connection) -> tuple[Balance, ...]:
    """What the owner's bots hold that trade spot."""
    return await connection.call(BOT_ASSETS, "Reading spot bots", read_spot_bots, accountType="spot")


async def fetch_futures_bots(connection: Connection) -> tuple[Balance, ...]:
    """What the owner's bots are worth that trade futures."""
    return await connection.call(BOT_ASSETS, "Reading futures bots", read_futures_bots, accountType="futures")


async def fetch_loans(connection: Connection) -> tuple[Balance, ...]:
    """Debts and collateral of crypto loans in the classic system."""
    return await connection.call(DEBTS, "Reading crypto loans", read_debts)


async def fetch_unified_loans(connection: Connection) -> tuple[Balance, ...]:
    """Debts and collateral of crypto loans in the unified system."""
    return await connection.call(UNIFIED_DEBTS, "Reading crypto loans", read_debts)


def read_earn(answer: object) -> tuple[Balance, ...]:
    """One amount a coin."""
    return _read(read_rows(answer), "coin", lambda row: Balance(asset=coin(row), free=amount(row, "amount")))


def read_elite(answer: object) -> tuple[Balance, ...]:
    """What is held of each product's own coin."""
    rows = a_list(an_object(answer, "resultList")["resultList"], "resultList")
    return _read(
        rows, "productId", lambda row: Balance(asset=coin(row, "productCoin"), free=amount(row, "holdingAmount"))
    )


def read_spot_bots(answer: object) -> tuple[Balance, ...]:
    """Available and frozen."""
    return _read(
        read_rows(answer),
        "coin",
        lambda row: Balance(asset=coin(row), free=amount(row, "available"), locked=amount(row, "frozen", default=ZERO)),
    )


def read_futures_bots(answer: object) -> tuple[Balance, ...]:
    """Equity, with the profit of what is open; a bonus is trial money."""
    return _read(read_rows(answer), "coin", _of_equity)


def _of_equity(row: Row) -> Balance:
    equity = amount(row, "equity", signed=True)
    return Balance(asset=coin(row), free=max(equity, ZERO), owed=max(-equity, ZERO))


@exact
def read_debts(answer: object) -> tuple[Balance, ...]:
    """Per coin what is owed, and what is pledged as locked."""
    fields = an_object(answer, "pledgeInfos", "loanInfos")
    pledged, owed = (a_list(fields[name], name) for name in ("pledgeInfos", "loanInfos"))
    return add_up(
        (
            *(Balance(asset=coin(row), free=ZERO, locked=amount(row, "amount")) for row in pledged),
            *(Balance(asset=coin(row), free=ZERO, owed=amount(row, "amount")) for row in owed),
        )
    )


def _read(rows: list[Row], key: str, read: Callable[[Row], Balance]) -> tuple[Balance, ...]:
    refuse_duplicates((text(row, key) for row in rows), key)
    held = add_up(read(row) for row in rows)
    return tuple(balance for balance in held if balance.free or balance.locked or balance.owed)

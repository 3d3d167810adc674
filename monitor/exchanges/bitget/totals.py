"""What the exchange itself says each wallet is worth, in USDT. Of the unified pool it says so with the pool's coins."""

from decimal import Decimal

from finance.observed import WalletTotal
from monitor.exchanges.bitget.answers import read_rows
from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.bitget.earn import EARN, FUTURES_BOTS, SPOT_BOTS
from monitor.exchanges.bitget.futures import COIN_FUTURES, USDC_FUTURES, USDT_FUTURES
from monitor.exchanges.bitget.margin import CROSS, ISOLATED
from monitor.exchanges.bitget.spot import FUNDING, SPOT
from monitor.exchanges.bitget.unified import ASSETS, POOL
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, amount, an_object, refuse_duplicates, text

BALANCES = private("v2/account/all-account-balance")
COVERED = {
    "spot": (SPOT,),
    "futures": (USDT_FUTURES, USDC_FUTURES, COIN_FUTURES),
    "funding": (FUNDING,),
    "earn": (EARN,),
    "bots": (SPOT_BOTS, FUTURES_BOTS),
    "margin": (CROSS, ISOLATED),
}


async def fetch_totals(connection: Connection) -> tuple[WalletTotal, ...]:
    """Every wallet's worth in the classic system; one without an entry in COVERED is none of ours."""
    worth = await connection.call(BALANCES, "Reading the exchange's own totals", read_worth)
    return tuple(WalletTotal(name=name, wallets=COVERED.get(name, ()), value=value) for name, value in worth.items())


async def fetch_pool_total(connection: Connection) -> tuple[WalletTotal, ...]:
    """What the unified pool is worth; of what lies beside it the exchange says nothing."""
    worth = await connection.call(ASSETS, "Reading the exchange's own totals", read_pool_worth)
    return (WalletTotal(name=POOL, wallets=(POOL,), value=worth),)


def read_pool_worth(data: object) -> Decimal:
    """The pool's equity in USDT."""
    return amount(an_object(data, "usdtEquity"), "usdtEquity", signed=True)


def read_worth(data: object) -> dict[str, Decimal]:
    """What each kind of account is worth, by the exchange's name of it."""
    rows = read_rows(data)
    if not rows:
        raise Malformed("no account at all")
    refuse_duplicates((text(row, "accountType") for row in rows), "account")
    return {text(row, "accountType")[:60]: amount(row, "usdtBalance", signed=True) for row in rows}

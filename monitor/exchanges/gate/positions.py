"""Wallets of contracts with what is open in them, and how many units a contract stands for."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from functools import partial

from finance.moments import SECOND
from finance.observed import Balance, Position
from finance.records import ContractFill, ContractQuery
from monitor.errors import ExchangeUnavailable, UnknownSymbol, WalletNotOpened
from monitor.exchanges.gate import endpoints, fills, futures
from monitor.exchanges.gate.pages import fetch_offset, span
from monitor.exchanges.gate.symbols import INVERSE, exchange_contract, is_delivered
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import text
from monitor.exchanges.windows import windows

PAGE_SIZE = 100


LONGEST_WINDOW = timedelta(days=29)
TRADES_PAGE_SIZE = 1000
ACCOUNTS = {
    futures.USDT_FUTURES: endpoints.USDT_ACCOUNT,
    futures.BTC_FUTURES: endpoints.BTC_ACCOUNT,
    futures.DELIVERY: endpoints.DELIVERY_ACCOUNT,
    futures.OPTIONS: endpoints.OPTIONS_ACCOUNT,
}
POSITIONS = {
    futures.USDT_FUTURES: endpoints.USDT_POSITIONS,
    futures.BTC_FUTURES: endpoints.BTC_POSITIONS,
    futures.DELIVERY: endpoints.DELIVERY_POSITIONS,
}
CONTRACTS = {
    futures.USDT_FUTURES: endpoints.USDT_CONTRACT,
    futures.BTC_FUTURES: endpoints.BTC_CONTRACT,
    futures.DELIVERY: endpoints.DELIVERY_CONTRACT,
}
TRADES = {
    futures.USDT_FUTURES: endpoints.USDT_TRADES,
    futures.BTC_FUTURES: endpoints.BTC_TRADES,
    futures.DELIVERY: endpoints.DELIVERY_TRADES,
}


async def fetch_account(connection: Connection, wallet: str) -> futures.ContractAccount:
    """A wallet of contracts, without what is open in it. Raises WalletNotOpened where the account has none."""
    read = futures.read_options if wallet == futures.OPTIONS else futures.read_account
    return await connection.call(ACCOUNTS[wallet], f"Reading {wallet}", read)


async def fetch_positions(connection: Connection, wallet: str) -> tuple[Position, ...]:
    """What is open in a wallet of contracts; of options their account says what they are worth together."""
    if wallet not in POSITIONS:
        return ()
    doing, endpoint = f"Reading {wallet}, positions", POSITIONS[wallet]
    if wallet == futures.DELIVERY:
        rows = await connection.call(endpoint, doing, futures.read_positions)
    else:
        rows = await fetch_offset(connection, endpoint, doing, futures.read_positions, PAGE_SIZE, holding="true")
    rows = [row for row in rows if futures.is_open(row)]
    names = {text(row, "contract") for row in rows}
    multipliers = {name: await fetch_multiplier(connection, wallet, name) for name in sorted(names)}
    return tuple(futures.read_position(row, futures.SETTLED[wallet], multipliers) for row in rows)


async def fetch_multiplier(connection: Connection, wallet: str, contract: str) -> Decimal:
    """How many units one contract stands for. Raises UnknownSymbol where there is no such contract."""
    doing = f"Reading what {contract} is"
    return await connection.call(CONTRACTS[wallet], doing, futures.read_multiplier, contract=contract)


async def fetch_whole(connection: Connection, wallet: str) -> tuple[Balance | Position, ...]:
    """A wallet of contracts that has its own margin, with what is open in it.

    Raises ExchangeUnavailable where its margin is said to be that of a unified account: the owner is switching.
    """
    account = await fetch_account(connection, wallet)
    if account.has_own_margin is False:
        raise ExchangeUnavailable(f"{wallet} is said to be part of a unified account, and the account is none.")
    return (*account.balances, *await fetch_positions(connection, wallet))


def add_unrealised(positions: Iterable[Position]) -> dict[str, Decimal]:
    """The profit of open positions by the coin in which they settle."""
    found: dict[str, Decimal] = {}
    for position in positions:
        found[position.margin_asset] = found.get(position.margin_asset, Decimal(0)) + position.unrealised
    return found


async def fetch_fills(connection: Connection, query: ContractQuery) -> tuple[ContractFill, ...]:
    """All trades of a contract in a time, in the order of time; none of one that does not exist, or in a wallet that does not."""
    wallet, contract = find_wallet(query.symbol), exchange_contract(query.symbol)
    try:
        multiplier = await fetch_multiplier(connection, wallet, contract)
        account = await fetch_account(connection, wallet)
    except (UnknownSymbol, WalletNotOpened):
        return ()
    is_hedged = account.is_hedged
    read = partial(fills.read_contract_trades, query=query, multiplier=multiplier, is_hedged=is_hedged)
    settled = partial(fills.read_settlements, query=query, multiplier=multiplier, is_hedged=is_hedged)
    doing = f"Reading the trades of {contract}"
    found: dict[str, ContractFill] = {}
    for window in windows(query.since, query.until + SECOND, LONGEST_WINDOW):
        asked = {"contract": contract} | ({} if wallet == futures.DELIVERY else span(window))  # which knows no times
        rows = await fetch_offset(connection, TRADES[wallet], doing, read, TRADES_PAGE_SIZE, **asked)
        if wallet == futures.DELIVERY:
            rows += await connection.call(
                endpoints.DELIVERY_SETTLED, doing, settled, contract=contract, limit=PAGE_SIZE
            )
        found |= {one.exchange_id: one for one in rows if one and query.since <= one.occurred_at < query.until}
    return tuple(sorted(found.values(), key=lambda fill: fill.occurred_at))


def find_wallet(symbol: str) -> str:
    """Where a contract is traded, by our name of it."""
    if is_delivered(symbol):
        return futures.DELIVERY
    return futures.BTC_FUTURES if symbol.endswith(INVERSE) else futures.USDT_FUTURES

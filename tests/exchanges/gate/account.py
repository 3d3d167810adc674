"""An account at Gate as it is read: what the exchange answers is a test's, everything else is the worker's own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from finance.observed import AccountReading, WalletReading
from monitor.exchanges.gate.adapter import GateAccount
from monitor.exchanges.gate.dialect import DIALECT
from monitor.exchanges.gate.market import GateMarket
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.network import Network
from sql.vault import NOBODY, Credentials, Secret
from tests.exchanges.gate.readers import KEY
from tests.exchanges.gate.server import GateServer

T = TypeVar("T")
EMPTY_TOTALS = {"details": {"spot": {"amount": "0", "currency": "USDT"}}, "total": {"amount": "0", "currency": "USDT"}}
# An account with something in every wallet; `total` of futures has no open profit in it.
CONTRACTS: dict[str, Any] = {"currency": "USDT", "total": "12.5", "unrealised_pnl": "-2.5", "in_dual_mode": False}
POSITION = {"contract": "LTC_USDT", "mode": "single", "size": "5", "entry_price": "75", "mark_price": "70",
            "unrealised_pnl": "-2.5"}  # fmt: skip
RICH: dict[str, Any] = {
    "/unified/unified_mode": {"mode": "classic"},
    "/wallet/total_balance": EMPTY_TOTALS,
    "/spot/accounts": [{"currency": "USDT", "available": "100", "locked": "1"}],
    "/margin/accounts": [
        {"currency_pair": pair, "base": {"currency": "BTC", "available": "0.2", "locked": "0", "borrowed": "0.1"},
         "quote": {"currency": quote, "available": "7", "locked": "0", "borrowed": "0", "interest": "0"}}
        for pair, quote in (("BTC_USDT", "USDT"), ("BTC_USDC", "USDC"))
    ],
    "/margin/cross/accounts": {"balances": {"ETH": {"available": "3", "freeze": "0", "borrowed": "1", "interest": "0.5"}}},
    "/futures/usdt/accounts": CONTRACTS,
    "/futures/usdt/positions": [POSITION],
    "/futures/usdt/contracts/LTC_USDT": {"name": "LTC_USDT", "quanto_multiplier": "0.1"},
    "/futures/btc/accounts": {**CONTRACTS, "currency": "BTC", "total": "0.5", "unrealised_pnl": "0"},
    "/futures/btc/positions": [],
    "/delivery/usdt/accounts": {**CONTRACTS, "total": "4", "unrealised_pnl": "0"},
    "/delivery/usdt/positions": [],
    "/options/accounts": {"currency": "USDT", "equity": "9", "position_value": "1"},
    "/earn/uni/lends": [{"currency": "USDT", "amount": "50", "frozen_amount": "5"}],
    "/earn/dual/orders": [{"id": 1, "status": "INIT", "invest_currency": "USDT", "invest_amount": "30"}],
    "/earn/structured/orders": [{"id": 1, "status": "SUCCESS", "lock_coin": "USDT", "amount": "20"}],
    "/earn/staking/assets": [{"mortgage_coin": "USDT", "mortgage_amount": "10", "type": 1}],
    "/loan/collateral/orders": [
        {"order_id": 1, "status": "lent", "collateral_currency": "BTC", "collateral_amount": "1",
         "borrow_currency": "USDT", "left_repay_total": "400"}
    ],
    "/loan/multi_collateral/orders": [],
}  # fmt: skip


def fill(server: GateServer, answers: dict[str, Any] = RICH) -> None:
    """Let `server` answer all of it."""
    for path, found in answers.items():
        server.answer(path, found)
    server.answer("/spot/time", lambda _: {"server_time": int(time.time() * 1000)})


def connect(server: GateServer, credentials: Credentials) -> Connection:
    return Connection(credentials, base_url=server.url, timeout_seconds=5, network=Network(DIALECT))


def ask(server: GateServer, question: Callable[[GateAccount], Awaitable[T]]) -> T:
    """What a question about an account is answered with."""

    async def asked() -> T:
        account = GateAccount(connect(server, Credentials(key=Secret(KEY), secret=Secret("secret"))))
        try:
            return await question(account)
        finally:
            await account.close()

    return asyncio.run(asked())


def ask_market(server: GateServer, question: Callable[[GateMarket], Awaitable[T]]) -> T:
    """What a question about prices is answered with."""

    async def asked() -> T:
        market = GateMarket(connect(server, NOBODY))
        try:
            return await question(market)
        finally:
            await market.close()

    return asyncio.run(asked())


def read(server: GateServer, idle: tuple[str, ...] = ()) -> AccountReading:
    """All wallets."""
    return ask(server, lambda account: account.fetch_wallets(idle))


def wallets(server: GateServer, idle: tuple[str, ...] = ()) -> dict[str, WalletReading]:
    """All wallets, by name."""
    return {one.wallet: one for one in read(server, idle).wallets}

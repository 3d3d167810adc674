"""Three accounts to whom everything happened that the worker can read, and a reading of all of it.

What the worker sends meanwhile is what the judges judge: the requests as they arrived at the paper exchange.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl

from monitor.checkup.asking import ask_everything
from monitor.exchanges.adapters import load_adapter
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.network import Network
from monitor.exchanges.public import Market
from sql.vault import Credentials, Secret
from tests.venue import MARKET, START, RunningVenue

EXCHANGE, MASTER, SYMBOL = "binance", "test", "BTCUSDT"
NAMES = (MASTER, "sub", "unified")
SUB_EMAIL = "sub@paper.example"
STANDS = START + timedelta(days=1, minutes=1)  # a check looks a day back
STORY = """
{accounts}
+0m account test
+0m permit enableSpotAndMarginTrading
+0m deposit 100000 USDT
+0m deposit 5 BTC credited after 2m
+0m deposit 1000 EUR
+1m buy for 4000 BTCUSDT
+1m buy for 3000 ETHUSDT
+1m limit buy 0.1 BTCUSDT at 20000
+2m withdraw 10 USDT fee 1 completed after 20m
+2m fiat deposit 500 EUR fee 1
+2m fiat withdraw 100 EUR fee 1
+2m card buy 0.01 BTC for 900 EUR fee 9
+2m card sell 0.005 BTC for 440 EUR fee 4
+2m p2p buy 100 USDT fee 0.1
+2m p2p sell 50 USDT fee 0.1 completed after 20m
+2m pay receive 20 USDT
+2m pay send 5 USDT fee 0.01
+3m transfer 1000 USDT from spot to earn_flexible
+3m transfer 1 BTC from spot to earn_locked
+3m transfer 0.1 BTC from spot to onchain_yields
+3m dual 100 USDT into BTC at 50000 apr 10 for 4d
+3m transfer 5000 USDT from spot to futures
+3m transfer 0.5 BTC from spot to coin_m
+3m transfer 5000 USDT from spot to cross_margin
+3m transfer 5000 USDT from spot to isolated_margin
+3m transfer 5000 USDT from spot to options
+4m interest 5 USDT
+4m reward 1 USDT flexible BONUS
+4m reward 0.001 BTC locked
+4m reward 0.001 BTC onchain
+4m reward 0.1 USDT soft
+4m reward 0.01 SOL boost
+4m dividend 2 USDT
+4m rebate 0.5 USDT
+5m borrow 0.1 BTC on cross_margin
+5m borrow 0.1 BTC on isolated_margin
+5m borrow 100 USDT on loans
+5m charge 0.0001 BTC on cross_margin
+5m charge 0.0001 BTC on isolated_margin
+6m buy for 500 BTCUSDT on cross_margin
+6m buy for 500 BTCUSDT on isolated_margin
+6m convert 100 USDT to ETH
+6m buy for 20 BNBUSDT
+7m dust ETH
+7m long 0.1 BTCUSDT
+7m long 10 BTCUSD_PERP
+7m await short 0.1 BTCUSDT at 900000
+7m await short 1 BTCUSD_PERP at 900000
+7m trigger short 0.1 BTCUSDT at 20000
+7m trigger short 1 BTCUSD_PERP at 20000
+7m funding pay 1 USDT BTCUSDT
+7m option buy 0.1 BTC-260626-100000-C at 900 fee 1
+8m hand 1000 USDT to sub
+0m account sub
+0m belongs to test
+1m deposit 100 USDT
+1m deposit 1 BTC
+2m transfer 10 USDT from spot to cross_margin
+2m transfer 10 USDT from spot to futures
+2m transfer 0.1 BTC from spot to coin_m
+3m long 1 BTCUSD_PERP
+9m hand 1 USDT to test
+0m account unified
+0m deposit 10000 USDT
+0m deposit 1 BTC
+1m transfer 1000 USDT from spot to cross_margin
+1m transfer 1000 USDT from spot to futures
+1m transfer 0.5 BTC from spot to coin_m
+2m unify
+3m long 0.1 BTCUSDT
+3m long 10 BTCUSD_PERP
+3m await short 0.1 BTCUSDT at 900000
+3m await short 1 BTCUSD_PERP at 900000
+3m trigger short 0.1 BTCUSDT at 20000
+3m trigger short 1 BTCUSD_PERP at 20000
+3m buy for 100 BTCUSDT on cross_margin
"""


def key(name: str) -> str:
    """An account's key."""
    return f"key-{name}-0123456789"


def secret(name: str) -> str:
    """An account's secret."""
    return f"secret-{name}-0123456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it arrived."""

    account: str  # whose key it was sent with
    method: str
    path: str
    text: str  # its parameters as they were sent
    status: int

    @property
    def name(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @property
    def sent(self) -> dict[str, str]:
        """Names and values."""
        return dict(parse_qsl(self.text, keep_blank_values=True))

    @property
    def parameters(self) -> dict[str, str]:
        """Names and values, without those that every signed request has."""
        return {name: value for name, value in self.sent.items() if name not in ("signature", "timestamp")}


def open_everything() -> RunningVenue:
    """The venue of the three accounts, a day and a minute after their beginning; to be stopped."""
    accounts = "\n".join(f"+0m account {name} key {key(name)} secret {secret(name)}" for name in NAMES)
    return RunningVenue(MARKET, STORY.format(accounts=accounts), START, STANDS)


def observe(venue: RunningVenue) -> list[Request]:
    """What arrives while the worker asks everything that it may, as for a check of each account."""
    return [request for name in NAMES for request in asyncio.run(_observe(venue, name))]


async def _observe(venue: RunningVenue, name: str) -> list[Request]:
    adapter = load_adapter(EXCHANGE)
    venue.control("/requests", method="DELETE")
    async with connect(venue, name) as connection:
        market = adapter.open_market(connection)
        await ask_everything(market, adapter.open_account(connection), STANDS)
        if name == MASTER:
            await ask_everything(market, adapter.open_sub_account(connection, SUB_EMAIL), STANDS)
            await _read_more(market)
    return [
        Request(account=name, method=r["method"], path=r["path"], text=r["asked"], status=r["status"])
        for r in venue.requests()
    ]


@asynccontextmanager
async def connect(venue: RunningVenue, name: str) -> AsyncIterator[Connection]:
    """The worker's connection with an account's key."""
    network = Network(load_adapter(EXCHANGE).dialect)
    credentials = Credentials(key=Secret(key(name)), secret=Secret(secret(name)))
    connection = Connection(credentials, base_url=venue.url, timeout_seconds=10, network=network)
    try:
        yield connection
    finally:
        await connection.close()
        await network.close()


async def _read_more(market: Market) -> None:
    """What a check of an account does not ask, because it says nothing about the account."""
    hours = [START + timedelta(hours=number) for number in range(5)]
    await market.fetch_minute_prices(SYMBOL, hours)
    await market.fetch_hour_prices(SYMBOL, hours)
    await market.fetch_last_trade(SYMBOL, STANDS)
    await market.fetch_klines(SYMBOL, timedelta(hours=1), START, hours[-1])

"""An account of either system at the paper exchange, read by the adapter over HTTP: its own books, to the last digit."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.observed import AccountReading, WalletState
from finance.records import FillMarket, FlowState
from monitor.exchanges.bitget.adapter import ADAPTER, BitgetAccount
from monitor.exchanges.contract import FillQuery, Pair
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.network import Network
from sql.vault import Credentials, Secret
from tests.paper.bitget import AGE, KEY, PASSPHRASE, SECRET, story
from tests.venue import MARKET, RunningVenue

MORE = """
+0m account Sub on bitget {system} key key-of-sub-at-bitget secret secret-of-sub passphrase other
+0m belongs to Ann
+0m account Ann
+30m hand 20 USDT to Sub
+31m borrow 0.05 ETH on loans
+32m dust SOL
+33m transfer 100 USDT from spot to onchain_yields
+34m interest 5 USDT
+35m airdrop 3 BGB
"""
CREDENTIALS = Credentials(key=Secret(KEY), secret=Secret(SECRET), passphrase=Secret(PASSPHRASE))
Quantities = dict[str, Decimal]


@pytest.fixture(scope="module", params=["classic", "unified"])
def venue(request: pytest.FixtureRequest) -> Iterator[RunningVenue]:
    """A venue with an account of a system that has money in every wallet."""
    now = datetime.now(UTC).replace(microsecond=0)
    opened = RunningVenue(MARKET, story(request.param) + MORE.format(system=request.param), now - AGE, now)
    yield opened
    opened.stop()


def ask(venue: RunningVenue, act: Callable[[BitgetAccount], Coroutine[Any, Any, Any]]) -> Any:
    """What `act` returns of the adapter's account."""

    async def run() -> Any:
        network = Network(ADAPTER.dialect)
        url = venue.urls["bitget"]
        connection = Connection(CREDENTIALS, base_url=url, timeout_seconds=5, network=network)
        account = BitgetAccount(connection)
        try:
            await account.fetch_server_time()
            return await act(account)
        finally:
            await account.close()
            await network.close()

    return asyncio.run(run())


def held(reading: AccountReading) -> Quantities:
    """What an account has of each asset over all its wallets, without the profit of open positions."""
    found: Quantities = defaultdict(Decimal)
    for balance in (balance for wallet in reading.wallets for balance in wallet.balances):
        found[balance.asset] += balance.quantity - balance.unrealised
    return {asset: quantity for asset, quantity in found.items() if quantity}


def booked(venue: RunningVenue) -> Quantities:
    """What the story's own books say of it."""
    found: Quantities = defaultdict(Decimal)
    for wallet in venue.truth("Ann")["wallets"].values():
        for asset, amount in wallet.items():
            found[asset] += Decimal(amount)
    return {asset: quantity for asset, quantity in found.items() if quantity}


def test_nothing_is_counted_twice_and_nothing_is_lacking(venue: RunningVenue) -> None:
    reading = ask(venue, lambda account: account.fetch_wallets())

    assert {str(wallet.state) for wallet in reading.wallets} == {"read"}
    assert held(reading) == booked(venue)
    worth = {total.name: total.value for total in reading.totals}
    assert reading.has_totals == (len(worth) > 1) and ("unified" in worth) != reading.has_totals
    open_there = sorted(p.symbol for wallet in reading.wallets for p in wallet.positions)
    assert open_there == ["BTCUSD", "BTCUSDT"]
    profit = sum(b.unrealised for w in reading.wallets for b in w.balances if b.asset == "USDT")
    assert profit == Decimal(venue.truth("Ann")["unrealised"]) != 0


def test_what_came_went_and_was_earned_is_all_of_it(venue: RunningVenue) -> None:
    since, until = venue.now() - AGE - timedelta(hours=1), venue.now() + timedelta(minutes=5)

    async def read(account: BitgetAccount) -> Any:
        flows = await account.fetch_flows({source.name: since for source in account.flow_sources}, until)
        income = await account.fetch_income({source.name: since for source in account.income_sources}, until)
        pairs = [(FillMarket.SPOT, "BTC"), (FillMarket.SPOT, "ETH"), (FillMarket.CROSS_MARGIN, "ETH")]
        pairs = pairs[: 3 if str(await account.fetch_system()) == "classic" else 2]
        asked: list[FillQuery] = [
            FillQuery(market=market, pair=Pair(symbol=f"{base}USDT", base=base, quote="USDT"), since=since, until=until)
            for market, base in pairs
        ]
        asked += [
            FillQuery(market=market, since=since, until=until) for market in (FillMarket.CONVERT, FillMarket.DUST)
        ]
        return flows, income, [fill for query in asked for fill in (await account.fetch_fills(query)).fills]

    flows, income, fills = ask(venue, read)

    assert {str(reading.state) for reading in (*flows, *income)} == {"read"}, [r.problem for r in (*flows, *income)]
    moved: Quantities = defaultdict(Decimal)
    for flow in (flow for reading in flows for flow in reading.flows if flow.state is FlowState.COUNTED):
        moved[flow.asset] += -(flow.amount + flow.fee) if flow.kind.is_outgoing else flow.amount
    for one in (one for reading in income for one in reading.income):
        moved[one.asset] += one.amount
    for asset, quantity in (move for fill in fills for move in fill.moves):
        moved[asset] += quantity
    assert {asset: quantity for asset, quantity in moved.items() if quantity} == booked(venue)


def test_an_idle_wallet_is_left_out_only_while_its_total_is_zero(venue: RunningVenue) -> None:
    names = [wallet.wallet for wallet in ask(venue, lambda account: account.fetch_wallets()).wallets]
    reading = ask(venue, lambda account: account.fetch_wallets(idle=names))

    skipped = {wallet.wallet for wallet in reading.wallets if wallet.state is WalletState.SKIPPED}
    assert skipped == set()
    assert held(reading) == booked(venue)


def test_a_switched_account_is_read_as_what_it_is_now(venue: RunningVenue) -> None:
    before, system = ask(venue, lambda one: one.fetch_wallets()), ask(venue, lambda one: one.fetch_system())
    lines = {"classic": "unify off", "unified": "unify"}
    venue.do(lines["unified" if system == "classic" else "classic"], "Ann")
    after, now = ask(venue, lambda one: one.fetch_wallets()), ask(venue, lambda one: one.fetch_system())
    venue.do("unify hybrid", "Ann")
    changing = ask(venue, lambda one: one.fetch_wallets())
    venue.do(lines[str(system)], "Ann")

    assert now != system
    assert held(before) == held(after)
    assert [wallet.wallet for wallet in changing.wallets if wallet.state is WalletState.FAILED] == ["spot"]

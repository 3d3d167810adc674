"""A Gate account of either system at the paper exchange, read by the adapter over HTTP: its own books, to the last digit."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.observed import AccountReading
from finance.records import FillMarket, FlowState
from monitor.exchanges.contract import FillQuery
from monitor.exchanges.gate.adapter import ADAPTER, GateAccount
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.network import Network
from sql.vault import Credentials, Secret
from tests.venue import MARKET, RunningVenue

KEY, SECRET = "key-of-ann-at-gate-io-0123456789", "secret-of-ann-at-gate-io"
CREDENTIALS = Credentials(key=Secret(KEY), secret=Secret(SECRET))
PERSONS = f"""
+0m account Bob key key-of-bob-0123456789 secret secret-of-bob
+0m account Ann on gate {{system}} key {KEY} secret {SECRET}
"""
LIFE = """
+0m deposit 20000 USDT
+1m deposit 0.5 ETH credited after 3m
+2m buy 0.1 BTCUSDT
+3m sell 0.01 BTCUSDT
+5m transfer 3000 USDT from spot to futures
+6m transfer 2000 USDT from spot to cross_margin
+7m borrow 0.2 ETH on cross_margin
+8m sell 0.1 ETHUSDT on cross_margin
+9m charge 0.0001 ETH on cross_margin
+10m transfer 0.01 BTC from spot to isolated_margin
+11m transfer 700 USDT from spot to earn_flexible
+13m long 0.02 BTCUSDT
+14m funding pay 1.25 USDT BTCUSDT
+15m close 0.01 BTCUSDT
+16m withdraw 100 USDT fee 1.5 completed after 5m
+17m lock 50 USDT
+18m convert 200 USDT to SOL
+19m send 250 USDT to Bob fee 1 arriving after 20m
+20m pay receive 5 USDT
"""
MORE = """
+0m account Sub on gate {system} key key-of-sub-at-gate secret secret-of-sub
+0m belongs to Ann
+0m account Ann
+30m hand 20 USDT to Sub
+33m transfer 100 USDT from spot to onchain_yields
+34m interest 5 USDT
+35m airdrop 3 DOGE
+36m transfer 0.02 BTC from spot to coin_m
+37m short 3 BTCUSD_PERP
"""
AGE = timedelta(hours=2)
CHARGED = Decimal(
    "0.0001"
)  # ETH: the older cross margin of a classic account, which no history of interest shows any more
MODES = ("classic", "multi_currency", "portfolio", "single_currency")
Quantities = dict[str, Decimal]


@pytest.fixture(scope="module", params=MODES)
def venue(request: pytest.FixtureRequest) -> Iterator[RunningVenue]:
    """A venue with an account of a system that has money in every wallet."""
    now = datetime.now(UTC).replace(microsecond=0)
    story = PERSONS.format(system=request.param) + LIFE + MORE.format(system=request.param)
    opened = RunningVenue(MARKET, story, now - AGE, now)
    yield opened
    opened.stop()


def ask(venue: RunningVenue, act: Callable[[GateAccount], Coroutine[Any, Any, Any]]) -> Any:
    """What `act` returns of the adapter's account."""

    async def run() -> Any:
        network = Network(ADAPTER.dialect)
        connection = Connection(CREDENTIALS, base_url=venue.urls["gate"], timeout_seconds=5, network=network)
        account = GateAccount(connection)
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

    assert {str(wallet.state) for wallet in reading.wallets} <= {"read", "not_opened"}, reading.wallets
    assert held(reading) == booked(venue)
    profit = sum(b.unrealised for w in reading.wallets for b in w.balances if b.asset == "USDT")
    assert profit == Decimal(venue.truth("Ann")["unrealised"]) != 0


def test_the_totals_are_what_the_wallets_are_worth(venue: RunningVenue) -> None:
    reading = ask(venue, lambda account: account.fetch_wallets())
    covered = {wallet for total in reading.totals for wallet in total.wallets}

    assert covered >= {wallet.wallet for wallet in reading.wallets if wallet.balances}
    assert {total.name for total in reading.totals if not total.wallets} == {"quant"}


def test_what_came_went_and_was_earned_is_all_of_it(venue: RunningVenue) -> None:
    since, until = venue.now() - AGE - timedelta(hours=1), venue.now() + timedelta(minutes=5)

    async def read(account: GateAccount) -> Any:
        flows = await account.fetch_flows({source.name: since for source in account.flow_sources}, until)
        income = await account.fetch_income({source.name: since for source in account.income_sources}, until)
        asked = [FillQuery(market=market, since=since, until=until) for market in (FillMarket.CONVERT, FillMarket.DUST)]
        return flows, income, [fill for query in asked for fill in (await account.fetch_fills(query)).fills]

    flows, income, fills = ask(venue, read)

    assert {str(reading.state) for reading in (*flows, *income)} <= {"read", "absent"}, [
        r.problem for r in (*flows, *income)
    ]
    moved: Quantities = defaultdict(Decimal)
    for flow in (flow for reading in flows for flow in reading.flows if flow.state is FlowState.COUNTED):
        assert flow.completed_at or flow.exchange_id.startswith("push")
        moved[flow.asset] += -(flow.amount + flow.fee) if flow.kind.is_outgoing else flow.amount
    for one in (one for reading in (*flows, *income) for one in reading.income):
        moved[one.asset] += one.amount
    for asset, quantity in (move for fill in (*fills, *(f for r in income for f in r.fills)) for move in fill.moves):
        moved[asset] += quantity
    if venue.exchange.venue.accounts["Ann"].system == "classic":
        moved["ETH"] -= CHARGED
    assert {asset: quantity for asset, quantity in moved.items() if quantity} == booked(venue)


def test_an_idle_wallet_is_left_out_only_while_its_total_is_zero(venue: RunningVenue) -> None:
    names = [wallet.wallet for wallet in ask(venue, lambda account: account.fetch_wallets()).wallets]

    assert held(ask(venue, lambda account: account.fetch_wallets(idle=names))) == booked(venue)


def test_a_switched_account_is_read_as_what_it_is_now(venue: RunningVenue) -> None:
    account = venue.exchange.venue.accounts["Ann"]
    before, system = ask(venue, lambda one: one.fetch_wallets()), account.system
    account.system = "multi_currency" if system == "classic" else "classic"
    try:
        after = ask(venue, lambda one: one.fetch_wallets())
    finally:
        account.system = system
    assert held(before) == held(after)
    assert {w.is_empty for w in (*before.wallets, *after.wallets) if w.wallet == "unified"} == {True, False}


def test_the_key_is_proven_to_be_for_reading_only(venue: RunningVenue) -> None:
    found = ask(venue, lambda account: account.fetch_permissions())

    assert found.may_read and found.dangerous == ()
    assert ask(venue, lambda account: account.fetch_uid()) == str(venue.exchange.venue.accounts["Ann"].uid)

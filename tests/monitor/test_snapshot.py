"""One reading of an account, of an exchange whose answers a test writes down: looks that agree, and looks that don't."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import cast

import pytest

from finance.observed import AccountReading, Balance, WalletReading, WalletState
from finance.records import FlowRecord
from monitor.errors import ExchangePaused, ExchangeUnavailable
from monitor.exchanges.contract import Account, Source, SourceReading, SourceState
from monitor.snapshots.snapshot import MOST_LOOKS, Lookback, Snapshot, take_snapshot
from tests.monitor.notation import at
from tests.monitor.performance.hours import deposit

NOW, DAY = at("2026-05-01 10:00"), timedelta(days=1)
UNTIMED, TIMED = (
    Source(name=name, first=DAY, overlap=DAY, wide=DAY, is_timed=name == "timed") for name in ("untimed", "timed")
)
CAME = deposit(1, "100", "USDT", at("2026-05-01 09:59"))


class ScriptedAccount:
    """Answers what is written down for each look; the last answer is repeated."""

    income_sources = (Source(name="rewards", first=DAY, overlap=DAY, wide=DAY),)

    def __init__(
        self, source: Source, flows: Iterable[Collection[FlowRecord]], hubs: Iterable[str] = ("1000",)
    ) -> None:
        self.flow_sources = (source,)
        self._flows, self._hubs = list(flows), list(hubs)
        self.margin: list[str] = []  # what that wallet holds at each reading of all
        self.looks = 0
        self.pause: ExchangePaused | None = None

    async def fetch_server_time(self) -> datetime:
        """A second later at each look."""
        return NOW + self.looks * timedelta(seconds=1)

    async def fetch_flows(self, since: Mapping[str, datetime], _until: datetime) -> tuple[SourceReading, ...]:
        """The next of what is written down."""
        flows = self._flows.pop(0) if len(self._flows) > 1 else self._flows[0]
        return tuple(SourceReading(source=name, state=SourceState.READ, flows=tuple(flows)) for name in since)

    async def fetch_hubs(self) -> tuple[WalletReading, ...]:
        """The next quantity of spot."""
        quantity = self._hubs.pop(0) if len(self._hubs) > 1 else self._hubs[0]
        balance = Balance(asset="USDT", free=D(quantity))
        return (WalletReading(wallet="spot", state=WalletState.READ, balances=(balance,)),)

    async def fetch_wallets(self, _idle: Collection[str], known: Collection[WalletReading]) -> AccountReading:
        """The hubs as they were read, and another wallet."""
        self.looks += 1
        held = self.margin.pop(0) if len(self.margin) > 1 else (*self.margin, f"{self.looks}")[0]
        margin = WalletReading(wallet="margin", state=WalletState.READ, balances=(Balance(asset="USDT", free=D(held)),))
        return AccountReading(wallets=(*known, margin), totals=(), has_totals=False)

    async def fetch_income(self, since: Mapping[str, datetime], _until: datetime) -> tuple[SourceReading, ...]:
        """Nothing, or that the exchange asks for silence."""
        if self.pause:
            raise self.pause
        return tuple(SourceReading(source=name, state=SourceState.READ) for name in since)


def take(account: ScriptedAccount) -> Snapshot:
    lookback = Lookback(flows={account.flow_sources[0].name: NOW - DAY}, income={"rewards": NOW - DAY})
    return asyncio.run(take_snapshot(cast("Account", account), lookback, NOW))


def test_two_looks_at_the_flows_that_agree_are_enough() -> None:
    account = ScriptedAccount(UNTIMED, [[CAME]])
    snapshot = take(account)

    assert (account.looks, snapshot.flows, snapshot.taken_at) == (1, (CAME,), NOW)


def test_a_flow_that_shows_up_between_the_looks_is_read_again() -> None:
    account = ScriptedAccount(UNTIMED, [[], [CAME]])

    assert (take(account).flows, account.looks) == ((CAME,), 2)


def test_a_timed_history_needs_one_look_and_is_read_again_for_a_flow_of_the_meantime() -> None:
    during = deposit(1, "100", "USDT", NOW)

    assert take(calm := ScriptedAccount(TIMED, [[CAME]])).flows == (CAME,) and calm.looks == 1
    assert take(moved := ScriptedAccount(TIMED, [[during]])).taken_at == NOW + timedelta(seconds=1) and moved.looks == 2


def test_what_moves_between_wallets_meanwhile_is_read_again() -> None:
    account = ScriptedAccount(UNTIMED, [[]], hubs=["1000", "900", "900"])

    assert take(account).reading.wallets[0].balances[0].free == 900
    assert account.looks == 2


def test_what_moved_before_the_others_were_read_is_not_counted_in_both() -> None:
    trading = ["1000", "890", "880", "870", "860", "850", "840"]  # spot, which gave 100 to margin at first
    account = ScriptedAccount(UNTIMED, [[]], hubs=trading)
    account.margin = ["100"]
    spot, margin = (wallet.balances[0].free for wallet in take(account).reading.wallets)

    assert margin == 100 and spot < 900


def test_an_account_that_trades_without_a_pause_is_read_while_its_other_wallets_stand_still() -> None:
    account = ScriptedAccount(UNTIMED, [[]], hubs=[str(number) for number in range(1000, 900, -1)])
    account.margin = ["0", "100"]

    assert take(account).reading.wallets[1].balances[0].free == 100
    assert account.looks == 4


def test_an_account_that_never_stands_still_has_no_reading() -> None:
    flows = [[deposit(number, "1", "USDT", NOW)] for number in range(2 * MOST_LOOKS)]
    account = ScriptedAccount(UNTIMED, flows)

    with pytest.raises(ExchangeUnavailable, match="kept changing"):
        take(account)
    assert account.looks == MOST_LOOKS


def test_a_pause_while_income_is_read_costs_no_reading() -> None:
    account = ScriptedAccount(UNTIMED, [[]])
    account.pause = ExchangePaused("Wait.", asked_at=NOW, not_before=NOW + DAY)
    snapshot = take(account)

    assert (snapshot.income, snapshot.pause) == ((), account.pause)

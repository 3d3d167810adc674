"""Moves between wallets while they are read: what tells them from trades."""

from dataclasses import replace
from decimal import Decimal

from finance.observed import Balance, WalletReading, WalletState
from monitor.exchanges.binance.spot import read_assets
from monitor.snapshots.snapshot import hold_the_same, stand_still


def wallet(name: str, usdt: int, unrealised: int = 0, state: WalletState = WalletState.READ) -> WalletReading:
    balance = Balance(asset="USDT", free=Decimal(usdt), unrealised=Decimal(unrealised))
    return WalletReading(wallet=name, state=state, balances=(balance,))


def test_trades_change_spot_alone() -> None:
    before = (wallet("spot", 100), wallet("funding", 50))

    assert stand_still(before, (wallet("spot", 90), wallet("funding", 50)))
    assert not stand_still(before, (wallet("spot", 90), wallet("funding", 60)))
    assert stand_still((wallet("unified", 100), *before), (wallet("unified", 90), *before))
    assert not hold_the_same(before, (wallet("spot", 90), wallet("funding", 50)))


def test_profit_of_open_positions_is_no_move() -> None:
    before = (wallet("usd_m_futures", 100),)

    assert hold_the_same(before, (wallet("usd_m_futures", 107, unrealised=7),))
    assert not hold_the_same(before, (wallet("usd_m_futures", 108, unrealised=7),))


def test_a_wallet_that_fails_the_second_time_is_not_the_same() -> None:
    assert not hold_the_same((wallet("spot", 1),), (wallet("spot", 1, state=WalletState.FAILED),))


def test_what_grows_in_earn_is_no_move() -> None:
    """Binance shows flexible Earn in spot a second time, as LDUSDT, and it earns by the minute."""
    rows = [{"asset": name, "free": free} for name, free in (("LDUSDT", "100.1"), ("USDT", "5"))]
    later = [{"asset": name, "free": free} for name, free in (("LDUSDT", "100.2"), ("USDT", "5"))]
    before, after = (
        WalletReading(wallet="spot", state=WalletState.READ, balances=read_assets(one)) for one in (rows, later)
    )

    assert hold_the_same((before,), (after,))
    assert not hold_the_same((before,), (replace(after, balances=before.balances[:1]),))

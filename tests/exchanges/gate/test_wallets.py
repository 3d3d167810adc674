"""Gate's wallets over HTTP: every coin once, in classic accounts and in all unified modes, and no broken answer an empty one."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.decimals import ZERO
from finance.observed import WalletReading, WalletState
from monitor.errors import ExchangePaused, KeyRejected
from monitor.exchanges.gate import totals
from monitor.exchanges.gate.wallets import IN_POOL
from tests.exchanges.gate.account import CONTRACTS, POSITION, RICH, fill, read, wallets
from tests.exchanges.gate.server import GateServer, Reply, serve
from tests.monitor.notation import D

MODES = ("multi_currency", "portfolio", "single_currency")
OWN = {
    "isolated_margin": {"BTC": D("0.2"), "USDT": D(7), "USDC": D(7)},
    "earn_lending": {"USDT": D(50)},
    "dual_investment": {"USDT": D(30)},
    "structured": {"USDT": D(20)},
    "staking": {"USDT": D(10)},
    "loans": {"BTC": D(1), "USDT": D(-400)},
}
HELD = {
    "spot": {"USDT": D(101)},
    "cross_margin": {"ETH": D("1.5")},
    "futures_usdt": {"USDT": D(10)},
    "futures_btc": {"BTC": D("0.5")},
    "delivery": {"USDT": D(4)},
    "options": {"USDT": D(9)},
    **OWN,
}
POOL = {
    "USDT": {"available": "90", "freeze": "1", "borrowed": "0", "equity": "88.5", "total_liab": "0"},
    "ETH": {"available": "3", "freeze": "0", "borrowed": "1.5", "equity": "1.5", "total_liab": "1.5"},
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GateServer]:
    """A classic account with something everywhere; what fails is tried again without a pause."""
    monkeypatch.setattr("monitor.exchanges.http.connection.FIRST_PAUSE_SECONDS", 0)
    with serve() as running:
        fill(running)
        yield running


def held(found: dict[str, WalletReading]) -> dict[str, dict[str, Decimal]]:
    """What is in each wallet that holds something."""
    return {
        name: {balance.asset: balance.quantity for balance in one.balances}
        for name, one in found.items()
        if one.balances
    }


def add_up(found: dict[str, WalletReading]) -> dict[str, Decimal]:
    coins: dict[str, Decimal] = {}
    for balance in (balance for one in found.values() for balance in one.balances):
        coins[balance.asset] = coins.get(balance.asset, ZERO) + balance.quantity
    return coins


def test_a_classic_account_has_every_coin_once(server: GateServer) -> None:
    found = wallets(server)

    assert held(found) == HELD
    assert found["unified"].is_empty
    (position,) = found["futures_usdt"].positions
    assert (position.symbol, position.quantity, position.unrealised) == ("LTC_USDT", D("0.5"), D("-2.5"))
    assert found["futures_usdt"].balances[0].unrealised == D("-2.5")


def unify(server: GateServer, mode: str) -> None:
    """The same account, whose spot, margin and contracts are one pool now."""
    server.answer("/unified/unified_mode", {"mode": mode})
    server.answer("/unified/accounts", {"use_funding": False, "balances": POOL})
    server.answer("/futures/usdt/accounts", {**CONTRACTS, "total": "0", "margin_mode": 1})
    server.answer("/options/accounts", {"currency": "USDT", "equity": "9", "margin_mode": 2})


@pytest.mark.parametrize("mode", MODES)
def test_in_a_unified_account_spot_and_contracts_count_in_the_pool_alone(mode: str, server: GateServer) -> None:
    unify(server, mode)
    found = wallets(server)

    pool = {"unified": {"USDT": D("88.5"), "ETH": D("1.5")}}
    rest = {name: HELD[name] for name in ("futures_btc", "delivery")}  # which say nothing of a margin in the pool
    assert held(found) == pool | OWN
    assert rest.keys() <= {name for name, one in found.items() if one.problem == IN_POOL}
    assert [one.symbol for one in found["unified"].positions] == ["LTC_USDT"]
    assert {b.asset: b.unrealised for b in found["unified"].balances} == {"USDT": D("-2.5"), "ETH": ZERO}


def test_contracts_that_say_they_have_their_own_margin_count_beside_the_pool(server: GateServer) -> None:
    unify(server, "multi_currency")
    server.answer("/futures/btc/accounts", {**RICH["/futures/btc/accounts"], "margin_mode": 0})

    assert held(wallets(server))["futures_btc"] == {"BTC": D("0.5")}


@pytest.mark.parametrize(("equity", "left"), [("138.5", "88.5"), ("88.5", "88.5")], ids=["inside", "beside"])
def test_what_is_lent_and_serves_as_margin_counts_once(equity: str, left: str, server: GateServer) -> None:
    unify(server, "multi_currency")
    usdt = {**POOL["USDT"], "equity": equity, "funding": "50"}
    server.answer("/unified/accounts", {"use_funding": True, "balances": {"USDT": usdt}})

    assert held(wallets(server))["unified"] == {"USDT": D(left)}
    assert add_up(wallets(server))["USDT"] == D(left) + D(7 + 50 + 30 + 20 + 10 - 400)


def test_the_margin_of_isolated_positions_is_in_the_pool_too(server: GateServer) -> None:
    unify(server, "single_currency")
    server.answer("/unified/accounts", {"balances": {"USDT": {**POOL["USDT"], "iso_balance": "11.5"}}})

    assert held(wallets(server))["unified"] == {"USDT": D(100)}


def test_a_switch_between_two_readings_moves_no_money(server: GateServer) -> None:
    for path in ("/margin/cross/accounts", "/options/accounts", "/futures/btc/accounts", "/delivery/usdt/accounts"):
        server.refuse(path, 400, "USER_NOT_FOUND")
    before = add_up(wallets(server))
    unify(server, "multi_currency")
    server.refuse("/options/accounts", 400, "USER_NOT_FOUND")
    server.answer("/futures/usdt/positions", [POSITION])
    row = {"available": "111", "freeze": "0", "equity": "111", "total_liab": "0"}
    server.answer("/unified/accounts", {"balances": {"USDT": row}})

    assert add_up(wallets(server)) == before


def test_a_switch_that_is_not_over_is_no_reading(server: GateServer) -> None:
    server.answer("/futures/usdt/accounts", {**CONTRACTS, "margin_mode": 2})

    assert wallets(server)["futures_usdt"].state is WalletState.FAILED


BROKEN = ["", "<html>maintenance</html>", '{"success": false}']  # every other one is tried on the readers themselves
ASKED = [path for path in RICH if path not in ("/futures/usdt/contracts/LTC_USDT", "/wallet/total_balance")]


@pytest.mark.parametrize("path", ASKED)
def test_a_broken_answer_is_a_failed_wallet_and_never_an_empty_one(path: str, server: GateServer) -> None:
    whole = held(wallets(server))
    for body in (*BROKEN, None):
        reply: Reply = (502, {}, "<html>bad gateway</html>") if body is None else (200, {}, body)
        server.answer(path, lambda _, reply=reply: reply)
        found = wallets(server)
        failed = {name for name, one in found.items() if one.state is WalletState.FAILED}
        assert len(failed) == 1, (body, failed)
        left = {name: coins for name, coins in whole.items() if name not in failed}
        assert path == "/unified/unified_mode" or held(found) == left, body


def test_the_totals_are_asked_for_in_usdt_and_a_broken_one_is_none(server: GateServer) -> None:
    for body in BROKEN:
        server.answer("/wallet/total_balance", lambda _, body=body: (200, {}, body))
        assert (read(server).totals, read(server).has_totals) == ((), True)
    assert server.asked("/wallet/total_balance")[0] == {"currency": totals.CURRENCY}


TOTALS = {"details": {name: {"amount": "0", "currency": "USDT"} for name in
          ("spot", "margin", "cross_margin", "futures", "delivery", "options", "finance")}, "total": {}}  # fmt: skip


def test_what_was_empty_is_asked_again_when_its_total_says_so_and_loans_always(server: GateServer) -> None:
    server.answer("/wallet/total_balance", TOTALS)
    idle = tuple(HELD)
    found = wallets(server, idle)

    assert {name for name, one in found.items() if one.state is WalletState.READ} == {"spot", "loans", "unified"}
    more = {**TOTALS["details"], "futures": {"amount": "0", "unrealised_pnl": "-0.5", "currency": "USDT"}}
    server.answer("/wallet/total_balance", {**TOTALS, "details": more})
    found = wallets(server, idle)
    assert {name for name, one in found.items() if one.state is WalletState.SKIPPED}.isdisjoint(
        ("futures_usdt", "futures_btc")
    )


def test_bots_are_in_the_totals_alone_and_of_no_wallet(server: GateServer) -> None:
    details = {**TOTALS["details"], "quant": {"amount": "59.5", "currency": "USDT"}}
    server.answer("/wallet/total_balance", {**TOTALS, "details": details})

    assert [(one.value, one.wallets) for one in read(server).totals if one.name == "quant"] == [(D("59.5"), ())]


def test_the_totals_of_a_unified_account_are_added_up_where_money_is_one_pool(server: GateServer) -> None:
    unify(server, "portfolio")
    details = {"spot": {"amount": "70", "currency": "USDT"}, "futures": {"amount": "20", "currency": "USDT"},
               "margin": {"amount": "5", "currency": "USDT"}}  # fmt: skip
    server.answer("/wallet/total_balance", {"details": details, "total": {}})

    pool, isolated = read(server).totals
    assert (pool.name, pool.value) == ("spot + futures", D(90)) and {"unified", "spot", "futures_usdt"} <= {
        *pool.wallets
    }
    assert (isolated.name, isolated.wallets) == ("margin", ("isolated_margin",))


def test_a_right_that_is_missing_costs_its_own_wallet(server: GateServer) -> None:
    server.refuse("/earn/uni/lends", 403, "FORBIDDEN")
    lending = wallets(server)["earn_lending"]

    assert (
        lending.state is WalletState.NOT_OPENED and lending.refusal is not None and lending.refusal.code == "FORBIDDEN"
    )


@pytest.mark.parametrize("path", ["/spot/accounts", "/unified/unified_mode"])
def test_a_key_that_reads_nothing_is_rejected(path: str, server: GateServer) -> None:
    server.refuse(path, 403, "FORBIDDEN")

    with pytest.raises(KeyRejected, match="API Management"):
        read(server)


def test_too_many_requests_are_waited_out_until_the_moment_that_the_exchange_names(server: GateServer) -> None:
    server.refuse("/spot/accounts", 429, "TOO_MANY_REQUESTS", **{"X-Gate-RateLimit-Reset-Timestamp": "4102444000"})

    with pytest.raises(ExchangePaused) as paused:
        read(server)
    assert paused.value.not_before - paused.value.asked_at > timedelta(days=2.9)  # the longest that is believed is 3


def test_a_refused_time_stamp_sets_the_clock_and_is_asked_again(server: GateServer) -> None:
    times: list[int] = []

    def once(_: Any) -> Any:
        times.append(1)
        refused: Reply = (
            400,
            {},
            '{"label": "REQUEST_EXPIRED", "message": "gap between request Timestamp and server time"}',
        )
        return refused if len(times) == 1 else RICH["/spot/accounts"]

    server.answer("/spot/accounts", once)

    assert wallets(server)["spot"].state is WalletState.READ
    assert server.asked("/spot/time")

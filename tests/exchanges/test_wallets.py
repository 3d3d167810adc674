"""Every wallet over HTTP: what is owned less what is owed, once, and no call for a wallet that holds nothing."""

from collections import Counter
from decimal import Decimal as D
from typing import Any

import pytest

from tests.venue import RunningVenue
from tests.worker import Worker

USED = ("funding", "earn_flexible", "earn_locked", "onchain_yields", "futures", "coin_m", "cross_margin",
        "isolated_margin", "options")  # fmt: skip
OURS = {"futures": "usd_m_futures", "coin_m": "coin_m_futures"}
PATHS = {
    "earn_flexible": "/sapi/v1/simple-earn/flexible/position",
    "earn_locked": "/sapi/v1/simple-earn/locked/position",
    "onchain_yields": "/sapi/v1/onchain-yields/locked/position",
    "cross_margin": "/sapi/v1/margin/account",
    "isolated_margin": "/sapi/v1/margin/isolated/account",
    "usd_m_futures": "/fapi/v3/account",
    "coin_m_futures": "/dapi/v1/account",
    "portfolio_margin": "/papi/v1/balance",
    "options": "/eapi/v1/marginAccount",
    "loans": "/sapi/v2/loan/flexible/ongoing/orders",
}
TOTALS = "/sapi/v1/asset/wallet/balance"
BROKEN: dict[str, dict[str, Any]] = {
    "a page": {"status": 200, "body": "<html>maintenance</html>"},
    "an empty list": {"status": 200, "body": "[]"},
    "an empty object": {"status": 200, "body": "{}"},
    "cut JSON": {"status": 200, "body": '{"assets": [{"asset": "BTC", "fr'},
    "an error": {"status": 500, "body": '{"code": -1000, "msg": "unknown"}'},
}


def run_next_hour(worker: Worker, venue: RunningVenue) -> dict[str, Any]:
    venue.advance(hours=1)
    worker.run(venue.now())
    return worker.hours()[-1]


def quantities(worker: Worker, wallet: str) -> dict[str, D]:
    """What the newest snapshot says of one wallet."""
    rows = worker.rows(
        "select asset, free + locked - owed as quantity from holdings where wallet = %(wallet)s"
        " and snapshot_id = (select id from snapshots order by taken_at desc limit 1)",
        wallet=wallet,
    )
    return {row["asset"]: row["quantity"] for row in rows}


def truth(venue: RunningVenue) -> dict[str, D]:
    """What the account really has, less what it owes."""
    told = venue.truth()
    held: Counter[str] = Counter()
    for wallet in told["wallets"].values():
        for asset, quantity in wallet.items():
            held[asset] += D(quantity)  # type: ignore[assignment]
    return {asset: D(quantity) for asset, quantity in held.items() if quantity}


def found(worker: Worker) -> dict[str, D]:
    rows = worker.rows(
        "select asset, sum(free + locked - owed - unrealised) as quantity from holdings"
        " where snapshot_id = (select id from snapshots order by taken_at desc limit 1) group by asset"
    )
    return {row["asset"]: row["quantity"] for row in rows if row["quantity"]}


def calls(venue: RunningVenue) -> Counter[str]:
    """How often each path was asked since the log was cleared."""
    asked = Counter(request["path"] for request in venue.requests())
    venue.control("/requests", method="DELETE")
    return asked


def test_the_sum_over_every_wallet_is_what_the_exchange_really_holds(worker: Worker, venue: RunningVenue) -> None:
    for wallet in USED:
        venue.do(f"transfer 100 USDT from spot to {wallet}")
    venue.do("transfer 0.02 BTC from spot to coin_m")
    venue.do("borrow 0.3 ETH")
    venue.do("charge 0.00012 ETH")
    venue.do("borrow 40 USDT on isolated_margin")
    venue.do("borrow 200 USDT on loans")
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert (hour["status"], hour["reason"]) == ("COMPLETE", "")
    assert found(worker) == truth(venue)


def test_a_debt_and_its_interest_are_taken_off(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 500 USDT from spot to cross_margin")
    venue.do("borrow 1000 USDT")
    venue.do("charge 0.5 USDT")
    worker.run(venue.now())

    assert worker.rows("select free, owed, value from holdings where wallet = 'cross_margin'") == [
        {"free": 1500, "owed": D("1000.5"), "value": D("499.5")}
    ]


def test_one_coin_in_several_isolated_pairs_adds_up(worker: Worker, venue: RunningVenue) -> None:
    side = '{{"asset": "{}", "free": "{}", "locked": "0", "borrowed": "{}", "interest": "0"}}'
    pairs = ",".join(
        f'{{"symbol": "{coin}USDT", "baseAsset": {side.format(coin, 0, 0)}, "quoteAsset": {side.format("USDT", free, owed)}}}'
        for coin, free, owed in (("BTC", "100", "30"), ("ETH", "7", "0"))
    )
    venue.fault(PATHS["isolated_margin"], {"status": 200, "body": f'{{"assets": [{pairs}]}}'})
    worker.run(venue.now())

    assert quantities(worker, "isolated_margin") == {"USDT": 77}


def test_profit_of_open_positions_is_in_the_balance_and_kept_apart(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 1000 USDT from spot to futures")
    venue.do("transfer 0.02 BTC from spot to coin_m")
    venue.do("short 0.01 BTCUSDT")
    venue.do("long 3 BTCUSD_PERP")
    venue.advance(hours=3)
    worker.run(venue.now())

    rows = worker.rows("select * from positions order by wallet")
    assert [(r["wallet"], r["symbol"], r["side"], r["quantity"], r["margin_asset"]) for r in rows] == [
        ("coin_m_futures", "BTCUSD_PERP", "both", 3, "BTC"),
        ("usd_m_futures", "BTCUSDT", "both", D("-0.01"), "USDT"),
    ]
    coin, linear = rows
    assert linear["unrealised"] == D("-0.01") * (linear["mark_price"] - linear["entry_price"]) != 0
    assert abs(coin["unrealised"] - 300 * (1 / coin["entry_price"] - 1 / coin["mark_price"])) < D("1e-8")
    kept = worker.rows("select wallet, unrealised from holdings where unrealised <> 0 order by wallet")
    assert kept == [{"wallet": r["wallet"], "unrealised": r["unrealised"]} for r in rows]
    assert found(worker) == truth(venue)


def test_portfolio_margin_counts_its_parts_once(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 1000 USDT from spot to futures")
    venue.do("transfer 0.02 BTC from spot to coin_m")
    venue.do("transfer 300 USDT from spot to cross_margin")
    venue.do("borrow 50 USDT")
    venue.do("long 0.01 BTCUSDT")
    worker.run(venue.now())
    before = found(worker)
    venue.do("unify")  # margin still answers, futures refuse the key; portfolio margin was never opened before
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["reason"]) == ("COMPLETE", "")
    assert found(worker) == before == truth(venue)
    assert set(quantities(worker, "portfolio_margin")) == {"USDT", "BTC"}
    assert quantities(worker, "cross_margin") == quantities(worker, "usd_m_futures") == {}


def test_an_account_that_leaves_portfolio_margin_has_its_wallets_again(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 1000 USDT from spot to futures")
    venue.do("unify")
    worker.run(venue.now())
    assert quantities(worker, "portfolio_margin") == {"USDT": 1000}
    venue.do("unify off")
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["reason"]) == ("COMPLETE", "")
    assert quantities(worker, "usd_m_futures") == {"USDT": 1000}
    assert found(worker) == truth(venue)


def test_a_part_of_portfolio_margin_that_was_never_used_is_an_empty_text(worker: Worker, venue: RunningVenue) -> None:
    row = {"asset": "USDT", "crossMarginFree": "5", "crossMarginLocked": "", "crossMarginBorrowed": "1"}
    row |= dict.fromkeys(("crossMarginInterest", "umWalletBalance", "umUnrealizedPNL", "cmUnrealizedPNL"), "")
    body = str([row | {"cmWalletBalance": "-2"}]).replace("'", '"')
    venue.fault(PATHS["portfolio_margin"], {"status": 200, "body": body})
    worker.run(venue.now())

    assert quantities(worker, "portfolio_margin") == {"USDT": 2}


def test_wallets_that_hold_nothing_are_asked_once_a_day(worker: Worker, venue: RunningVenue) -> None:
    worker.run(venue.now())
    first = calls(venue)
    hourly: Counter[str] = Counter()
    for _ in range(3):
        assert run_next_hour(worker, venue)["status"] == "COMPLETE"
        hourly += calls(venue)
    venue.advance(hours=20)
    assert run_next_hour(worker, venue)["status"] == "COMPLETE"
    next_day = calls(venue)

    for wallet, path in PATHS.items():
        assert (first[path], hourly[path]) == (1, 0), wallet
        assert next_day[path] == 1, wallet
    assert (first[TOTALS], hourly[TOTALS]) == (1, 3)


@pytest.mark.parametrize("wallet", [wallet for wallet in USED if wallet != "funding"])
@pytest.mark.usefixtures("first_hour")
def test_money_that_comes_to_an_idle_wallet_is_read_in_the_same_hour(
    wallet: str, worker: Worker, venue: RunningVenue
) -> None:
    venue.do(f"transfer 700 USDT from spot to {wallet}")
    assert run_next_hour(worker, venue)["status"] == "COMPLETE"

    assert quantities(worker, OURS.get(wallet, wallet)) == {"USDT": 700}
    assert found(worker) == truth(venue)


def test_a_loan_is_seen_as_soon_as_its_pledge_is(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 1000 USDT from spot to earn_flexible")
    worker.run(venue.now())
    venue.do("borrow 300 USDT on loans")
    pledged = '{"rows": [{"asset": "USDT", "totalAmount": "1000", "collateralAmount": "600"}], "total": 1}'
    venue.fault(PATHS["earn_flexible"], {"status": 200, "body": pledged})
    run_next_hour(worker, venue)

    assert quantities(worker, "loans") == {"USDT": -300}
    (earn,) = worker.rows(
        "select free, locked from holdings where wallet = 'earn_flexible' order by snapshot_id desc limit 1"
    )
    assert earn == {"free": 400, "locked": 600}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.usefixtures("first_hour")
def test_without_the_exchanges_totals_every_wallet_is_read(broken: str, worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 700 USDT from spot to cross_margin")
    venue.fault(TOTALS, BROKEN[broken])
    hour = run_next_hour(worker, venue)

    assert hour["status"] == "COMPLETE"
    assert quantities(worker, "cross_margin") == {"USDT": 700}
    logged = worker.rows("select message from system_logs where message like '%%own totals%%'")
    assert logged, "that there was nothing to compare with is told"


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("wallet", ["coin_m_futures", "cross_margin", "isolated_margin", "options", "portfolio_margin"])
def test_a_wallet_that_answers_nonsense_leaves_the_hour_without_a_nav(
    wallet: str, broken: str, worker: Worker, venue: RunningVenue
) -> None:
    for used in ("coin_m", "cross_margin", "isolated_margin", "options"):
        venue.do(f"transfer 10 USDT from spot to {used}")
    if wallet == "portfolio_margin":
        venue.do("unify")
    worker.run(venue.now())
    venue.fault(PATHS[wallet], BROKEN[broken])
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert wallet in hour["reason"]


def test_a_wallet_that_holds_money_and_is_refused_now_leaves_the_hour_without_a_nav(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.do("transfer 10 USDT from spot to cross_margin")
    worker.run(venue.now())
    venue.fault(
        PATHS["cross_margin"], {"status": 400, "body": '{"code": -3003, "msg": "Margin account does not exist."}'}
    )
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert "cross_margin wallet was not read: it holds 10.00 USDT (Cross Margin)" in hour["reason"]

    venue.do("transfer 10 USDT from cross_margin to spot")
    assert run_next_hour(worker, venue)["status"] == "COMPLETE"
    (row,) = worker.rows("select * from account_wallets where wallet = 'cross_margin'")
    assert (row["state"], row["was_used"]) == ("refused", True)
    assert "-3003" in row["message"]


@pytest.mark.usefixtures("first_hour")
def test_a_wallet_read_as_empty_that_the_exchange_values_is_no_zero(worker: Worker, venue: RunningVenue) -> None:
    venue.fault("/sapi/v3/asset/getUserAsset", {"status": 200, "body": "[]"})
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert "a wallet that was read as empty holds" in hour["reason"] and "Spot" in hour["reason"]


@pytest.mark.usefixtures("first_hour")
def test_what_no_api_tells_of_is_listed(worker: Worker, venue: RunningVenue) -> None:

    unseen = {row["wallet"] for row in worker.rows("select wallet from account_wallets where state = 'unseen'")}
    assert {"trading bots", "copy trading"} <= unseen

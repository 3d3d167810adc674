"""Explanations end to end: the exchange over HTTP, a real database, the command."""

import json
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest

from monitor.__main__ import parse_arguments
from monitor.performance.verification import verify
from sql.connect import connect
from tests.lived_once import Relive
from tests.monitor.notation import D
from tests.postgres import Database
from tests.venue import Opener as VenueOpener
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

HTML = {"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>maintenance</html>"}
TRADES = "/api/v3/myTrades"
FILL_PATHS = (TRADES, "/sapi/v1/convert/tradeFlow", "/sapi/v1/asset/dribblet", "/sapi/v1/margin/myTrades")
LIFE = """
01:10 buy 0.01 BTCUSDT
01:20 deposit 0.2 ETH
01:40 sell 0.005 BTCUSDT
02:10 convert 500 USDT to SOL
02:30 withdraw 300 USDT fee 1 completed after 5m
02:40 dust SOL
03:10 bnbfees on
03:11 buy for 200 ADAUSDT
03:12 sell 100 ADAUSDT
03:13 buy 0.05 ETHBTC
04:10 transfer 900 USDT from spot to earn_flexible
04:20 reward 0.001 ETH flexible
04:30 dividend 3 ADA
04:40 rebate 0.5 USDT
05:10 fiat deposit 1000 TRY
05:20 p2p buy 50 USDT
05:30 pay send 20 USDT
05:40 card buy 0.001 BTC for 100 EUR
06:10 transfer 400 USDT from spot to futures
06:20 long 0.02 ETHUSDT
06:40 close ETHUSDT
07:10 lock 0.01 BTC
07:20 buy 0.002 BTCUSDT
07:21 sell 0.002 BTCUSDT
08:10 buy for 300 LINKUSDT
08:20 sell 2 LINKUSDT
08:30 deposit 700 USDT
08:40 convert 1 LINK to BTC
"""


def explanations(worker: Worker, account: int = 1) -> list[dict[str, Any]]:
    return worker.rows("select * from explanations where account_id = %(a)s order by hour", a=account)


def missing(row: dict[str, Any]) -> dict[str, Decimal]:
    """Units that nothing explains, by asset."""
    units = {asset: told["units"].get("residual") for asset, told in row["assets"].items()}
    return {asset: D(residual) for asset, residual in units.items() if residual}


def live(worker: Worker, venue: RunningVenue, story: str) -> None:
    """Let the lines happen at their times of the first day, with a run two minutes past every hour."""
    for line in story.split("\n"):
        clock, _, words = line.partition(" ")
        if not words:
            continue
        moment = venue.now().replace(hour=int(clock[:2]), minute=int(clock[3:]))
        while venue.now().hour < moment.hour:
            run_next_hour(worker, venue)
        venue.set_clock(moment)
        venue.do(words)
    run_next_hour(worker, venue)


def run_next_hour(worker: Worker, venue: RunningVenue) -> None:
    venue.set_clock((venue.now() + timedelta(hours=1)).replace(minute=2, second=0))
    worker.run(venue.now())


@pytest.mark.usefixtures("first_hour")
def test_every_hour_of_a_life_with_everything_in_it_is_explained_to_the_last_digit(
    worker: Worker, venue: RunningVenue
) -> None:
    live(worker, venue, LIFE)

    rows = explanations(worker)
    hours = {hour["hour"]: hour for hour in worker.hours()}
    assert len(rows) == 8
    assert [(r["hour"].hour, missing(r), r["cause"]) for r in rows if r["state"] != "explained"] == []
    assert [r["flows"] - hours[r["hour"]]["flows"] for r in rows] == [0] * 8
    with localcontext(prec=200):
        navs = [(hours[r["from_hour"]]["nav"], hours[r["hour"]]["nav"]) for r in rows]
        assert [r["nav_change"] for r in rows] == [after - before for before, after in navs]
    kinds = {(part, kind) for r in rows for part in ("income", "fees") for kind in r["kinds"][part]}
    assert {
        ("income", "earn_interest"),
        ("income", "dividend"),
        ("fees", "trading_commission"),
        ("fees", "futures_commission"),
    } <= kinds
    assert any(r["positions"] for r in rows)
    assert worker.rows("select * from flow_valuations where estimated") == []


BORROWED = """
01:10 transfer 1000 USDT from spot to cross_margin
01:20 borrow 500 USDT on cross_margin
01:30 buy 0.01 BTCUSDT on cross_margin
02:10 charge 0.25 USDT on cross_margin
02:20 transfer 300 USDT from spot to futures
02:30 long 0.02 ETHUSDT
03:10 funding pay 0.5 USDT ETHUSDT
04:10 sell 0.004 BTCUSDT on cross_margin
04:20 repay 300 USDT on cross_margin
05:30 close ETHUSDT
"""


ELSEWHERE = """
01:05 transfer 900 USDT from spot to earn_flexible
01:10 interest 6.5 USDT
01:15 transfer 0.01 BTC from spot to earn_locked
01:20 reward 0.0001 BTC locked
01:25 reward 0.0001 BTC flexible BONUS
02:10 transfer 100 USDT from spot to funding
02:15 card sell 20 USDT for 18 EUR
02:20 p2p sell 25 USDT fee 0.1
02:25 fiat deposit 2000 TRY fee 10
02:30 card buy 10 USDT for 400 TRY as cash
02:35 fiat withdraw 100 TRY fee 1
03:05 transfer 0.005 BTC from spot to coin_m
03:10 long 2 BTCUSD_PERP
04:10 transfer 200 USDT from spot to futures
04:15 short 0.01 BTCUSDT
04:20 funding receive 0.3 USDT BTCUSDT
05:10 close BTCUSD_PERP
05:15 close BTCUSDT
06:10 borrow 100 USDT on isolated_margin
06:15 transfer 50 USDT from spot to isolated_margin
06:20 buy 0.001 BTCUSDT on isolated_margin
06:30 charge 0.01 USDT on isolated_margin
"""


@pytest.mark.usefixtures("first_hour")
def test_every_wallet_and_every_kind_of_income_is_explained(worker: Worker, venue: RunningVenue) -> None:
    live(worker, venue, ELSEWHERE)

    rows = explanations(worker)
    assert [(r["hour"].hour, missing(r), r["cause"]) for r in rows if r["state"] != "explained"] == []
    assert [bool(r["positions"]) for r in rows] == [False, False, True, True, True, False]
    assert {r["market"] for r in worker.rows("select market from fills")} >= {"convert", "isolated_margin"}


UNIFIED = """
01:10 transfer 1000 USDT from spot to cross_margin
01:15 transfer 500 USDT from spot to futures
01:20 transfer 0.01 BTC from spot to coin_m
01:30 long 0.02 ETHUSDT
01:40 borrow 200 USDT on cross_margin
01:50 buy 0.004 BTCUSDT on cross_margin
02:10 unify
02:20 charge 0.25 USDT on cross_margin
02:30 buy 0.003 BTCUSDT on cross_margin
03:10 funding pay 0.5 USDT ETHUSDT
03:20 short 2 BTCUSD_PERP
04:10 close ETHUSDT
04:20 close BTCUSD_PERP
05:10 sell 0.002 BTCUSDT on cross_margin
05:20 repay 100 USDT on cross_margin
06:10 unify off
06:20 buy 0.001 BTCUSDT on cross_margin
"""


@pytest.mark.usefixtures("first_hour")
def test_portfolio_margin_is_explained_and_what_two_histories_tell_is_counted_once(
    worker: Worker, venue: RunningVenue
) -> None:
    live(worker, venue, UNIFIED)

    rows = explanations(worker)
    assert [(r["hour"].hour, missing(r), r["cause"]) for r in rows if r["state"] != "explained"] == []
    kinds = [kind for r in rows for kind in (*r["kinds"]["income"], *r["kinds"]["fees"])]
    assert {"funding_fee", "futures_commission", "margin_interest", "trading_commission"} <= {*kinds}
    happened = venue.exchange.venue.accounts["test"]
    told = [row for row in happened.rows if row.history != "transfer" and row.extra.get("kind") != "transfer"]
    assert len(worker.rows("select from income")) == len(told) == 8
    assert len(worker.rows("select from fills where market = 'cross_margin'")) == 4
    ordered = (
        "select from order_revisions o where (o.market, o.symbol, o.exchange_id) = (f.market, f.symbol, f.order_id)"
    )
    assert worker.rows(f"select f.id from fills f where not exists ({ordered})") == []


LOAN = """
01:10 transfer 500 USDT from spot to earn_flexible
01:20 borrow 1000 USDT on loans
02:20 charge 0.02 USDT on loans
03:10 charge 0.03 USDT on loans
03:20 buy for 100 BTCUSDT
04:10 charge 0.03 USDT on loans
04:20 airdrop 5 USDT
05:10 borrow 200 USDT on loans
05:20 withdraw 150 USDT
06:10 repay 1200.08 USDT on loans
"""


@pytest.mark.usefixtures("first_hour")
def test_the_growth_of_a_loan_is_its_interest_where_exactly_that_is_missing(
    worker: Worker, venue: RunningVenue
) -> None:
    live(worker, venue, LOAN)

    rows = explanations(worker)
    assert [r["kinds"]["fees"].get("loan_interest") for r in rows] == [
        None, "-0.02000000", "-0.03000000", None, None, None,
    ]  # fmt: skip
    assert [missing(r) for r in rows] == [{}, {}, {}, {"USDT": D("4.97")}, {}, {}]
    assert verify(worker.db).differences == ()


OPTIONS = """
01:10 transfer 2000 USDT from spot to options
01:20 option buy 0.5 BTC-260626-80000-C at 900 fee 1.5
02:10 option mark BTC-260626-80000-C at 1100
03:10 option sell 0.1 ETH-260327-2000-P at 400 fee 0.4
03:20 option sell 0.2 BTC-260626-80000-C at 1050 fee 0.6
04:10 option settle ETH-260327-2000-P at 250
05:10 option settle BTC-260626-80000-C at 0
06:10 transfer 500 USDT from options to spot
"""


@pytest.mark.usefixtures("first_hour")
def test_premiums_values_and_settlements_of_options_are_explained(worker: Worker, venue: RunningVenue) -> None:
    live(worker, venue, OPTIONS)

    rows = explanations(worker)
    assert [(r["hour"].hour, missing(r), r["cause"]) for r in rows if r["state"] != "explained"] == []
    profits = [D(0), D(100), D(-25), D(15), D(-315), D(0)]
    assert [r["positions"] for r in rows] == profits
    assert [r["kinds"]["fees"] for r in rows if r["kinds"]["fees"]] == [
        {"futures_commission": "-1.50000000"},
        {"futures_commission": "-1.00000000"},
    ]
    held = worker.rows("select symbol, side, quantity, unrealised from positions order by snapshot_id desc, symbol")
    assert held[-1] == {"symbol": "BTC-260626-80000-C", "side": "long", "quantity": D("0.5"), "unrealised": D(0)}


@pytest.mark.usefixtures("first_hour")
def test_margin_debts_and_open_positions_are_explained(worker: Worker, venue: RunningVenue) -> None:
    live(worker, venue, BORROWED)

    rows = explanations(worker)
    assert [(r["hour"].hour, missing(r), r["cause"]) for r in rows if r["state"] != "explained"] == []
    assert {r["market"] for r in worker.rows("select market from fills")} >= {"cross_margin"}
    assert [bool(r["positions"]) for r in rows] == [False, True, True, True, True]
    assert {kind for r in rows for kind in r["kinds"]["fees"]} >= {"margin_interest", "futures_commission"}
    assert rows[2]["kinds"]["income"] == {"funding_fee": "-0.50000000"}


@pytest.mark.parametrize(
    ("line", "asset", "quantity"), [("airdrop 3 LINK", "LINK", "3"), ("vanish 0.01 BTC", "BTC", "-0.01")]
)
@pytest.mark.usefixtures("first_hour")
def test_what_no_history_tells_is_found_and_named(
    line: str, asset: str, quantity: str, worker: Worker, venue: RunningVenue
) -> None:
    venue.do("buy 0.002 BTCUSDT")
    venue.do(line)
    run_next_hour(worker, venue)
    run_next_hour(worker, venue)

    hidden, after = explanations(worker)
    (warning,) = worker.rows("select * from system_logs where level = 'warning'")
    assert (hidden["state"], missing(hidden)) == ("unexplained", {asset: D(quantity)})
    assert (after["state"], after["residual"]) == ("explained", 0)
    assert f"{abs(D(quantity))} {asset}" in hidden["cause"] and hidden["cause"] in warning["message"]


@pytest.mark.usefixtures("first_hour")
def test_little_that_is_unexplained_is_shown_and_not_warned_of(worker: Worker, venue: RunningVenue) -> None:
    venue.do("airdrop 0.1 LINK")
    run_next_hour(worker, venue)

    (row,) = explanations(worker)
    assert (row["state"], missing(row)) == ("unexplained", {"LINK": D("0.1")})
    assert worker.rows("select * from system_logs where message like '%%unexplained%%'") == []


def test_an_hour_in_which_nothing_was_traded_asks_for_no_fills(worker: Worker, venue: RunningVenue) -> None:
    worker.run(venue.now())
    venue.do("deposit 100 USDT")
    run_next_hour(worker, venue)

    assert explanations(worker)[0]["state"] == "explained"
    assert [r["path"] for r in venue.requests() if r["path"] in FILL_PATHS] == []


@pytest.mark.usefixtures("first_hour")
def test_fills_that_cannot_be_read_void_no_hour_and_are_read_by_a_later_run(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.do("buy 0.01 BTCUSDT")
    for path in FILL_PATHS:
        venue.fault(path, HTML)
    run_next_hour(worker, venue)
    (before,) = explanations(worker)
    told = worker.rows("select message from system_logs order by id")[0]["message"]
    venue.clear_faults()
    run_next_hour(worker, venue)

    assert [h["status"] for h in worker.hours()] == ["COMPLETE"] * 3
    assert (before["state"], set(missing(before))) == ("unexplained", {"BTC", "USDT"})
    assert "trade" in before["cause"] and "Fills could not be read" in told
    assert [r["state"] for r in explanations(worker)] == ["explained", "explained"]


@pytest.mark.usefixtures("first_hour")
def test_a_ban_while_fills_are_read_silences_the_next_run(worker: Worker, venue: RunningVenue) -> None:
    venue.do("buy 0.01 BTCUSDT")
    venue.fault(FILL_PATHS[1], {"status": 418, "headers": {"Retry-After": "7200"}, "body": "{}"})
    run_next_hour(worker, venue)

    assert worker.hours()[-1]["status"] == "COMPLETE"
    assert len(worker.rows("select * from exchange_pauses")) == 1


@pytest.mark.usefixtures("first_hour")
def test_a_deposit_told_late_explains_its_hour_after_all(worker: Worker, venue: RunningVenue) -> None:
    venue.do("deposit 500 USDT shown after 3h")
    for _ in range(2):
        run_next_hour(worker, venue)
    first = explanations(worker)[0]
    for _ in range(2):
        run_next_hour(worker, venue)

    assert missing(first) == {"USDT": D(500)}
    assert [r["state"] for r in explanations(worker)] == ["explained"] * 4
    assert [r["flows"] for r in explanations(worker)] == [500, 0, 0, 0]


@pytest.mark.usefixtures("first_hour")
def test_a_trade_in_the_second_of_the_reading_leaves_no_residual(worker: Worker, venue: RunningVenue) -> None:
    venue.set_clock(venue.now().replace(hour=2, minute=2))
    venue.advance(seconds=0.4)
    venue.do("buy 0.01 BTCUSDT")
    worker.run(venue.now())
    run_next_hour(worker, venue)

    assert [(r["state"], r["trading"] + r["fees"] != 0) for r in explanations(worker)] == [
        ("explained", True),
        ("explained", False),
    ]


@pytest.mark.usefixtures("first_hour")
def test_hours_asleep_leave_nothing_out(worker: Worker, venue: RunningVenue) -> None:
    venue.do("buy 0.01 BTCUSDT")
    venue.advance(hours=30)
    venue.do("deposit 0.1 BTC")
    run_next_hour(worker, venue)

    rows, hours = explanations(worker), worker.hours()
    with localcontext(prec=200):
        assert sum(r["nav_change"] for r in rows) == hours[-1]["nav"] - hours[0]["nav"]
    assert [r["from_hour"] for r in rows] == [hours[0]["hour"], *(r["hour"] for r in rows[:-1])]
    assert {r["state"] for r in rows} == {"explained"}


@pytest.mark.usefixtures("first_hour")
def test_a_run_repeated_in_the_hour_changes_no_explanation(worker: Worker, venue: RunningVenue) -> None:
    venue.do("buy 0.01 BTCUSDT")
    run_next_hour(worker, venue)
    tables = ("explanations", "fills", "traded_pairs", "system_logs")
    before = {table: worker.rows(f"select * from {table} order by 1, 2, 3") for table in tables}
    venue.advance(minutes=5)
    worker.run(venue.now())

    assert {table: worker.rows(f"select * from {table} order by 1, 2, 3") for table in tables} == before
    assert before["fills"]


@pytest.mark.usefixtures("first_hour")
def test_a_trade_before_a_deposit_is_in_the_value_just_before_it(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(minutes=10)
    venue.do("buy for 2500 ETHUSDT")
    venue.advance(minutes=10)
    venue.do("convert 400 USDT to SOL")
    venue.advance(minutes=10)
    held = {a: D(q) for a, q in venue.truth()["wallets"]["spot"].items()}
    minute = venue.now().replace(second=0)
    venue.do("deposit 1 BTC")
    run_next_hour(worker, venue)

    (flow,) = worker.rows("select * from flow_valuations where account_id = 1 and occurred_at >= %(m)s", m=minute)
    rows = worker.rows("select asset, price from minute_prices where at = %(m)s", m=minute)
    prices = {"USDT": D(1)} | {r["asset"]: r["price"] for r in rows}
    assert set(held) == {"USDT", "BTC", "ETH", "SOL"}
    assert flow["nav_before"] == sum(quantity * prices[asset] for asset, quantity in held.items())
    assert (flow["estimated"], flow["reason"]) == (False, "")


# ---------------------------------------------------------------- the command


@pytest.fixture
def explained(worker: Worker, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live_three_hours`."""
    return relive(worker, venue, live_three_hours)


def live_three_hours(worker: Worker, venue: RunningVenue) -> None:
    """Trades, an airdrop that nothing tells of, and a deposit."""
    worker.run(venue.now())
    live(worker, venue, "01:30 buy 0.0123 BTCUSDT\n02:10 airdrop 3 LINK\n03:10 deposit 0.1 ETH")


def explain(worker: Worker, *words: str) -> int:
    arguments = parse_arguments(["explain", *words])
    status: int = arguments.run(worker.db, worker.settings, arguments, datetime.fromisoformat("2026-03-01T04:30+00:00"))
    return status


def amounts(text: str) -> dict[str, Decimal]:
    """The figures of lines that end with USDT, by name."""
    lines = [line.rsplit(maxsplit=2) for line in text.splitlines() if line.endswith(" USDT")]
    return {name.strip(): D(amount.replace(",", "")) for name, amount, _ in lines}


def test_what_is_shown_adds_up_to_the_cent(explained: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    status = explain(explained, "--account", "test")
    told = capsys.readouterr().out

    shown = amounts(told)
    parts = [shown[p] for p in ("price effect", "trading", "positions", "flows", "income", "fees", "residual")]
    gains = [amount for name, amount in shown.items() if name in ("BTC", "ETH", "LINK", "USDT")]
    assert status == 1
    assert shown["NAV before"] + sum(parts) == shown["NAV after"]
    assert abs(sum(gains) - (sum(parts) - shown["flows"])) <= D("0.01")
    assert shown["trading"] != 0 and shown["residual"] > 0
    assert "2026-03-01 02:00 to 2026-03-01 03:00 UTC" in told and "3 LINK" in told
    assert "paid in other coins count at the price of their minute.\n" in told


def test_json_tells_every_digit_and_the_unexplained_hours(
    explained: Worker, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect(database.owner_url, name="test", schema="monitor") as owner:  # one is of before the rule
        owner.execute("update explanations set booking = 1 where account_id = 1 and hour = '2026-03-01T03:00Z'")
    explain(explained)
    assert "of their minute, at the closing price of their hour in 1 of 3 hours.\n" in capsys.readouterr().out
    explain(explained, "--json")
    (told,) = json.loads(capsys.readouterr().out)["accounts"]

    rows = explanations(explained)
    assert (told["account"], told["hours"], told["state"]) == ("test", 3, "unexplained")
    assert (
        D(told["nav_change"])
        == sum(D(amount) for amount in told["parts"].values())
        == sum(r["nav_change"] for r in rows)
    )
    assert told["hours_by_booking"] == {"closing": 1, "minute": 2}
    assert [(h["to"], h["booking"], [a["asset"] for a in h["assets"]]) for h in told["unexplained"]] == [
        ("2026-03-01T03:00Z", "closing", ["LINK"])
    ]


def test_a_period_holds_the_hours_that_begin_and_end_in_it(
    explained: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    status = explain(explained, "--from", "2026-03-01T03:00", "--to", "2026-03-01T04:00Z", "--json")
    (told,) = json.loads(capsys.readouterr().out)["accounts"]

    assert (status, told["hours"], told["from"], told["to"]) == (0, 1, "2026-03-01T03:00Z", "2026-03-01T04:00Z")


def test_a_time_without_hours_is_said(explained: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(explained, "--from", "2025-01-01", "--to", "2025-01-02") == 3
    assert "No hour between" in capsys.readouterr().err


TWO = """
+0m account one key key-one-0123456789 secret secret-one-0123456789
+0m deposit 20000 USDT
+0m account two key key-two-0123456789 secret secret-two-0123456789
+0m deposit 3000 USDT
"""


def test_fills_that_are_found_late_correct_the_total_of_all_accounts(
    open_worker: Opener, open_venue: VenueOpener
) -> None:
    venue = open_venue(TWO)
    worker = open_worker(venue)
    for name in ("one", "two"):
        worker.add(name, f"key-{name}-0123456789", f"secret-{name}-0123456789")
    worker.run(venue.now())
    venue.advance(minutes=10)
    venue.do("buy for 9000 BTCUSDT", account="one")
    venue.advance(minutes=20)
    venue.do("deposit 500 USDT", account="two")
    for path in FILL_PATHS:
        venue.fault(path, HTML)
    run_next_hour(worker, venue)
    statement = "select nav_before, estimated from flow_valuations where account_id = 0 and value = 500"
    (before,) = worker.rows(statement)
    venue.clear_faults()
    run_next_hour(worker, venue)

    (after,) = worker.rows(statement)
    assert (before["estimated"], after["estimated"]) == (True, False)
    assert before["nav_before"] != after["nav_before"]

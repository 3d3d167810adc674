"""Our figures beside the exchange's own: stored, told when they begin to differ, and no NAV without what is missing."""

from decimal import Decimal
from decimal import Decimal as D
from typing import Any

import pytest

from finance.observed import Balance, WalletReading, WalletState, WalletTotal
from finance.prices import AssetPrice
from finance.unpriced import Yardstick
from monitor.snapshots.cross_checks import CheckKind, check_day, check_totals
from monitor.snapshots.valued_reading import value_wallets
from tests.venue import Opener as OpenVenue
from tests.venue import RunningVenue
from tests.worker import Opener, Worker

TOTALS = "/sapi/v1/asset/wallet/balance"
SPOT = "/sapi/v3/asset/getUserAsset"
HTML = {"status": 200, "body": "<html>maintenance</html>"}


def total(name: str, value: str, *wallets: str) -> WalletTotal:
    return WalletTotal(name=name, wallets=wallets, value=D(value))


def read(wallet: str, quantity: str, state: WalletState = WalletState.READ) -> WalletReading:
    return WalletReading(wallet=wallet, state=state, balances=(Balance(asset="USDT", free=D(quantity)),))


def judge(wallets: list[WalletReading], totals: list[WalletTotal]) -> dict[str, bool]:
    """Whether each subject is within what price sources explain."""
    prices = {"USDT": AssetPrice(asset="USDT", value=D(1), route=())}
    checks = check_totals(wallets, value_wallets(wallets, prices, Yardstick(), {}), totals)
    return {check.subject: check.within for check in checks}


@pytest.mark.parametrize(
    ("ours", "theirs", "within"),
    [
        ("10", "11", True),
        ("10", "11.01", False),
        ("1000", "1005", True),
        ("1000", "1005.1", False),
        ("0", "-1.5", False),
    ],
)
def test_one_usdt_or_half_a_percent_says_nothing(ours: str, theirs: str, within: bool) -> None:
    assert judge([read("spot", ours)], [total("Spot", theirs, "spot")]) == {"Spot": within, "account": within}


def test_wallets_under_one_total_are_compared_together_and_what_moved_between_them_cancels() -> None:
    wallets = [read("flexible", "400"), read("locked", "100"), read("spot", "50")]
    totals = [total("Earn", "500", "flexible", "locked"), total("Spot", "50", "spot")]
    moved = [total("Earn", "300", "flexible", "locked"), total("Spot", "250", "spot")]

    assert judge(wallets, totals) == {"Earn": True, "Spot": True, "account": True}
    assert judge(wallets, moved) == {"Earn": False, "Spot": False, "account": True}


def test_what_was_not_read_or_has_no_price_is_compared_with_nothing() -> None:
    wallets = [read("spot", "50"), WalletReading(wallet="funding", state=WalletState.FAILED)]
    unpriced = WalletReading(wallet="funding", state=WalletState.READ, balances=(Balance(asset="WHO", free=D(1)),))
    totals = [total("Spot", "50", "spot"), total("Funding", "7", "funding")]

    assert judge(wallets, totals) == {"Spot": True}
    assert judge([wallets[0], unpriced], totals) == {"Spot": True}


def test_a_day_is_compared_by_quantity() -> None:
    ours: dict[str, Decimal] = {"BTC": D("0.5"), "ETH": D(2), "ODD": D(1), "USDT": D(100)}
    theirs = [Balance(asset="BTC", free=D("0.4"), locked=D("0.1")), Balance(asset="ETH", free=D(1))]
    theirs += [Balance(asset="USDT", free=D("100.5")), Balance(asset="NONE", free=D(0))]
    checks = {c.subject: c for c in check_day(ours, theirs, {"BTC": D(60000), "ETH": D(2000), "USDT": D(1)})}

    assert {name: (check.difference, check.within) for name, check in checks.items()} == {
        "BTC": (0, True),
        "ETH": (2000, False),
        "ODD": (0, False),
        "USDT": (D("-0.5"), True),
    }


# ---------------------------------------------------------------- over HTTP


def run_next_hour(worker: Worker, venue: RunningVenue) -> dict[str, Any]:
    venue.advance(hours=1)
    worker.run(venue.now())
    return worker.hours()[-1]


def checks(worker: Worker, kind: CheckKind) -> dict[str, dict[str, Any]]:
    rows = worker.rows(
        "select * from cross_checks where kind = %(kind)s and hour = (select max(hour) from cross_checks"
        " where kind = %(kind)s)",
        kind=str(kind),
    )
    return {row["subject"]: row for row in rows}


def count_calls(worker: Worker, venue: RunningVenue, path: str) -> int:
    """How often an hour asks for a path, without the call that is refused because the venue stands in the past."""
    venue.control("/requests", method="DELETE")
    run_next_hour(worker, venue)
    return sum(request["path"] == path and request["status"] != 400 for request in venue.requests())


def warnings(worker: Worker) -> list[str]:
    return [row["message"] for row in worker.rows("select message from system_logs order by id")]


def test_every_wallet_and_the_account_agree_with_the_exchange_in_each_run(worker: Worker, venue: RunningVenue) -> None:
    for wallet in ("funding", "earn_flexible", "futures", "cross_margin", "options"):
        venue.do(f"transfer 100 USDT from spot to {wallet}")
    venue.do("borrow 0.1 ETH")
    worker.run(venue.now())

    wallets = checks(worker, CheckKind.WALLET_TOTAL)
    assert {"Spot", "Funding", "Earn", "USDS-M Futures", "Cross Margin", "Options", "Trading Bots"} <= set(wallets)
    account = checks(worker, CheckKind.ACCOUNT_TOTAL)["account"]
    for row in (*wallets.values(), account):
        assert row["within"] and abs(row["difference"]) < D("0.001")
        assert row["difference"] == row["ours"] - row["theirs"]
    assert account["ours"] == worker.hours()[0]["nav"]


@pytest.mark.usefixtures("first_hour")
def test_a_difference_is_stored_each_hour_and_told_when_it_begins(worker: Worker, venue: RunningVenue) -> None:
    venue.fault(TOTALS, {"status": 200, "body": '[{"walletName": "Spot", "balance": "9000"}]'})
    for _ in range(2):
        assert run_next_hour(worker, venue)["status"] == "COMPLETE"

    rows = worker.rows("select * from cross_checks where subject = 'Spot' order by hour")
    assert [row["within"] for row in rows] == [True, False, False]
    assert rows[-1]["theirs"] == 9000
    assert sum(message.startswith("wallet total: Spot is ") for message in warnings(worker)) == 1


@pytest.mark.usefixtures("first_hour")
def test_money_where_no_api_looks_leaves_the_hour_without_a_nav(worker: Worker, venue: RunningVenue) -> None:
    venue.do("transfer 123 USDT from spot to bots")
    hour = run_next_hour(worker, venue)

    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert (
        "a wallet that the exchange lets no program read holds 123.00 USDT" in hour["reason"]
        and "Trading Bots" in hour["reason"]
    )

    venue.do("transfer 123 USDT from bots to spot")
    assert run_next_hour(worker, venue)["status"] == "COMPLETE"


def test_a_wallet_whose_money_the_key_may_not_see_is_missed(worker: Worker, venue: RunningVenue) -> None:
    venue.fault("/eapi/v1/marginAccount", {"status": 401, "body": '{"code": -2015, "msg": "Invalid API-key"}'})
    venue.do("transfer 50 USDT from spot to options")
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert "options wallet was not read: it holds 50.00 USDT (Options)" in hour["reason"]
    assert "python -m monitor account count-total test Options" in hour["reason"]


@pytest.mark.usefixtures("first_hour")
def test_a_doubtful_reading_is_made_again_before_it_is_called_suspect(worker: Worker, venue: RunningVenue) -> None:
    usual = count_calls(worker, venue, SPOT)
    few = '[{"asset": "USDT", "free": "100", "locked": "0", "freeze": "0", "withdrawing": "0"}]'
    venue.fault(SPOT, {"status": 200, "body": few}, times=usual)
    assert count_calls(worker, venue, SPOT) == 2 * usual

    assert [hour["status"] for hour in worker.hours()] == ["COMPLETE"] * 3
    assert len(worker.rows("select * from snapshots")) == 3, "nothing is kept of the doubtful reading"


@pytest.mark.usefixtures("first_hour")
def test_a_second_reading_that_fails_leaves_the_first_one_suspect(worker: Worker, venue: RunningVenue) -> None:
    usual = count_calls(worker, venue, SPOT)
    venue.do("vanish 2900 USDT")
    venue.fault(SPOT, {"status": 401, "body": '{"code": -2015, "msg": "no"}'}, after=usual + 1)
    hour = run_next_hour(worker, venue)

    assert hour["status"] == "SUSPECT", hour["reason"]


@pytest.mark.usefixtures("first_hour")
def test_money_that_the_totals_do_not_show_yet_is_found_by_reading_everything(
    worker: Worker, venue: RunningVenue
) -> None:
    """The totals say that an idle wallet is empty and that the account has more than was read."""
    venue.do("transfer 700 USDT from spot to cross_margin")
    whole = worker.hours()[-1]["nav"]
    stale = f'[{{"walletName": "Spot", "balance": "{whole:f}"}}, {{"walletName": "Cross Margin", "balance": "0"}}]'
    venue.fault(TOTALS, {"status": 200, "body": stale})
    hour = run_next_hour(worker, venue)

    assert hour["status"] == "COMPLETE", hour["reason"]
    assert worker.rows("select free from holdings where wallet = 'cross_margin'") == [{"free": 700}]


def test_the_exchanges_daily_record_is_compared_once_a_day(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=22)
    worker.run(venue.now())
    assert [run_next_hour(worker, venue)["status"] for _ in range(2)] == ["COMPLETE", "COMPLETE"]
    midnight = worker.hours()[1]["hour"]
    assert midnight.hour == 0
    venue.control("/requests", method="DELETE")
    for _ in range(8):
        run_next_hour(worker, venue)

    found = checks(worker, CheckKind.DAILY_SNAPSHOT)
    assert {"BTC", "ETH", "USDT"} <= set(found)
    assert all(row["within"] and row["ours"] == row["theirs"] > 0 for row in found.values())
    assert {row["hour"] for row in found.values()} == {midnight}
    assert sum(request["path"] == "/sapi/v1/accountSnapshot" for request in venue.requests()) == 1


def test_what_moves_between_midnight_and_our_reading_is_no_difference(worker: Worker, venue: RunningVenue) -> None:
    """The exchange writes down 23:59:59, we read at 00:02."""
    venue.advance(hours=21, minutes=58)
    worker.run(venue.now())
    venue.advance(hours=1)
    for event in ("buy 0.01 BTCUSDT", "deposit 500 USDT"):
        venue.do(event)  # at 00:00
    venue.advance(minutes=2)
    worker.run(venue.now())
    for _ in range(7):
        run_next_hour(worker, venue)

    found = checks(worker, CheckKind.DAILY_SNAPSHOT)
    assert {"BTC", "USDT"} <= set(found)
    assert all(row["within"] and row["difference"] == 0 for row in found.values())


def test_a_daily_record_that_differs_or_fails_never_harms_the_hour(worker: Worker, venue: RunningVenue) -> None:
    venue.advance(hours=23)
    worker.run(venue.now())
    midnight = worker.hours()[0]["hour"]
    venue.advance(hours=6)
    venue.fault("/sapi/v1/accountSnapshot", HTML)
    assert run_next_hour(worker, venue)["status"] == "COMPLETE"
    assert any("daily records could not be compared" in message for message in warnings(worker))

    venue.clear_faults()
    at = int((midnight.timestamp() - 1) * 1000)
    data = '{"balances": [{"asset": "BTC", "free": "1", "locked": "0"}]}'
    body = f'{{"code": 200, "msg": "", "snapshotVos": [{{"type": "spot", "updateTime": {at}, "data": {data}}}]}}'
    venue.fault("/sapi/v1/accountSnapshot", {"status": 200, "body": body})
    assert run_next_hour(worker, venue)["status"] == "COMPLETE"
    found = checks(worker, CheckKind.DAILY_SNAPSHOT)
    assert (found["BTC"]["within"], found["BTC"]["theirs"]) == (False, 1)
    assert any(message.startswith("daily snapshot: BTC is ") for message in warnings(worker))


def test_the_days_of_many_accounts_are_compared_a_few_in_each_run(open_worker: Opener, open_venue: OpenVenue) -> None:
    names = [f"account{number}" for number in range(4)]
    story = [f"+0m account {n} key {n}-key-0123456789 secret {n}-secret-9876543210\n+0m deposit 9 USDT" for n in names]
    venue = open_venue("\n".join([*story, ""]))
    worker = open_worker(venue)
    for name in names:
        worker.add(name, f"{name}-key-0123456789", f"{name}-secret-9876543210")
    asked = []
    venue.advance(hours=8)
    for _ in range(3):
        worker.run(venue.now())
        venue.advance(hours=1)
        asked.append(
            sum(
                (request["path"], request["status"]) == ("/sapi/v1/accountSnapshot", 200)
                for request in venue.requests()
            )
        )

    assert asked == [3, 4, 4]

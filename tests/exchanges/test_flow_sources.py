"""Every history of flows and income over HTTP: kinds, amounts, fees, statuses, windows, pages, twins."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from finance.records import FlowRecord, IncomeRecord
from monitor.accounts.client import TrackedAccount
from monitor.accounts.opening import open_client
from monitor.exchanges.contract import SourceReading
from monitor.settings import read_settings
from sql.vault import Credentials, Secret
from tests.monitor.notation import D
from tests.venue import KEY, SECRET, START, Opener, RunningVenue

FAMILY = f"""
+0m account master key master-key-0123456789 secret master-secret-0123456789
+0m deposit 5000 USDT
+0m account other key other-key-0123456789 secret other-secret-0123456789
+0m belongs to master
+0m account test key {KEY} secret {SECRET}
+0m belongs to master
+0m deposit 1000 USDT
"""


class Reader:
    """Reads one account's histories from the start of its venue on."""

    def __init__(self, venue: RunningVenue, key: str = KEY, secret: str = SECRET) -> None:
        self.venue = venue
        self._settings = read_settings({"BINANCE_BASE_URL": venue.url, "CALL_TIMEOUT_SECONDS": "2"})
        self._account = TrackedAccount(
            id=1, label="test", exchange="binance", credentials=Credentials(key=Secret(key), secret=Secret(secret))
        )

    def read(self, source: str, since: datetime = START) -> SourceReading:
        """One source's reading."""

        async def read() -> SourceReading:
            client = open_client(self._settings)
            try:
                await client.market.fetch_server_time()
                account = client.open_account(self._account)
                names = {s.name for s in account.flow_sources}
                fetch = account.fetch_flows if source in names else account.fetch_income
                (found,) = await fetch({source: since}, self.venue.now() + timedelta(minutes=5))
                return found
            finally:
                await client.close()

        return asyncio.run(read())


@pytest.fixture
def reader(venue: RunningVenue) -> Reader:
    """Reads the venue's one account."""
    return Reader(venue)


def flow(record: FlowRecord) -> tuple[str, str, Any, str, Any]:
    return (str(record.kind), str(record.state), record.amount, record.asset, record.fee)


def income(record: IncomeRecord) -> tuple[str, str, Any, str]:
    return (str(record.kind), record.wallet, record.amount, record.asset)


FLOWS = [
    ("fiat orders", "fiat deposit 500 TRY fee 5", ("fiat_deposit", "counted", D(500), "TRY", D(0))),
    ("fiat orders", "fiat deposit 500 TRY completed after 9h", ("fiat_deposit", "pending", D(500), "TRY", D(0))),
    ("fiat payments", "card buy 0.01 BTC for 20000 TRY fee 300", ("card_purchase", "counted", D("0.01"), "BTC", D(0))),
    ("P2P orders", "p2p buy 200 USDT fee 0.2", ("p2p_purchase", "counted", D("199.8"), "USDT", D(0))),
    ("P2P orders", "p2p buy 200 USDT completed after 9h", ("p2p_purchase", "pending", D(200), "USDT", D(0))),
    ("Binance Pay", "pay receive 25 USDT", ("pay_received", "counted", D(25), "USDT", D(0))),
    ("Binance Pay", "pay receive 0.001 BTC as CRYPTO_BOX", ("pay_received", "counted", D("0.001"), "BTC", D(0))),
    ("Binance Pay", "pay send 25 USDT as card", ("pay_sent", "void", D(25), "USDT", D(0))),
]


@pytest.mark.parametrize(("source", "line", "expected"), FLOWS, ids=[line for _, line, _ in FLOWS])
def test_a_history_tells_its_flows(source: str, line: str, expected: tuple[Any, ...], reader: Reader) -> None:
    reader.venue.do(line)

    (record,) = reader.read(source).flows

    assert flow(record) == expected


OUTGOING = [
    ("fiat orders", "fiat deposit 500 TRY", "fiat withdraw 300 TRY fee 2", ("fiat_withdrawal", D(300), "TRY", D(2))),
    ("P2P orders", "p2p buy 500 USDT", "p2p sell 300 USDT fee 0.3", ("p2p_sale", D(300), "USDT", D("0.3"))),
    ("Binance Pay", "pay receive 50 USDT", "pay send 30 USDT fee 0.1", ("pay_sent", D(30), "USDT", D("0.1"))),
    ("fiat payments", "p2p buy 1 BTC", "card sell 0.4 BTC for 20000 TRY", ("card_sale", D("0.4"), "BTC", D(0))),
]


@pytest.mark.parametrize(("source", "first", "line", "expected"), OUTGOING, ids=[line for _, _, line, _ in OUTGOING])
def test_what_leaves_is_its_amount_and_its_fee(
    source: str, first: str, line: str, expected: tuple[Any, ...], reader: Reader
) -> None:
    reader.venue.do(first)
    reader.venue.advance(minutes=1)
    reader.venue.do(line)

    record = max(reader.read(source).flows, key=lambda f: f.requested_at)

    assert (str(record.kind), record.amount, record.asset, record.fee) == expected


@pytest.mark.parametrize(
    ("source", "line", "status", "state"),
    [
        ("fiat orders", "fiat deposit 500 TRY failed after 5m", "Failed", "void"),
        ("fiat orders", "fiat deposit 500 TRY expired after 5m", "Expired", "void"),
        ("fiat orders", "fiat deposit 500 TRY completed after 5m", "Successful", "counted"),
        ("P2P orders", "p2p buy 200 USDT cancelled after 5m", "CANCELLED", "void"),
        ("P2P orders", "p2p buy 200 USDT completed after 5m", "COMPLETED", "counted"),
    ],
)
def test_an_order_ends_as_the_exchange_says(source: str, line: str, status: str, state: str, reader: Reader) -> None:
    reader.venue.do(line)
    ordered = reader.venue.now()
    (before,) = reader.read(source).flows
    reader.venue.advance(minutes=6)

    (after,) = reader.read(source).flows

    assert (str(before.state), str(after.state), after.exchange_status) == ("pending", state, status)
    assert before.exchange_id == after.exchange_id
    if source == "fiat orders" and state == "counted":
        assert after.completed_at == ordered + timedelta(minutes=5)


def test_a_status_nobody_knows_is_pending_and_says_so(reader: Reader) -> None:
    reader.venue.do("fiat deposit 500 TRY")
    reader.venue.venue.accounts["test"].rows[-1].status = "Order Partial credit Stopped"

    (record,) = reader.read("fiat orders").flows

    assert (str(record.state), record.exchange_status) == ("pending", "Order Partial credit Stopped (unknown)")


def test_coins_paid_with_the_accounts_own_fiat_are_a_trade(reader: Reader) -> None:
    reader.venue.do("fiat deposit 30000 TRY")
    reader.venue.do("card buy 0.01 BTC for 20000 TRY fee 300 as cash")

    reading = reader.read("fiat payments")

    (fill,) = reading.fills
    assert reading.flows == ()
    assert dict(fill.moves[:1]) == {"BTC": D("0.01")}
    assert sum(quantity for asset, quantity in fill.moves if asset == "TRY") == -20000


def test_both_ends_of_a_family_transfer_share_its_number(open_venue: Opener) -> None:
    venue = open_venue(FAMILY)
    venue.do("hand 300 USDT to test", account="master")
    venue.do("hand 40 USDT to other", account="test")
    venue.do("hand 7 USDT to master", account="test")
    master = Reader(venue, "master-key-0123456789", "master-secret-0123456789")

    of_master = master.read("transfers of a master account").flows
    of_sub = Reader(venue).read("transfers of a sub-account").flows

    assert sorted(flow(f)[::2] for f in of_master) == [("transfer_in", D(7), D(0)), ("transfer_out", D(300), D(0))]
    assert sorted(flow(f)[::2] for f in of_sub) == [
        ("transfer_in", D(300), D(0)),
        ("transfer_out", D(7), D(0)),
        ("transfer_out", D(40), D(0)),
    ]
    assert {f.reference for f in of_master} < {f.reference for f in of_sub}


@pytest.mark.parametrize(
    ("source", "code"), [("transfers of a sub-account", "-12022"), ("transfers of a master account", "-8012")]
)
def test_an_account_without_a_family_has_no_such_history(source: str, code: str, reader: Reader) -> None:
    reading = reader.read(source)

    assert str(reading.state) == "absent"
    assert code in reading.problem


INCOME = [
    ("flexible Earn bonuses", "reward 0.5 USDT flexible", ("earn_interest", "earn_flexible", D("0.5"), "USDT")),
    ("flexible Earn bonuses", "reward 3 ADA flexible REWARDS", ("earn_interest", "earn_flexible", D(3), "ADA")),
    ("locked Earn rewards", "reward 0.001 ETH locked", ("earn_interest", "earn_locked", D("0.001"), "ETH")),
    ("dividends", "dividend 12 ADA", ("dividend", "spot", D(12), "ADA")),
    ("rebates", "rebate 0.3 USDT", ("rebate", "spot", D("0.3"), "USDT")),
    ("USD-M futures income", "funding receive 1.5 USDT BTCUSDT", ("funding_fee", "usd_m_futures", D("1.5"), "USDT")),
    ("USD-M futures income", "funding pay 1.5 USDT BTCUSDT", ("funding_fee", "usd_m_futures", D("-1.5"), "USDT")),
]


@pytest.mark.parametrize(("source", "line", "expected"), INCOME, ids=[line for _, line, _ in INCOME])
def test_a_history_tells_its_income(source: str, line: str, expected: tuple[Any, ...], reader: Reader) -> None:
    reader.venue.do(line)

    (record,) = reader.read(source).income

    assert income(record) == expected


def test_interest_on_flexible_earn_is_told_as_a_reward(reader: Reader) -> None:
    reader.venue.do("transfer 1000 USDT from spot to earn_flexible")
    reader.venue.do("interest 3.65 USDT")

    (record,) = reader.read("flexible Earn rewards").income

    assert income(record) == ("earn_interest", "earn_flexible", D("0.1"), "USDT")


def test_interest_of_every_isolated_pair_is_told_once_and_by_its_own_history(reader: Reader) -> None:
    assert str(reader.read("isolated margin interest").state) == "absent"
    reader.venue.do("borrow 1 ETH on isolated_margin")
    reader.venue.do("charge 0.001 ETH on isolated_margin")
    reader.venue.do("transfer 0.01 BTC from spot to isolated_margin")
    reader.venue.do("charge 0.3 USDT on isolated_margin")
    reader.venue.do("charge 0.2 USDT")

    isolated = reader.read("isolated margin interest").income
    cross = reader.read("margin interest").income

    assert sorted(income(record) for record in isolated) == [
        ("margin_interest", "isolated_margin", D("-0.3"), "USDT"),
        ("margin_interest", "isolated_margin", D("-0.001"), "ETH"),
    ]
    assert {record.raw["isolatedSymbol"] for record in isolated} == {"BTCUSDT", "ETHUSDT"}
    assert [income(record) for record in cross] == [("margin_interest", "cross_margin", D("-0.2"), "USDT")]


def test_opening_and_closing_a_position_is_commissions_and_a_profit_but_a_transfer_is_no_income(reader: Reader) -> None:
    reader.venue.do("transfer 1000 USDT from spot to futures")
    reader.venue.do("long 0.01 BTCUSDT")
    reader.venue.advance(minutes=30)
    reader.venue.do("close BTCUSDT")

    records = reader.read("USD-M futures income").income

    assert sorted(str(r.kind) for r in records) == ["futures_commission", "futures_commission", "realised_profit"]
    assert 1000 + sum(r.amount for r in records) == D(reader.venue.truth()["wallets"]["futures"]["USDT"])


def test_futures_income_of_an_unknown_kind_is_other_and_logged(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    reader.venue.do("funding receive 2 USDT BTCUSDT")
    reader.venue.venue.accounts["test"].rows[-1].extra["kind"] = "MOON_BONUS"

    (record,) = reader.read("USD-M futures income").income

    assert str(record.kind) == "other"
    assert "MOON_BONUS" in caplog.text


def test_a_key_without_futures_has_no_futures_income(reader: Reader) -> None:
    reader.venue.venue.accounts["test"].has_futures = False

    assert str(reader.read("USD-M futures income").state) == "absent"


def test_two_equal_rewards_of_one_moment_are_two(reader: Reader) -> None:
    reader.venue.do("reward 0.5 USDT flexible")
    reader.venue.do("reward 0.5 USDT flexible")

    first, second = reader.read("flexible Earn bonuses").income

    assert (first.amount, first.occurred_at) == (second.amount, second.occurred_at)
    assert first.exchange_id != second.exchange_id


PAGED = [
    ("fiat orders", "fiat deposit 1 TRY", 500),
    ("fiat payments", "card buy 1 ADA for 20 TRY", 500),
    ("P2P orders", "p2p buy 1 USDT", 100),
    ("Binance Pay", "pay receive 1 USDT", 100),
    ("transfers of a sub-account", "hand 1 USDT to master", 500),
    ("flexible Earn bonuses", "reward 1 USDT flexible", 100),
    ("locked Earn rewards", "reward 1 USDT locked", 100),
    ("dividends", "dividend 1 ADA", 500),
    ("rebates", "rebate 1 USDT", 100),
    ("USD-M futures income", "funding receive 1 USDT BTCUSDT", 1000),
]


@pytest.mark.parametrize(("source", "line", "size"), PAGED, ids=[source for source, _, _ in PAGED])
def test_every_row_is_read_whether_a_page_is_full_or_not(source: str, line: str, size: int, open_venue: Opener) -> None:
    venue = open_venue(FAMILY)
    act = venue.venue
    for rows in (size - 1, 1, 1):
        for _ in range(rows):
            act.clock.advance(timedelta(seconds=7))
            act.run(line, "test")
        told = Reader(venue).read(source)
        expected = sum(row.history != "transfer" or source.startswith("transfers") for row in act.accounts["test"].rows)
        records: list[Any] = [*told.flows, *told.income]
        assert len({record.exchange_id for record in records}) == expected


def test_a_family_with_many_transfers_is_read_completely(open_venue: Opener) -> None:
    venue = open_venue(FAMILY)
    act = venue.venue
    for number in range(501):
        act.clock.advance(timedelta(seconds=2))
        act.run("hand 1 USDT to test" if number % 2 else "hand 1 USDT to master", "master" if number % 2 else "test")
    master = Reader(venue, "master-key-0123456789", "master-secret-0123456789")

    assert len(master.read("transfers of a master account").flows) == 501


WINDOWED = [  # and how many of four in 210 days the exchange still tells
    ("fiat payments", "card buy 1 ADA for 20 TRY", 4),
    ("P2P orders", "p2p buy 1 USDT", 2),
    ("Binance Pay", "pay receive 1 USDT", 4),
    ("transfers of a sub-account", "hand 1 USDT to master", 4),
    ("flexible Earn bonuses", "reward 1 USDT flexible", 4),
    ("soft staking rewards", "reward 1 SOL soft", 4),
    ("dividends", "dividend 1 ADA", 4),
    ("rebates", "rebate 1 USDT", 4),
    ("USD-M futures income", "funding receive 1 USDT BTCUSDT", 1),
]


@pytest.mark.parametrize(("source", "line", "kept"), WINDOWED, ids=[source for source, _, _ in WINDOWED])
def test_a_long_absence_is_read_in_windows_that_the_exchange_allows(
    source: str, line: str, kept: int, open_venue: Opener
) -> None:
    venue = open_venue(FAMILY)
    for days in (20, 50, 80, 60):
        venue.do(line)
        venue.advance(days=days)

    told = Reader(venue).read(source)

    records: list[Any] = [*told.flows, *told.income]
    assert (str(told.state), len({record.exchange_id for record in records})) == ("read", kept), told.problem


def test_a_family_is_read_in_weeks(open_venue: Opener) -> None:
    venue = open_venue(FAMILY)
    for days in (5, 8, 30):
        venue.do("hand 1 USDT to test", account="master")
        venue.advance(days=days)
    master = Reader(venue, "master-key-0123456789", "master-secret-0123456789")

    assert len(master.read("transfers of a master account").flows) == 3


def envelope(rows: str, total: int) -> dict[str, Any]:
    return {
        "status": 200,
        "headers": {},
        "body": f'{{"code":"000000","message":"success","data":[{rows}],"total":{total},"success":true}}',
    }


ORDER = ('{"orderNo":"%s","fiatCurrency":"TRY","indicatedAmount":"5","amount":"5","totalFee":"0","status":"Successful",'
         '"createTime":1772323200000,"updateTime":1772323200000}')  # fmt: skip
BROKEN = [
    ("pages that repeat each other", envelope(ORDER % 1, 3)),
    (
        "no success",
        {"status": 200, "headers": {}, "body": '{"code":"000002","message":"no","data":[],"success":false}'},
    ),
    ("no data", {"status": 200, "headers": {}, "body": '{"code":"000000"}'}),
    ("an object without a code", {"status": 200, "headers": {}, "body": '{"data":[],"total":0}'}),
]


@pytest.mark.parametrize(("what", "fault"), BROKEN, ids=[what for what, _ in BROKEN])
def test_a_part_or_a_broken_answer_is_a_failed_reading(what: str, fault: dict[str, Any], reader: Reader) -> None:
    reader.venue.fault("/sapi/v1/fiat/orders", fault, times=3)

    reading = reader.read("fiat orders")

    assert (str(reading.state), reading.flows) == ("failed", ())
    assert "fiat orders" in reading.problem


def test_an_empty_answer_without_rows_is_an_empty_history(reader: Reader) -> None:
    body = '{"code":"000000","message":"success","success":true}'
    reader.venue.fault("/sapi/v1/fiat/orders", {"status": 200, "headers": {}, "body": body})

    assert str(reader.read("fiat orders").state) == "read"


def test_a_payment_in_several_coins_is_a_flow_of_each(reader: Reader) -> None:
    body = (
        '{"code":"000000","message":"success","success":true,"data":[{"orderType":"PAY","transactionId":"T1",'
        '"transactionTime":1772323200000,"amount":"-20","currency":"USDT","walletType":1,"totalPaymentFee":"0.5",'
        '"fundsDetail":[{"currency":"USDT","amount":"12"},{"currency":"BNB","amount":"0.01"}]}]}'
    )
    reader.venue.fault("/sapi/v1/pay/transactions", {"status": 200, "headers": {}, "body": body})

    assert [(f.exchange_id, f.amount, f.fee) for f in reader.read("Binance Pay").flows] == [
        ("T1 USDT", D(12), D("0.5")),
        ("T1 BNB", D("0.01"), D(0)),
    ]


def test_pages_that_move_while_they_are_read_are_no_reading(reader: Reader) -> None:
    reader.venue.fault("/sapi/v1/fiat/orders", envelope(ORDER % 1, 2), times=1)

    assert str(reader.read("fiat orders").state) == "failed"


def test_after_a_long_absence_fiat_orders_are_read_bit_by_bit_within_their_budget(reader: Reader) -> None:
    for days in (30, 30, 70):
        reader.venue.do("fiat deposit 1 TRY")
        reader.venue.advance(days=days)

    first = reader.read("fiat orders")
    assert (str(first.state), len(first.flows), first.through) == ("behind", 2, START + timedelta(days=56))
    assert first.through
    second = reader.read("fiat orders", since=first.through)
    assert (str(second.state), len(second.flows)) == ("behind", 1)


def test_fiat_orders_are_asked_for_by_the_names_that_binance_knows(reader: Reader) -> None:
    """An unknown name is ignored by the exchange, which then answers the last 30 days."""
    reader.venue.do("fiat deposit 1 TRY")
    reader.venue.advance(days=20)

    assert len(reader.read("fiat orders").flows) == 1
    assert len(reader.read("fiat orders", since=reader.venue.now() - timedelta(days=1)).flows) == 0


def test_an_internal_transfer_between_users_is_a_deposit_with_its_reference(reader: Reader) -> None:
    row = (
        '[{"id":"9","amount":"3","coin":"USDT","network":"","status":1,"address":"","txId":"Internal transfer 77",'
        '"insertTime":1772323200000,"completeTime":1772323260000,"transferType":1,"walletType":1}]'
    )
    reader.venue.fault("/sapi/v1/capital/deposit/hisrec", {"status": 200, "headers": {}, "body": row})

    (record,) = reader.read("deposits").flows

    assert (str(record.state), record.reference, record.raw["transferType"]) == ("counted", "Internal transfer 77", "1")
    assert record.completed_at == datetime(2026, 3, 1, 0, 1, tzinfo=UTC)


def test_twin_deposits_without_an_id_are_two(reader: Reader) -> None:
    row = '{"amount":"3","coin":"USDT","network":"TRX","status":1,"address":"a","txId":"","insertTime":1772323200000}'
    reader.venue.fault("/sapi/v1/capital/deposit/hisrec", {"status": 200, "headers": {}, "body": f"[{row},{row}]"})

    first, second = reader.read("deposits").flows

    assert first.exchange_id != second.exchange_id

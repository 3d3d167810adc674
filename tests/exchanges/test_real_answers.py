"""What the real exchange answers, as it was recorded or is documented, through the readers over HTTP."""

from decimal import Decimal as D

import pytest

from tests.exchanges.sample import answering, path_of, read_sample
from tests.exchanges.test_flow_sources import Reader
from tests.exchanges.test_wallets import quantities
from tests.venue import RunningVenue
from tests.worker import Worker


def test_options_are_their_equity_and_what_is_unrealised_of_it(worker: Worker, venue: RunningVenue) -> None:
    for path in ("marginAccount", "position"):
        venue.fault(f"/eapi/v1/{path}", answering(read_sample(f"eapi.v1.{path}")))
    worker.run(venue.now())

    (held,) = worker.rows("select asset, free, owed, unrealised from holdings where wallet = 'options'")
    assert held == {"asset": "USDT", "free": D("10094.44662"), "owed": 0, "unrealised": D("-5.00138")}
    (position,) = worker.rows("select symbol, side, quantity, unrealised from positions where wallet = 'options'")
    assert position["symbol"] == "BTC-200730-9000-C"
    assert (position["side"], position["quantity"], position["unrealised"]) == ("short", D("-0.1"), D("-5.00138"))


@pytest.mark.parametrize(
    ("sample", "wallet", "held"),
    [
        ("sapi.v1.simple-earn.flexible.position", "earn_flexible", {"USDT": D("75.46")}),
        ("sapi.v1.simple-earn.flexible.position.without-collateral", "earn_flexible", {"USDT": D("75.46")}),
        ("sapi.v1.simple-earn.locked.position.without-id", "earn_locked", {"AXS": D("245.18405856")}),
    ],
)
def test_an_earn_position_without_an_amount_or_a_number_is_held(
    sample: str, wallet: str, held: dict[str, D], worker: Worker, venue: RunningVenue
) -> None:
    venue.fault(path_of(sample), answering(read_sample(sample)))
    worker.run(venue.now())

    assert quantities(worker, wallet) == held


FLOWS = {
    "sapi.v1.fiat.orders": [
        ("fiat_deposit", "void", 10, "BRL", 0),
        ("fiat_withdrawal", "void", 10, "BRL", 0),
    ],
    "sapi.v1.fiat.orders.odd": [
        ("fiat_deposit", "void", 0, "BRL", 0),
        ("fiat_deposit", "pending", 25, "BRL", 0),
        ("fiat_deposit", "void", 12, "BRL", 0),
        ("fiat_deposit", "counted", 100, "BRL", 0),
        ("fiat_deposit", "counted", D("14.8"), "BRL", 0),
        ("fiat_withdrawal", "void", 0, "BRL", 0),
        ("fiat_withdrawal", "pending", 25, "BRL", 0),
        ("fiat_withdrawal", "void", 12, "BRL", 0),
        ("fiat_withdrawal", "counted", 100, "BRL", D("3.5")),
        ("fiat_withdrawal", "counted", D("14.8"), "BRL", D("0.2")),
    ],
    "sapi.v1.c2c.orderMatch.listUserOrderHistory": [("p2p_sale", "counted", 5000, "BUSD", 0)],
    "sapi.v1.c2c.orderMatch.listUserOrderHistory.odd": [
        ("p2p_sale", "void", 0, "BUSD", 0),
        ("p2p_sale", "void", 0, "BUSD", 0),
        ("p2p_sale", "counted", 5000, "BUSD", 0),
    ],
    "sapi.v1.pay.transactions": [("pay_received", "counted", D("23.72469206"), "BNB", 0)],
    "sapi.v1.pay.transactions.in-another-coin": [
        ("pay_sent", "counted", D("0.18"), "BNB", 0),
        ("pay_received", "counted", D("0.18"), "BNB", 0),
        ("pay_received", "counted", D("23.72469206"), "BNB", 0),
    ],
}
SOURCES = {"fiat.orders": "fiat orders", "c2c": "P2P orders", "pay": "Binance Pay"}


@pytest.mark.parametrize("sample", FLOWS)
def test_rows_that_do_not_count_kill_no_history(sample: str, venue: RunningVenue) -> None:
    """Both directions get the same answer here: a deposit and a withdrawal share their number."""
    venue.fault(path_of(sample), answering(read_sample(sample)))
    source = next(source for part, source in SOURCES.items() if part in sample)

    reading = Reader(venue).read(source)

    assert str(reading.state) == "read", reading.problem
    assert [(str(f.kind), str(f.state), f.amount, f.asset, f.fee) for f in reading.flows] == FLOWS[sample]


@pytest.mark.parametrize(
    ("sample", "counted"), [("sapi.v1.fiat.payments", 0), ("sapi.v1.fiat.payments.odd", 1)], ids=["documented", "odd"]
)
def test_a_purchase_and_a_sale_of_one_number_are_two(sample: str, counted: int, venue: RunningVenue) -> None:
    venue.fault(path_of(sample), answering(read_sample(sample)))

    reading = Reader(venue).read("fiat payments")

    assert str(reading.state) == "read", reading.problem
    kinds = [str(f.kind) for f in reading.flows if str(f.state) == "counted"]
    assert kinds == ["card_purchase", "card_sale"][: 2 * counted]
    assert len(reading.flows) == 2 * len(read_sample(sample)["data"])


def test_positions_of_portfolio_margin_are_settled_in_what_their_names_end_with(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.fault("/papi/v1/balance", answering(read_sample("papi.v1.balance")))
    venue.fault("/papi/v1/um/positionRisk", answering(read_sample("papi.v1.um.positionRisk.open")))
    worker.run(venue.now())

    rows = worker.rows("select symbol, margin_asset from positions where wallet = 'portfolio_margin' order by symbol")
    assert [tuple(row.values()) for row in rows] == [("BTCUSDT", "USDT"), ("ETHUSDT_260626", "USDT")]


def test_the_ledger_has_one_entry_for_each_direction_and_none_twice(worker: Worker, venue: RunningVenue) -> None:
    venue.fault("/sapi/v1/fiat/orders", answering(read_sample("sapi.v1.fiat.orders.odd")))
    for _ in range(2):
        worker.run(venue.now())
        venue.advance(hours=1)

    rows = worker.rows(
        "select kind, count(*) as entries from processed_transactions where kind like 'fiat%%' group by kind"
    )
    assert {row["kind"]: row["entries"] for row in rows} == {"fiat_deposit": 5, "fiat_withdrawal": 5}

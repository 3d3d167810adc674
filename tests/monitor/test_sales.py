"""Coins sold to a bank: which amount is the coin's, whether the money stayed, and nothing that can't be true."""

from decimal import Decimal as D

import pytest

from finance.ledger_entries import LedgerEntry
from finance.records import FlowKind, FlowState
from monitor.ledger.store.entries import load_newest, record_entries
from monitor.market.known_prices import Fetched
from monitor.recovery.corrections import Word, record_correction, void_entry
from tests.exchanges.test_wallets import run_next_hour
from tests.venue import RunningVenue
from tests.worker import Worker

COINS = D("0.01")


def money_for(venue: RunningVenue, coins: D) -> D:
    """What so many BTC are worth in TRY."""
    market = venue.exchange.venue
    return round(coins * market.price("BTCUSDT", venue.now()) * market.price("USDTTRY", venue.now()), 2)


def rewrite(venue: RunningVenue, obtained: D, given: D, currency: str = "TRY") -> None:
    """Let the history tell the last sale with other amounts than those that moved."""
    row = venue.exchange.venue.accounts["test"].rows[-1]
    row.amount, row.extra["money"], row.extra["currency"] = obtained, given, currency


def newest(worker: Worker) -> LedgerEntry:
    return next(entry for entry, _ in reversed(load_newest(worker.db, 1, 50)) if entry.kind == "card_sale")


def sold(worker: Worker) -> list[tuple[str, D, str]]:
    """State, amount and reading of the card sales, newest revisions."""
    rows = worker.rows(
        "select distinct on (exchange_id) state, amount, raw ->> 'reading' as reading from processed_transactions"
        " where kind = 'card_sale' order by exchange_id, revision desc"
    )
    return [(row["state"], row["amount"], row["reading"]) for row in rows]


def residual(worker: Worker) -> D:
    (row,) = worker.rows("select residual from explanations where account_id = 1 order by hour desc limit 1")
    return D(row["residual"])


@pytest.fixture
def trader(worker: Worker, venue: RunningVenue) -> Worker:
    """A worker that has read the account once; its coins lie in funding, where they are sold from."""
    venue.do("transfer 0.03 BTC from spot to funding")
    worker.run(venue.now())
    venue.advance(minutes=5)
    return worker


def test_a_sale_is_of_the_coins_that_were_obtained(trader: Worker, venue: RunningVenue) -> None:
    venue.do(f"card sell {COINS} BTC for {money_for(venue, COINS)} TRY")
    hour = run_next_hour(trader, venue)

    assert hour["status"] == "COMPLETE"
    assert sold(trader) == [("counted", COINS, "obtainAmount is the coin's: documented, and fits the minute's price")]
    assert residual(trader) == 0


def test_mirrored_amounts_are_read_by_what_they_were_worth(trader: Worker, venue: RunningVenue) -> None:
    money = money_for(venue, COINS)
    venue.do(f"card sell {COINS} BTC for {money} TRY")
    rewrite(venue, money, COINS)
    hour = run_next_hour(trader, venue)

    assert hour["status"] == "COMPLETE"
    assert sold(trader) == [("counted", COINS, "sourceAmount is the coin's: only that fits the minute's price")]
    assert residual(trader) == 0


@pytest.mark.parametrize(
    ("currency", "factor", "reading"),
    [("TRY", 3, "though neither fits the minute's price"), ("XXX", 1, "no price to compare with")],
)
def test_where_prices_don_t_decide_the_documentation_does(
    currency: str, factor: int, reading: str, trader: Worker, venue: RunningVenue
) -> None:
    money = money_for(venue, COINS) * factor
    venue.do(f"card sell {COINS} BTC for {money} TRY")
    rewrite(venue, COINS, money, currency)
    hour = run_next_hour(trader, venue)

    assert hour["status"] == "COMPLETE"
    assert sold(trader) == [("counted", COINS, f"obtainAmount is the coin's: documented, {reading}")]


def test_a_sale_of_more_than_was_held_waits_for_the_owner(trader: Worker, venue: RunningVenue) -> None:
    venue.do(f"card sell {COINS} BTC for 900 TRY")
    rewrite(venue, D(900), COINS, "XXX")
    hour = run_next_hour(trader, venue)
    entry = newest(trader)
    assert (hour["status"], hour["nav"]) == ("PARTIAL", None)
    assert "900 BTC" in hour["reason"] and f"python -m monitor flow void {entry.id}" in hour["reason"]
    assert sold(trader)[0][:2] == ("pending", 900)
    assert run_next_hour(trader, venue)["status"] == "PARTIAL"
    word = Word(at=venue.now(), note="it was 0.01 BTC")
    with trader.db.transaction():
        record_correction(trader.db, Fetched(exchange="binance"), entry, void_entry([entry], word))

    assert run_next_hour(trader, venue)["status"] == "COMPLETE"


def test_money_that_was_paid_into_the_account_is_a_trade(trader: Worker, venue: RunningVenue) -> None:
    money = money_for(venue, COINS)
    venue.do(f"card sell {COINS} BTC for {money} TRY as cash")
    hour = run_next_hour(trader, venue)
    run_next_hour(trader, venue)  # what is told again is not booked again

    assert hour["status"] == "COMPLETE"
    assert sold(trader)[0][0] == "void"
    (fill,) = trader.rows(
        "select base_asset, base_quantity, quote_asset, quote_quantity from fills where market = 'convert'"
    )
    assert tuple(fill.values()) == ("BTC", -COINS, "TRY", money)
    assert residual(trader) == 0
    (units,) = trader.rows("select count(distinct units) as different from nav_history where account_id = 1")
    assert units["different"] == 1


def test_a_sale_that_was_booked_the_other_way_round_is_corrected(trader: Worker, venue: RunningVenue) -> None:
    money = money_for(venue, COINS)
    venue.do(f"card sell {COINS} BTC for {money} TRY")
    row = venue.exchange.venue.accounts["test"].rows[-1]
    mirrored = LedgerEntry(
        account_id=1,
        kind=FlowKind.CARD_SALE,
        exchange_id=row.id,
        state=FlowState.COUNTED,
        exchange_status="Completed",
        asset="BTC",
        amount=money,
        requested_at=row.at,
        occurred_at=row.at,
        first_seen_at=row.at,
    )
    record_entries(trader.db, [mirrored], None)
    hour = run_next_hour(trader, venue)

    assert hour["status"] == "COMPLETE"
    assert [amount for _, amount, _ in sold(trader)] == [COINS]
    assert residual(trader) == 0

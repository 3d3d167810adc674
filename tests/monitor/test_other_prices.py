"""Coins that the ticker does not price: by the exchange's index, by their last trade, by the owner's word, or not at all."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.observed import Balance, WalletReading, WalletState, WalletTotal
from finance.prices import AssetPrice, StatedPrice, find_word
from finance.unpriced import Yardstick
from monitor.__main__ import parse_arguments
from monitor.errors import PriceError
from monitor.performance.verification import verify
from monitor.snapshots.valued_reading import value_wallets
from tests.monitor.notation import D, at
from tests.venue import RunningVenue
from tests.worker import Worker

INDEX = "/fapi/v1/assetIndex"
TOTALS = "/sapi/v1/asset/wallet/balance"
BROKEN = {"status": 500, "body": "oops"}


def run_hours(worker: Worker, venue: RunningVenue, count: int = 1) -> dict[str, Any]:
    """Run now and after each of `count` hours more; returns the last hour."""
    worker.run(venue.now())
    for _ in range(count):
        venue.advance(hours=1)
        worker.run(venue.now())
    return worker.hours()[-1]


def held(worker: Worker, asset: str) -> dict[str, Any]:
    """The newest holding of an asset, as pages show it."""
    return worker.rows(
        "select h.free + h.locked - h.owed as quantity, h.price, h.value, coalesce(p.route, '') as route from holdings h"
        " join snapshots s on s.id = h.snapshot_id left join ticker_prices p on p.at = s.prices_at and p.asset = h.asset"
        " where h.asset = %(a)s order by s.hour desc, s.id desc limit 1",
        a=asset,
    )[0]


def asked(venue: RunningVenue, path: str) -> int:
    return len([request for request in venue.requests() if request["path"] == path])


def is_sound(worker: Worker) -> bool:
    """Everything is explained without a residual, and every figure is what its parts give."""
    states = {row["state"] for row in worker.rows("select distinct state from explanations")}
    return states <= {"explained"} and verify(worker.db).differences == ()


@pytest.fixture
def state(worker: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """`python -m monitor price` with these words, at the venue's time; returns what it prints."""

    def say(*words: str) -> str:
        arguments = parse_arguments(["price", *words])
        assert arguments.run(worker.db, worker.settings, arguments, venue.now()) == 0
        worker.db.execute("select pg_advisory_unlock_all()")
        return capsys.readouterr().out

    return say


def test_margin_that_trades_nowhere_has_the_exchanges_index_price(worker: Worker, venue: RunningVenue) -> None:
    for asset in ("LDUSDT", "BNFCR"):
        venue.do(f"airdrop 100 {asset}")
        venue.do(f"transfer 100 {asset} from spot to futures")
    hour = run_hours(worker, venue, 3)

    assert (hour["status"], hour["estimated"], hour["reason"]) == ("COMPLETE", False, "")
    assert held(worker, "LDUSDT")["route"] == "index LDUSDTUSD*1/USDTUSD"
    assert Decimal("1.05") < held(worker, "LDUSDT")["price"] < Decimal("1.2")
    assert held(worker, "BNFCR")["price"] == (1 / D("0.99967")).quantize(D("1e-27"))
    assert {row["within"] for row in worker.rows("select distinct within from cross_checks")} == {True}
    assert is_sound(worker)


def test_one_call_asks_for_the_index_of_all_accounts_and_none_while_nobody_needs_it(
    worker: Worker, venue: RunningVenue
) -> None:
    worker.run(venue.now())
    assert asked(venue, INDEX) == 0
    venue.do("airdrop 100 LDUSDT")
    venue.do("airdrop 100 BFUSD")
    venue.advance(hours=1)
    worker.run(venue.now())
    assert asked(venue, INDEX) == 1


def test_without_the_index_a_coin_that_needs_it_has_no_price_and_the_hour_says_why(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.do("airdrop 100 LDUSDT")
    venue.fault(INDEX, BROKEN)
    worker.run(venue.now())

    (hour,) = worker.hours()
    assert hour["status"] == "PARTIAL"
    for words in ("100 LDUSDT in spot has no price", "Reading the index prices", "price set LDUSDT VALUE"):
        assert words in hour["reason"]


@pytest.mark.parametrize("amount", ["12", "0.00000001"])
def test_a_coin_that_was_never_traded_is_listed_and_counts_as_nothing(
    amount: str, worker: Worker, venue: RunningVenue
) -> None:
    venue.do(f"airdrop {amount} MYSTERY")
    worker.run(venue.now())
    venue.do("deposit 1000 USDT")
    hour = run_hours(worker, venue)

    assert [row["status"] for row in worker.hours()] == ["COMPLETE", "COMPLETE"]
    assert hour["estimated"] and f"{amount} MYSTERY in spot has no price" in hour["reason"]
    assert (held(worker, "MYSTERY")["quantity"], held(worker, "MYSTERY")["value"]) == (D(amount), None)
    assert 99 < hour["unit_price"] < 101
    assert is_sound(worker)


@pytest.mark.parametrize("more", ["20", None])
def test_a_coin_that_the_exchange_may_value_and_nobody_else_leaves_no_nav(
    more: str | None, worker: Worker, venue: RunningVenue
) -> None:
    """Its own total of the wallet is too large without it, or is not told at all."""
    if more:
        worker.run(venue.now())
        nav = worker.hours()[-1]["nav"]
        body = json.dumps([{"activate": True, "balance": str(nav * D("1.05")), "walletName": "Spot"}])
        venue.fault(TOTALS, {"status": 200, "body": body})
    else:
        venue.fault(TOTALS, BROKEN)
    venue.do("airdrop 12 MYSTERY")
    hour = run_hours(worker, venue)

    assert hour["status"] == "PARTIAL"
    assert 'python -m monitor price set MYSTERY VALUE --note "..."' in hour["reason"]


def test_a_pair_that_stopped_counts_with_its_last_trade_for_a_week_then_the_owner_is_asked(
    worker: Worker, venue: RunningVenue, state: Callable[..., str]
) -> None:
    venue.do("buy for 500 ADAUSDT")
    worker.run(venue.now())
    venue.do("delist ADAUSDT")
    traded = held(worker, "ADA")["price"]
    hour = run_hours(worker, venue, 2)
    assert (hour["status"], hour["estimated"]) == ("COMPLETE", True)
    assert hour["reason"] == "nothing is traded in ADA, valued at the last traded price"
    assert held(worker, "ADA")["route"] == "ADAUSDT, last traded 2026-03-01 01:01"
    assert abs(held(worker, "ADA")["price"] / traded - 1) < D("0.01")

    venue.advance(days=7)
    hour = run_hours(worker, venue)
    assert hour["status"] == "PARTIAL"
    assert "by the last trade, 2026-03-01. Say what one is worth: python -m monitor price set ADA" in hour["reason"]

    state("set", "ada", "0.3", "--note", "what it costs elsewhere")
    hour = run_hours(worker, venue)
    assert (hour["status"], hour["estimated"]) == ("COMPLETE", False)
    assert (held(worker, "ADA")["price"], held(worker, "ADA")["route"][:19]) == (D("0.3"), "stated by the owner")

    venue.do("list ADAUSDT")
    venue.advance(minutes=2)
    run_hours(worker, venue)
    assert (held(worker, "ADA")["route"], held(worker, "ADA")["price"] == D("0.3")) == ("ADAUSDT", False)
    assert "the market prices it (ADAUSDT)" in state("list")

    venue.do("delist ADAUSDT")
    run_hours(worker, venue)
    assert held(worker, "ADA")["route"].startswith("ADAUSDT, last traded")  # the old word does not come back
    assert is_sound(worker)


def test_what_was_worth_less_than_the_dust_limit_counts_as_nothing_when_nobody_trades_it(
    worker: Worker, venue: RunningVenue
) -> None:
    venue.do("buy for 4 ADAUSDT")
    worker.run(venue.now())
    venue.do("delist ADAUSDT")
    venue.advance(days=7)
    hour = run_hours(worker, venue, 2)

    assert (hour["status"], hour["estimated"], held(worker, "ADA")["value"]) == ("COMPLETE", True, None)
    assert "by the last trade, 2026-03-01: counted as nothing" in hour["reason"]
    assert is_sound(worker)


@pytest.mark.usefixtures("first_hour")
def test_everything_is_valued_when_the_exchange_lists_no_pair_as_trading(worker: Worker, venue: RunningVenue) -> None:
    venue.do("delist everything")
    hour = run_hours(worker, venue, 2)

    assert [row["status"] for row in worker.hours()] == ["COMPLETE"] * 3
    assert hour["estimated"] and "the market has been closed since 2026-03-01 01:02 UTC" in hour["reason"]
    assert is_sound(worker)


def test_a_worthless_coin_may_be_said_to_be_so(worker: Worker, venue: RunningVenue, state: Callable[..., str]) -> None:
    venue.do("airdrop 12 MYSTERY")
    told = state("set", "MYSTERY", "0", "--note", "spam")
    hour = run_hours(worker, venue)

    assert "1 MYSTERY is worth 0 USDT since 2026-03-01 01:02 UTC" in told
    assert (hour["status"], hour["estimated"], held(worker, "MYSTERY")["value"]) == ("COMPLETE", False, 0)
    assert is_sound(worker)


def test_a_word_may_be_in_another_currency_and_is_taken_back_with_a_note(
    worker: Worker, venue: RunningVenue, state: Callable[..., str]
) -> None:
    venue.do("airdrop 2 MYSTERY")
    state("set", "MYSTERY", "0.5", "--currency", "BTC", "--note", "a share")
    worker.run(venue.now())
    assert held(worker, "MYSTERY")["price"] == held(worker, "BTC")["price"] / 2
    assert held(worker, "MYSTERY")["route"] == "stated by the owner on 2026-03-01 in BTC"

    state("forget", "MYSTERY", "--note", "it was sold")
    venue.advance(hours=1)
    worker.run(venue.now())
    assert held(worker, "MYSTERY")["price"] is None
    lines = state("list").splitlines()
    assert [line[0] for line in lines] == [" ", "*"] or [line[0] for line in lines] == [" ", " "]
    assert "a share" in lines[0] and "nothing is stated any more" in lines[1]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("set", "BTC", "1", "--note", "x"), "The market prices BTC (BTCUSDT), and its price wins"),
        (("set", "MYSTERY", "-1", "--note", "x"), "'-1' is not a price"),
        (("set", "MYSTERY", "much", "--note", "x"), "'much' is not a price"),
        (("set", "MYSTERY", "1", "--currency", "NOBODY", "--note", "x"), "the exchange has no price of it"),
        (("set", "MYSTERY", "1", "--since", "2030-01-01", "--note", "x"), "holds from now on"),
        (("forget", "MYSTERY", "--note", "x"), "No price of MYSTERY holds"),
    ],
)
def test_a_word_that_can_not_count_is_refused(words: tuple[str, ...], why: str, state: Callable[..., str]) -> None:
    with pytest.raises(PriceError) as refused:
        state(*words)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--note", " "), "say in a few words why"),
        (("--since", "soon", "--note", "x"), "'soon' is no time. Give a UTC time like"),
    ],
)
def test_a_word_without_a_reason_or_a_time_is_usage(
    words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["price", "set", "MYSTERY", "1", *words])
    assert why in capsys.readouterr().err


def test_of_the_words_about_a_moment_the_last_one_counts() -> None:
    def word(price: str | None, since: str, stated: str) -> StatedPrice:
        value = D(price) if price else None
        return StatedPrice(asset="X", price=value, since=at(since), stated_at=at(stated), note="")

    words = (
        word("1", "2026-01-01 00:00", "2026-01-05 00:00"),
        word("2", "2026-02-01 00:00", "2026-02-01 00:00"),
        word(None, "2026-03-01 00:00", "2026-03-01 00:00"),
        word("4", "2026-01-02 00:00", "2026-04-01 00:00"),
    )
    found = [find_word(words[:3], "X", at(f"2026-0{month}-15 00:00")) for month in (1, 2, 3)]

    assert [found_word and found_word.price for found_word in found] == [D(1), D(2), None]
    assert find_word(words, "X", at("2026-02-15 00:00")) is words[3]
    assert find_word(words, "X", at("2025-12-31 00:00")) is None
    assert find_word(words, "Y", at("2026-02-15 00:00")) is None


def judge(held: dict[str, str], last: dict[str, str], total: str, limit: str = "5") -> tuple[int, int]:
    """How many problems and how many estimates coins without a price make beside 1000 USDT."""
    balances = tuple(Balance(asset=asset, free=D(quantity)) for asset, quantity in {"USDT": "1000", **held}.items())
    moment = at("2026-01-01 00:00") - timedelta(days=400)
    yardstick = Yardstick(
        outdated={a: AssetPrice(asset=a, value=D(price), origin="old", traded_at=moment) for a, price in last.items()},
        totals=(WalletTotal(name="Spot", wallets=("spot",), value=D(total)),),
        dust_limit=D(limit),
    )
    wallet = WalletReading(wallet="spot", state=WalletState.READ, balances=balances)
    found = value_wallets([wallet], {"USDT": AssetPrice(asset="USDT", value=D(1))}, yardstick, {})
    assert found.nav == (None if found.problems else 1000)
    return len(found.problems), len(found.estimates)


def test_dust_is_judged_together_and_a_total_leaves_room_or_not() -> None:
    one = {"A": "1"}
    assert judge(one, {"A": "5"}, "1000") == (0, 1)
    assert judge(one, {"A": "5.01"}, "1000") == (1, 0)
    assert judge(one, {"A": "5"}, "1000", limit="4") == (1, 0)
    assert judge({"A": "1", "B": "1", "C": "1"}, {"A": "2", "B": "2", "C": "2"}, "1000") == (1, 2)
    assert judge({"A": "-3"}, {"A": "2"}, "994") == (1, 0)
    assert judge(one, {}, "1005") == (0, 1)
    assert judge(one, {}, "994") == (1, 0)
    assert judge(one, {}, "1006") == (1, 0)


def test_a_flow_beside_a_coin_that_counts_as_nothing_is_exact(worker: Worker, venue: RunningVenue) -> None:
    venue.do("airdrop 12 MYSTERY")
    worker.run(venue.now())
    venue.advance(minutes=30)
    venue.do("deposit 1000 USDT")
    venue.advance(minutes=30)
    worker.run(venue.now())

    (flow,) = worker.rows("select * from flow_valuations where account_id = 1 and value = 1000")
    assert (flow["estimated"], flow["reason"]) == (False, "")
    assert 99 < flow["unit_price"] < 101 and is_sound(worker)


def test_hours_that_were_missed_are_rebuilt_with_what_counts_as_nothing_and_with_the_owners_word(
    worker: Worker, venue: RunningVenue, state: Callable[..., str]
) -> None:
    venue.do("airdrop 12 MYSTERY")
    venue.do("airdrop 5 TOKEN")
    state("set", "TOKEN", "2", "--note", "what it costs elsewhere")
    worker.run(venue.now())
    venue.advance(hours=3)
    hour = run_hours(worker, venue, 0)

    assert [row["status"] for row in worker.hours()] == ["COMPLETE", "RECONSTRUCTED", "RECONSTRUCTED", "COMPLETE"]
    assert hour["estimated"] and all(row["estimated"] for row in worker.hours())
    rebuilt = worker.rows("select h.asset, h.value from holdings h join nav_history n using (snapshot_id)"
        " where n.status = 'RECONSTRUCTED' and h.asset in ('MYSTERY', 'TOKEN') order by n.hour, h.asset")  # fmt: skip
    assert [(row["asset"], row["value"]) for row in rebuilt] == [("MYSTERY", None), ("TOKEN", 10)] * 2
    assert "MYSTERY has no price: counted as nothing" in worker.hours()[1]["reason"]
    assert is_sound(worker)


@pytest.mark.usefixtures("first_hour")
def test_a_flow_of_a_coin_with_a_stated_price_is_valued_by_it(
    worker: Worker, venue: RunningVenue, state: Callable[..., str]
) -> None:
    state("set", "TOKEN", "2", "--since", "2026-02-01", "--note", "what it costs elsewhere")
    venue.advance(minutes=30)
    venue.do("deposit 5 TOKEN")
    venue.advance(minutes=30)
    worker.run(venue.now())

    (flow,) = worker.rows("select * from flow_valuations where account_id = 1 and value = 10")
    assert flow["price_source"] == "stated by the owner on 2026-03-01"
    assert worker.hours()[-1]["status"] == "COMPLETE" and is_sound(worker)

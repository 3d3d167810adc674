"""The account books: a wallet's ledger chains from nothing to what the wallet holds, whatever a story does."""

from datetime import timedelta
from decimal import Decimal

from paper.clock import VenueClock
from paper.ledger.books import Row
from paper.stories.lines import parse_story
from paper.stories.verbs import make_venue
from tests.venue import MARKET, START

STORY = """
+0m account A key k secret s
+0m deposit 9000 USDT credited after 3m
+5m buy for 4000 BTCUSDT
+6m withdraw 100 USDT fee 1.5 completed after 20m
+6m withdraw 50 USDT fee 1 rejected after 20m
+7m transfer 1000 USDT from spot to futures
+8m long 0.01 BTCUSDT
+9m funding pay 0.25 USDT BTCUSDT
+15m close BTCUSDT
+16m transfer 900 USDT from futures to spot
+17m lock 10 USDT
+18m transfer 300 USDT from spot to cross_margin
+19m borrow 0.01 ETH on cross_margin
+20m sell 0.004 ETHUSDT on cross_margin
+21m convert 20 USDT to SOL
+22m fiat withdraw 30 USDT fee 0.5 completed after 10m
"""
WALLETS = {"spot": ("spot", "locked", "withdrawing"), "futures": ("futures",), "margin": ("cross_margin",)}


def test_every_wallet_chains_to_what_it_holds() -> None:
    venue = make_venue(MARKET, VenueClock(START, follows=False), parse_story(STORY, START))
    venue.clock.advance(timedelta(hours=2))
    venue.catch_up()

    for buckets in WALLETS.values():
        rows = list(venue.books.wallet("A", buckets))
        last: dict[str, Decimal] = {}
        for row in rows:
            assert row.balance == last.get(row.asset, 0) + row.change
            last[row.asset] = row.balance
        held = {asset: sum(venue.ledger.balance(("A", bucket), asset) for bucket in buckets) for asset in last}
        assert last == held and len(rows) > 2
        assert [row.number for row in rows] == sorted({row.number for row in rows})


def test_a_row_says_what_it_is_and_what_stays_in_the_wallet_is_none() -> None:
    venue = make_venue(MARKET, VenueClock(START, follows=False), parse_story(STORY, START))
    venue.clock.advance(timedelta(hours=2))
    venue.catch_up()

    def said(row: Row) -> tuple[str, str, str, str]:
        return row.verb, row.why, row.about, row.asset

    spot = [said(row) for row in venue.books.wallet("A", WALLETS["spot"])]
    assert spot[:6] == [
        ("_credit", "", "", "USDT"),
        ("buy", "", "BTCUSDT", "USDT"),
        ("buy", "", "BTCUSDT", "BTC"),
        ("buy", "commission", "BTCUSDT", "BTC"),
        ("transfer", "", "", "USDT"),
        ("transfer", "", "", "USDT"),
    ]
    assert ("_end_withdrawal", "fee", "", "USDT") in spot
    assert not [verb for verb, *_ in spot if verb in ("lock", "withdraw")]
    futures = [said(row) for row in venue.books.wallet("A", WALLETS["futures"])]
    assert ("funding", "funding", "BTCUSDT", "USDT") in futures
    assert ("close", "profit", "BTCUSDT", "USDT") in futures

"""A trader's day: long, flat, short and back through zero, coins for coins, dust, fees in every coin, late and early ones."""

from datetime import UTC, datetime
from fractions import Fraction

from monitor.performance.verification import verify
from tests.endtoend.comparison import compare_account, compare_explanations
from tests.endtoend.journey import HOUR, INSTANT, Journey
from tests.independent.explained import Happening
from tests.venue import KEY, SECRET
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

START = datetime(2026, 3, 10, 8, tzinfo=UTC)
STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 60000 USDT
+0m deposit 0.2 BTC
+1m buy for 600 BNBUSDT
+1m transfer 20000 USDT from spot to cross_margin

# short by borrowed coins, more of it, bought back in parts, and through zero with fees in the coin
+01:10 borrow 20 SOL on cross_margin
+01:15 sell 12 SOLUSDT on cross_margin
+01:40 sell 8 SOLUSDT on cross_margin
+02:05 charge 0.01 SOL on cross_margin
+02:20 buy 5 SOLUSDT on cross_margin
+03:10 charge 0.008 SOL on cross_margin
+03:30 buy 40 SOLUSDT on cross_margin
+04:10 sell 44.9 SOLUSDT on cross_margin
+05:20 buy 30 SOLUSDT on cross_margin
+05:40 repay 20.018 SOL on cross_margin

# coins for coins, in one second and in one hour, with fees in BNB from half-way on
+01:20 buy 0.5 ETHBTC
+01:20 buy 0.25 ETHBTC
+01:20 sell 0.1 ETHUSDT
+02:29 transfer 0.3 BNB from spot to cross_margin
+02:30 bnbfees on
+02:31 sell 0.3 ETHBTC
+02:32 sell 0.349 ETHUSDT
+03:05 buy 0.5 ETHUSDT
+03:50 convert 0.2 ETH to SOL
+04:05 sell 0.3001 ETHUSDT
+04:50 dust ETH
+05:04 sell 0.15 BNBBTC
+05:30 withdraw 0.05 BTC fee 0.0001
+05:50 convert 0.1 BTC to EUR
+06:10 buy 100 USDCUSDT
+06:20 airdrop 0.5 LINK
+07:05 sell 0.2 LINKUSDT
+07:50 vanish 0.3 LINK
+07:10 deposit 400 ADA
+07:20 buy 100 ADAUSDT
+07:40 sell 500 ADAUSDT
"""


def test_every_trade_and_fee_is_the_independent_one(open_venue: VenueOpener, open_worker: Opener) -> None:
    venue = open_venue(STORY, start=START, stands=START)
    worker = open_worker(venue)
    worker.add()
    with Journey(venue, worker, STORY, START) as journey:
        journey.run_hours(9)
        unseen = [_unseen(journey, 7, "0.5"), _unseen(journey, 8, "-0.3")]
        found = compare_account(journey, 1, "test").differing
        found += compare_explanations(journey, 1, "test", unseen).differing
        assert found == []
        assert verify(worker.db).differences == ()
        sides = worker.rows("select asset, string_agg(side, ' ' order by opened_at) as sides from trades group by 1")
        assert {row["asset"]: row["sides"] for row in sides} == {
            "ADA": "LONG", "BNB": "LONG", "BTC": "LONG", "ETH": "LONG", "LINK": "LONG", "SOL": "SHORT LONG SHORT LONG",
        }  # fmt: skip


def _unseen(journey: Journey, hour: int, quantity: str) -> Happening:
    """Chainlink that came or went without a record, as it is noticed at the hour's end."""
    end = journey.readings[START + hour * HOUR].at
    return Happening(at=end - INSTANT, part="residual", asset="LINK", quantity=Fraction(quantity))

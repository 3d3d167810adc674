"""The monitor reads an account of the platform with a key that only reads, and accounts for its hours to the last digit."""

from decimal import Decimal
from pathlib import Path

from tests.paper.platform.served import Client
from tests.paper.platform.standing import StandingPlatform, join, stand
from tests.postgres import Database
from tests.venue import START
from tests.worker import Opener


def test_the_hours_of_an_account_are_complete_and_explained(
    database: Database, tmp_path: Path, open_worker: Opener
) -> None:
    with stand(database, tmp_path / "paper", START) as platform:
        _, keys = join(platform, START)
        venue = StandingPlatform(platform)
        venue.advance(hours=1, minutes=2)
        worker = open_worker(venue)
        worker.add(key=keys[False][0], secret=keys[False][1])
        worker.run(venue.now())
        venue.advance(minutes=20)
        bot = Client(url=venue.url, key=keys[True][0], secret=keys[True][1])
        bot.stamp = lambda: int(venue.now().timestamp() * 1_000)
        bought = bot.ask("POST", "/api/v3/order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.02")
        bot.limit("SELL", "0.01", str(round(Decimal(bought["cummulativeQuoteQty"]) / Decimal("0.02") * 2, 2)))
        venue.advance(minutes=40)
        worker.run(venue.now())
        venue.stop()

    hours = worker.hours()
    assert [hour["status"] for hour in hours] == ["COMPLETE", "COMPLETE"]
    (told,) = worker.rows(
        "select state, residual, fees from explanations where account_id = 1 order by hour desc limit 1"
    )
    assert (told["state"], told["residual"]) == ("explained", 0) and told["fees"] < 0
    (locked,) = worker.rows("select sum(locked) as locked from holdings where asset = 'BTC'")
    assert locked["locked"] == Decimal("0.01")

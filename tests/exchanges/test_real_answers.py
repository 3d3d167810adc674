"""What the real exchange answers, as it was recorded or is documented, through the readers over HTTP."""

from decimal import Decimal as D

from tests.exchanges.sample import answering, read_sample
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

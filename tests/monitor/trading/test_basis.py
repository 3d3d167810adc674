"""What coins had cost that were there before: the owner's word moves gains and costs, and no NAV."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from monitor.__main__ import parse_arguments
from monitor.errors import LedgerError
from monitor.performance.verification import verify
from monitor.trading.tie_out import prove
from tests.lived_once import Relive
from tests.venue import RunningVenue
from tests.worker import Worker


def say(worker: Worker, *words: str) -> None:
    asked = parse_arguments(["trades", "basis", "test", *words])
    asked.run(worker.db, worker.settings, asked, datetime.now(UTC))


def sums(worker: Worker) -> dict[str, Any]:
    [row] = worker.rows(
        "select sum(realised) as realised, sum(unrealised_change) as change, sum(price_effect + trading) as moved,"
        " (array_agg(unrealised order by hour desc))[1] as unrealised from explanations"
    )
    return row


@pytest.fixture
def history(worker: Worker, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live`."""
    return relive(worker, venue, live)


def live(worker: Worker, venue: RunningVenue) -> None:
    """A tenth of an ETH is sold in the second hour."""
    worker.run(venue.now())
    venue.advance(minutes=30)
    venue.do("sell 0.1 ETHUSDT")
    for _ in range(2):
        venue.advance(minutes=30)
        worker.run(venue.now())


def test_a_word_about_the_cost_moves_gains_and_nothing_else(
    history: Worker, capsys: pytest.CaptureFixture[str]
) -> None:
    navs = history.rows("select hour, nav, units, unit_price from nav_history order by hour, account_id")
    before, sold = sums(history), history.rows("select * from fills where base_asset = 'ETH' order by id desc")[0]
    say(history, "eth", "1000", "--note", "bought in 2023")

    after = sums(history)
    assert after["realised"] == sold["quote_quantity"] - 100
    assert after["moved"] == before["moved"]
    assert history.rows("select hour, nav, units, unit_price from nav_history order by hour, account_id") == navs
    [trade] = history.rows("select * from trades where asset = 'ETH'")
    assert trade["entry_value"] == 1000 * trade["entered"]
    assert verify(history.db).differences == ()
    found = prove(history.db, 1, [row["hour"] for row in history.hours()])
    assert found and not found.failure and found.unrealised_before > 0
    assert {one.total for one in found.methods.values()} == {found.unrealised_before + found.price_effect_and_trading}
    assert "as you said" in capsys.readouterr().out

    say(history, "ETH", "--forget", "--note", "wrong")
    assert sums(history) == before
    assert verify(history.db).differences == ()


def test_a_part_has_its_cost_and_the_rest_its_value(history: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    [held] = history.rows(
        "select h.free as quantity, h.price from holdings h join nav_history n using (snapshot_id)"
        " where asset = 'ETH' order by n.hour limit 1"
    )
    say(history, "ETH", "0", "--quantity", "0.25", "--note", "mined")
    [trade] = history.rows("select * from trades where asset = 'ETH'")
    assert trade["entry_value"] == (held["quantity"] - Decimal("0.25")) * held["price"]
    assert "0.25 as you said, the rest its value then" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["DOGE", "1", "--note", "x"], "held no DOGE at its first hour"),
        (["ETH", "1"], "Say in a few words where the figure comes from"),
    ],
)
def test_a_word_that_says_nothing_is_refused(history: Worker, words: list[str], message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        say(history, *words)
    assert history.rows("select 1 from basis_words") == []


@pytest.mark.parametrize("price", ["-1", "nan", "1e18", "0.0000000000000000001", "many"])
def test_what_is_no_price_is_refused(price: str) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["trades", "basis", "test", "ETH", price, "--note", "x"])


def test_older_trades_prove_what_coins_had_cost(
    worker: Worker, venue: RunningVenue, capsys: pytest.CaptureFixture[str]
) -> None:
    """SOL was bought twice and sold once before the first hour; where the ETH came from no record shows."""
    for line in ("deposit 50000 USDT", "buy 4 SOLUSDT", "buy 2 SOLUSDT", "sell 1 SOLUSDT"):
        venue.do(line)
        venue.advance(minutes=1)
    worker.run(venue.now())
    venue.do("buy 1 SOLUSDT")  # by which the pair is known
    venue.advance(hours=1)
    worker.run(venue.now())
    asked = parse_arguments(["trades", "sync", "--all"])
    assert asked.run(worker.db, worker.settings, asked, venue.now()) in (0, 1)
    capsys.readouterr()

    said = parse_arguments(["trades", "basis", "test", "--acquired"])
    assert said.run(worker.db, worker.settings, said, venue.now()) == 1
    printed = capsys.readouterr()
    assert "SOL" in printed.out and "as older records say" in printed.out
    assert "ETH: not proven" in printed.err and "SOL" not in printed.err
    units, cost = Fraction(0), Fraction(0)
    for row in worker.rows("select * from fills where base_asset = 'SOL' order by occurred_at limit 3"):
        fee = row["fee"] if row["fee_asset"] == "SOL" else 0
        sold = max(-row["base_quantity"], 0)
        if not sold:
            units, cost = units + Fraction(row["base_quantity"]), cost - Fraction(row["quote_quantity"])
        units, cost = units - Fraction(sold) - Fraction(fee), cost * (1 - (Fraction(sold) + Fraction(fee)) / units)
    [word] = worker.rows("select * from basis_words")
    assert (word["asset"], word["source"]) == ("SOL", "records") and word["note"].startswith("3 older records")
    assert abs(Fraction(word["price"]) - cost / units) < Fraction(1, 10**15)
    assert verify(worker.db).differences == ()
    [trade] = worker.rows("select * from trades where asset = 'SOL'")
    assert trade["opened_by"] == "opening"
    say(worker, "SOL", "9", "--note", "I know better")
    assert said.run(worker.db, worker.settings, said, venue.now()) == 1
    assert "you have said what it had cost" in capsys.readouterr().err

"""`trades verify`: gains and the change of NAV agree in what the worker wrote, and it is said where they don't."""

import gc
import json
import tracemalloc
from argparse import Namespace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finance.inventory import Inventory, Method
from monitor.commands.trades import run_verify
from monitor.trading.tie_out import prove
from sql.connect import connect
from tests.lived_once import Relive
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker


def trades_verify(worker: Worker, *, as_json: bool = False) -> int:
    asked = Namespace(account=None, portfolio=None, json=as_json)
    return run_verify(worker.db, worker.settings, asked, datetime.now(UTC))


@pytest.fixture
def history(worker: Worker, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live`."""
    return relive(worker, venue, live)


def live(worker: Worker, venue: RunningVenue) -> None:
    """Five hours with purchases at several prices, fees in BNB, a sale, a deposit and a withdrawal of coins."""
    for event in ("deposit 9000 USDT", "buy 1 BNBUSDT", "bnbfees on"):
        venue.do(event)
    worker.run(venue.now())
    for event in ("buy 0.02 BTCUSDT", "deposit 0.5 BTC", "buy 0.03 BTCUSDT", "sell 0.04 BTCUSDT",
                  "withdraw 0.1 BTC fee 0.0001"):  # fmt: skip
        venue.advance(minutes=30)
        venue.do(event)
        venue.advance(minutes=30)
        worker.run(venue.now())


def test_gains_are_the_change_of_nav_by_every_method(history: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    assert trades_verify(history, as_json=True) == 0
    [found] = json.loads(capsys.readouterr().out)
    stored = history.rows(
        "select sum(price_effect + trading) as moved, sum(realised) as realised, sum(transferred_gain) as transferred"
        " from explanations"
    )[0]

    assert (found["failure"], found["hours"]) == (None, len(history.hours()) - 1)
    assert {Decimal(one["together"]) for one in found["methods"].values()} == {stored["moved"]}
    assert Decimal(found["methods"]["average"]["realised"]) == stored["realised"] != 0
    assert Decimal(found["methods"]["average"]["transferred_gain"]) == stored["transferred"] != 0
    assert len({one["realised"] for one in found["methods"].values()}) > 1
    assert found["methods"].keys() == set(Method)

    assert trades_verify(history) == 0
    assert "Every hour agrees to the last digit" in capsys.readouterr().out


CHANGES = [
    ("realised = realised + 1, unrealised_change = unrealised_change - 1", "realised "),
    ("costs = jsonb_set(costs, '{BTC}', '\"1\"')", "cost of BTC 1 instead of "),
    ("trading = trading + 1, price_effect = price_effect - 1", "price effect and trading are stored as other amounts"),
    ("unrealised = null", "no gains are stored"),
]


def test_the_first_hour_that_does_not_agree_is_named(history: Worker, database: Database) -> None:
    hours = [row["hour"] for row in history.hours()]
    with connect(database.owner_url, name="test", schema="monitor") as owner:
        for change, words in CHANGES:
            with owner.transaction(force_rollback=True):
                owner.execute(f"update explanations set {change} where hour >= %s", [hours[3]])
                found = prove(owner, 1, hours)
            assert found and found.hours == 2
            assert f"{hours[3]:%Y-%m-%d %H:%M} UTC: " in found.failure
            assert words in found.failure


def test_a_digit_that_is_lost_is_found(
    history: Worker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever would break the arithmetic: here a method that gains a digit too much."""
    book = Inventory.book

    def wrong(self: Inventory, quantity: Decimal, value: Decimal) -> Decimal:
        return book(self, quantity, value) + (Decimal("1e-18") if self.method is Method.LIFO else 0)

    monkeypatch.setattr(Inventory, "book", wrong)
    assert trades_verify(history) == 1
    assert "lifo: gains and unrealised are" in capsys.readouterr().out


MANY_MOVES = """
    insert into trade_moves (account_id, hour, number, trade_id, at, effect, kind, row, order_id, quantity, value, gain, worth)
    select account_id, hour, 1000 + n, trade_id, at, effect, kind, row, order_id, quantity, value, gain, worth
    from (select * from trade_moves limit 1) one, generate_series(1, 20000) n
    """


def measure_verify(worker: Worker) -> float:
    """The most that its objects take at once, in MiB."""
    gc.collect()
    tracemalloc.start()
    trades_verify(worker)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def test_its_memory_does_not_grow_with_the_moves_of_trades(history: Worker, database: Database) -> None:
    """Hours are gone through a stretch at a time; a trader has hundreds of thousands of moves, and a small machine 512 MB."""
    trades_verify(history)  # what is loaded once
    few = measure_verify(history)
    with connect(database.owner_url, name="test", schema="monitor") as owner:
        owner.execute(MANY_MOVES)
    assert measure_verify(history) < few + 1


def test_one_hour_has_nothing_to_prove(worker: Worker, venue: RunningVenue) -> None:
    assert trades_verify(worker) == 3
    worker.run(venue.now())
    assert trades_verify(worker) == 3

"""`benchmark add|remove|default|list`: other comparisons from the same ledger, without loss."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from monitor.__main__ import parse_arguments
from monitor.commands.benchmark import run_benchmark_command
from monitor.errors import MonitorError
from monitor.performance.verification import verify
from sql.connect import connect
from sql.locks import RUN_LOCK
from sql.migrate import MIGRATIONS
from tests.lived_once import Relive
from tests.monitor.notation import D
from tests.postgres import Database
from tests.venue import RunningVenue
from tests.worker import Worker


def order(worker: Worker, *words: str, account: str = "test") -> int:
    arguments = parse_arguments(["benchmark", *words, "--account", account])
    try:
        return run_benchmark_command(worker.db, worker.settings, arguments, datetime.now(UTC))
    finally:
        worker.db.execute("select pg_advisory_unlock(%(lock)s)", {"lock": RUN_LOCK})


def benchmark(worker: Worker, name: str, account: int = 1) -> list[dict[str, Decimal]]:
    return worker.rows(
        "select h.hour, h.nav, h.unit_price, h.quantities from benchmark_history h"
        " join benchmark_configs c on c.id = h.benchmark_id where c.name = %(name)s and c.account_id = %(account)s"
        " order by hour",
        name=name,
        account=account,
    )


@pytest.fixture
def history(worker: Worker, venue: RunningVenue, relive: Relive) -> Worker:
    """The worker after `live`."""
    return relive(worker, venue, live)


def live(worker: Worker, venue: RunningVenue) -> None:
    """Four hours with a deposit, a withdrawal and a trade."""
    worker.run(venue.now())
    for event in ("deposit 2 ETH", "withdraw 1000 USDT fee 1", "buy 0.01 BTCUSDT"):
        venue.advance(minutes=20)
        venue.do(event)
        venue.advance(minutes=40)
        worker.run(venue.now())


def test_a_benchmark_that_is_added_later_has_its_whole_history(history: Worker, venue: RunningVenue) -> None:
    """The same basket as the default one: equal to the last digit in every hour."""
    assert order(history, "add", "twin", "--basket", "BTC=50 ETH=50") == 0
    assert benchmark(history, "twin") == benchmark(history, "hold")

    venue.advance(hours=1)
    history.run(venue.now())
    assert benchmark(history, "twin") == benchmark(history, "hold")
    assert len(benchmark(history, "twin")) == 5


def test_a_basket_of_coins_never_held_gets_prices_of_every_hour(history: Worker) -> None:
    order(history, "add", "other", "--basket", "SOL=100")

    rows = benchmark(history, "other")
    assert len(rows) == len(history.hours())
    assert len({row["unit_price"] for row in rows}) == len(rows)
    assert verify(history.db).differences == ()


def test_the_total_of_all_accounts_has_benchmarks_of_its_own(history: Worker) -> None:
    order(history, "add", "bitcoin", "--basket", "BTC=100", account="All accounts")

    assert len(benchmark(history, "bitcoin", account=0)) == len(history.hours(0))


def test_options_are_kept_and_shown(history: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    order(history, "add", "tight", "--basket", "BTC=60 ETH=40", "--rebalance", "band", "--band", "5", "--fee", "0.1",
          "--withdrawals", "same_fraction")  # fmt: skip
    order(history, "default", "tight")

    told = capsys.readouterr().out.splitlines()[-3:]
    assert told == [
        "tight: BTC=60 ETH=40, rebalanced band of 5 points, fee 0.1 %, withdrawals of the same fraction (default)",
        "hold: BTC=50 ETH=50, rebalanced never",
        "monthly: BTC=50 ETH=50, rebalanced monthly",
    ]
    assert benchmark(history, "tight")[0]["nav"] == pytest.approx(history.hours()[0]["nav"] * D("0.999"))


def test_what_is_removed_can_be_added_again(history: Worker) -> None:
    before = benchmark(history, "monthly")
    order(history, "remove", "monthly")
    assert benchmark(history, "monthly") == []

    order(history, "add", "monthly", "--basket", "BTC=50 ETH=50", "--rebalance", "monthly")
    assert benchmark(history, "monthly") == before


REFUSED = (
    ("already", "add hold --basket BTC=100"),
    ("does not add up to 100", "add x --basket BTC=90"),
    ("--band POINTS", "add x --basket BTC=100 --rebalance band"),
    ("between 0 and 10", "add x --basket BTC=100 --fee 99"),
    ("no price of NOSUCHCOIN", "add x --basket NOSUCHCOIN=100"),
    ("is the default", "remove hold"),
    ("There are: hold, monthly", "default x"),
)


def test_what_makes_no_sense_is_refused_and_changes_nothing(history: Worker) -> None:
    before = history.rows("select * from benchmark_configs order by id")

    for told, words in REFUSED:
        with pytest.raises(MonitorError, match=told):
            order(history, *words.split())
        assert history.rows("select * from benchmark_configs order by id") == before, words


def test_the_list_shows_every_account_unless_one_is_named(worker: Worker, capsys: pytest.CaptureFixture[str]) -> None:
    worker.rows("update accounts set label = 'second' where id = 1 returning id")
    for words in ([], ["--account", "second"]):
        run_benchmark_command(
            worker.db, worker.settings, parse_arguments(["benchmark", "list", *words]), datetime.now(UTC)
        )
        assert capsys.readouterr().out.startswith("second:\nhold")
    worker.add("third")
    run_benchmark_command(worker.db, worker.settings, parse_arguments(["benchmark", "list"]), datetime.now(UTC))
    listed = capsys.readouterr().out.split("\n\n")
    assert [part.partition(":\n")[0] for part in listed] == ["All accounts", "second", "third"]
    assert all(part.partition(":\n")[2].startswith("hold: BTC=50 ETH=50") for part in listed)
    worker.rows("update accounts set enabled = false where id > 0 returning id")
    run_benchmark_command(worker.db, worker.settings, parse_arguments(["benchmark", "list"]), datetime.now(UTC))
    assert "Add one" in capsys.readouterr().out


def test_what_an_older_version_redeemed_at_a_fee_is_computed_again(
    history: Worker, venue: RunningVenue, database: Database
) -> None:
    """It left units for the fee of what was sold, and their price fell: the migration asks for all of it again."""
    order(history, "add", "costly", "--basket", "BTC=50 ETH=50", "--fee", "1")
    right = benchmark(history, "costly")
    with connect(database.owner_url, name="test") as owner:
        owner.execute(
            "update monitor.benchmark_history set units = units * 1.01, unit_price = unit_price / 1.01 where benchmark_id"
            " = (select id from monitor.benchmark_configs where name = 'costly') and hour = (select max(hour) from"
            " monitor.nav_history)"
        )
        assert verify(history.db).differences != ()
        owner.execute(next(MIGRATIONS.glob("*_redeemed_fees.sql")).read_text())
    venue.advance(hours=1)
    history.run(venue.now())

    assert benchmark(history, "costly")[:-1] == right
    assert verify(history.db).differences == ()
    (change,) = history.rows("select account_id, hours, reason from history_changes")
    assert (change["account_id"], change["hours"]) == (1, 2)  # from the withdrawal on

"""An error that nobody thought of, and answers nobody would give: the other accounts keep their hour, and the next run heals."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from monitor import __main__ as program
from monitor.accounts.client import AccountRun
from monitor.commands import run as run_command
from monitor.cycle import follow_up
from monitor.performance import booking, recomputation, recording
from tests.commands import Commands
from tests.endtoend.broken_code import Site, broken_at
from tests.endtoend.isolation import break_code, choose_sites, list_paths, list_places, mutate_answers
from tests.endtoend.three import Three, prepare
from tests.postgres import Server

SITES = 2
MUTATIONS = (4, 5, 226, 242)  # 226: a time of -0.0; 242: a dividend under two ids
READING, RECORDING = "exchanges/binance/wallets.py: fetch_wallets", "performance/recording.py: record_account_hour"
IN_THE_COMMAND = ("__main__.py: _run", "commands/run.py: _run", "commands/run.py: _hold")
MARKING = "ledger/store/marks.py: mark_recomputation"


@pytest.fixture(scope="module")
def three(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """Three accounts, two hours long."""
    with prepare(server, tmp_path_factory.mktemp("three")) as prepared:
        yield prepared


def test_what_breaks_anywhere_costs_one_account_and_heals(three: Three) -> None:
    for site in choose_sites(list_places(three), SITES, seed=5):
        assert break_code(three, site).wrong == (), site


@pytest.mark.parametrize(
    ("place", "error"),
    [
        (READING, asyncio.CancelledError),
        (RECORDING, psycopg.errors.QueryCanceled),
        (MARKING, psycopg.errors.UniqueViolation),
    ],
)
def test_what_the_database_refuses_or_nobody_cancelled_is_one_accounts_matter(
    three: Three, place: str, error: type[BaseException]
) -> None:
    verdict = break_code(three, Site(place=place, number=2, error=error))

    assert verdict.wrong == ()
    assert verdict.outcome.startswith("exit code 1, run partial")


def test_what_breaks_in_the_command_itself_is_on_the_runs_row(three: Three) -> None:
    for place in [place for place in list_places(three) if place.startswith(IN_THE_COMMAND)]:
        assert break_code(three, Site(place=place, number=1, error=KeyError)).wrong == (), place


def test_a_run_that_the_database_leaves_says_so_and_begins_anew(three: Three) -> None:
    with three.attempt() as attempt:
        with broken_at(Site(place=RECORDING, number=2, error=psycopg.errors.DiskFull)):
            ran = attempt.run(three.here)
        rows = attempt.worker.rows("select outcome, message from runs order by id desc limit 2")
        logged = attempt.worker.rows("select 1 from system_logs where message = %(said)s", said=rows[1]["message"])

    assert ran.code == 0
    assert [row["outcome"] for row in rows] == ["complete", "failed"]
    assert rows[1]["message"] == "the database broke off: what was read" and logged


def test_mutated_answers_of_one_account_never_pass_and_cost_no_other(three: Three) -> None:
    paths = list_paths(three)

    for seed in MUTATIONS:
        mutation, verdict = mutate_answers(three, paths, seed)
        assert verdict.wrong == (), mutation


def test_what_breaks_in_one_account_is_told_with_its_place(three: Three, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = booking.book_histories

    def broken(run: AccountRun, *rest: object) -> object:
        if run.account_id == 2:
            raise ZeroDivisionError("what was read")
        return kept(run, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "book_histories", broken)
    with three.attempt() as attempt:
        attempt.run(three.here)
        rows = [attempt.row(number, three.hour) for number in range(4)]

    assert [row["status"] for row in rows] == ["PARTIAL", "COMPLETE", "PARTIAL", "COMPLETE"]
    reason = rows[2]["reason"]
    assert reason.startswith("Recording the account two: ZeroDivisionError in test_isolation.py, line")
    assert "please report it" in reason and "what was read" not in reason


@pytest.mark.parametrize(
    ("place", "doing"),
    [
        ((follow_up, "_fill_outages"), "Completing the hours of the account one"),
        ((follow_up, "_combine_outages"), "Completing the hours of all accounts"),
        ((follow_up, "check_days"), "Comparing days with the exchange's records"),
        ((recomputation, "load_marked_accounts"), "Computing figures again"),
        ((run_command, "record_market"), "Reading the market"),
        ((run_command, "format_result"), "Printing the result"),
        ((run_command, "raise_alerts"), "Raising alerts"),
    ],
)
def test_what_breaks_after_the_hour_is_on_the_runs_row_and_in_its_exit_code(
    place: tuple[object, str], doing: str, three: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(*place, broken)
    with three.attempt() as attempt:
        ran = attempt.run(three.here)
        statuses = [row["status"] for row in attempt.figures(three.hour).values()]
        logged = attempt.worker.rows("select message from system_logs where level = 'error'")

    assert (ran.code, ran.row["outcome"], statuses) == (70, "complete", ["COMPLETE"] * 4)
    assert f"{doing}: ZeroDivisionError in test_isolation.py" in ran.row["message"]
    assert doing in ran.said and any(doing in row["message"] for row in logged)


def test_a_command_that_breaks_has_an_exit_code_of_its_own(command: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(program, "ensure_environment_accounts", broken)
    told = command("due")

    assert told.code == 70
    assert told.err.splitlines()[-1].startswith("The command: ZeroDivisionError in test_isolation.py, line")

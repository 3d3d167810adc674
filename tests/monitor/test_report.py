"""What `run` prints, for a person and for a program."""

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from monitor.commands import run_json
from monitor.commands.report import format_result, report_run
from monitor.commands.run_json import write_json
from monitor.cycle.result import CycleResult
from tests.commands import OTHER_KEY, OTHER_SECRET, TWO_LINES, Commands
from tests.venue import KEY, SECRET, RunningVenue
from tests.venue import Opener as VenueOpener
from tests.worker import Opener, Worker

OTHER_LINES = f"{OTHER_KEY}\n{OTHER_SECRET}\n"
STORY = f"""
+0m account test key {KEY} secret {SECRET}
+0m deposit 10000 USDT
+1m buy for 9000 BTCUSDT
"""
AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
PROSE = ("hour", "version", "stored", "is_complete", "weight", "accounts", "combined", "portfolios", "key", "account", "id", "status",
         "reason", "warnings", "recorded_now", "nav", "invested", "unit_price", "benchmarks", "name", "difference",
         "difference_points", "read", "taken_at", "prices_at", "wallets", "wallet", "state", "problem", "holdings",
         "asset", "free", "locked", "owed", "price", "route", "value", "flows", "kind", "amount", "fee",
         "requested_at", "completed_at")  # fmt: skip


def told(worker: Worker, result: CycleResult, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        write_json(worker.db, result, {1: "test"}, **{"now": result.hour, "stored": True, **more})
    )
    return found


def names_of(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(names_of, value))
    if isinstance(value, dict):
        return set(value).union(*map(names_of, value.values()))
    return set()


def test_the_documented_names_are_the_printed_ones(worker: Worker, venue: RunningVenue) -> None:
    venue.do("deposit 1 ETH")
    printed = told(worker, worker.run(venue.now()))
    weight = printed.pop("weight")

    assert names_of(printed) | {"weight"} == set(PROSE)
    assert weight["api"] > 0
    for name in PROSE:
        assert re.search(rf"\b{name}\b", run_json.__doc__ or ""), name


def test_account_benchmarks_and_differences_add_up(open_worker: Opener, open_venue: VenueOpener) -> None:
    venue = open_venue(STORY)
    worker = open_worker(venue)
    worker.add()
    worker.run(venue.now())
    venue.advance(hours=1)
    printed = told(worker, worker.run(venue.now()))

    for row in (printed["accounts"][0], printed["combined"]):
        assert (row["status"], row["reason"], row["warnings"], row["recorded_now"]) == ("COMPLETE", "", [], True)
        assert [one["name"] for one in row["benchmarks"]] == ["hold", "monthly"]
        for one in row["benchmarks"]:
            assert Decimal(one["difference"]) == Decimal(row["nav"]) - Decimal(one["nav"]) != 0
            assert Decimal(one["difference_points"]) == Decimal(row["unit_price"]) - Decimal(one["unit_price"]) != 0
    read = printed["accounts"][0]["read"]
    assert sum(Decimal(h["value"]) for h in read["holdings"]) == Decimal(read["nav"])
    assert Decimal(printed["accounts"][0]["nav"]) == worker.hours()[-1]["nav"]


def test_amounts_are_plain_text_and_times_are_utc(worker: Worker, venue: RunningVenue) -> None:
    venue.do("airdrop 0.00000001 ETH")
    printed = told(worker, worker.run(venue.now()))

    read = printed["accounts"][0]["read"]
    for holding in read["holdings"]:
        for name in ("free", "locked", "owed", "price", "value"):
            assert AMOUNT.fullmatch(holding[name])
    for moment in (printed["hour"], read["taken_at"], read["prices_at"], read["flows"][0]["completed_at"]):
        assert datetime.fromisoformat(moment).utcoffset() == timedelta(0)


def test_what_is_unknown_is_null_and_says_why(worker: Worker, venue: RunningVenue) -> None:
    venue.fault("/sapi/v1/asset/get-funding-asset", {"status": 500, "body": "oops"})
    result = worker.run(venue.now())
    printed = told(worker, result)

    for row in (printed["accounts"][0], printed["combined"]):
        assert (row["status"], row["nav"], row["unit_price"], row["benchmarks"]) == ("PARTIAL", None, None, [])
        assert "funding" in row["reason"]
    assert printed["is_complete"] is False
    wallets = {one["wallet"]: one for one in printed["accounts"][0]["read"]["wallets"]}
    assert wallets["funding"]["state"] == "failed" and "HTTP 500" in wallets["funding"]["problem"]
    table = format_result(worker.db, result, {1: "test"}, now=result.hour, stored=True)
    assert "test: PARTIAL" in table and "unknown USDT" in table and "HTTP 500" in table


def test_an_account_that_was_not_read_has_nothing_read(worker: Worker, venue: RunningVenue) -> None:
    venue.fault("/sapi/v3/asset/getUserAsset", {"status": 401, "body": '{"code": -2015, "msg": "no"}'})
    printed = told(worker, worker.run(venue.now()))

    assert printed["accounts"][0]["read"] is None and "-2015" in printed["accounts"][0]["reason"]


def test_an_hour_that_was_complete_before_keeps_its_figures(worker: Worker, venue: RunningVenue) -> None:
    first = told(worker, worker.run(venue.now()))["accounts"][0]
    venue.do("airdrop 1 ETH")
    result = worker.run(venue.now())
    again = told(worker, result)["accounts"][0]

    assert again["recorded_now"] is False and again["nav"] == first["nav"] != again["read"]["nav"]
    assert "its figures stay" in format_result(worker.db, result, {1: "test"}, now=result.hour, stored=True)


def test_a_key_that_could_not_be_looked_at_for_days_is_warned_of(worker: Worker, venue: RunningVenue) -> None:
    result = worker.run(venue.now())

    def warnings(days: int) -> tuple[str, ...]:
        return report_run(worker.db, result, {1: "test"}, venue.now() + timedelta(days=days))[0].warnings

    assert warnings(2) == ()
    assert "account check test" in warnings(4)[0]


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_run_prints_every_account_and_all_together(form: tuple[str, ...], command: Commands) -> None:
    command("account", "add", "main", stdin=TWO_LINES)
    command("account", "add", "Zweites Konto", stdin=OTHER_LINES)
    run = command("run", *form)

    assert (run.code, run.err) == (0, "")
    for label in ("main", "Zweites Konto", "All accounts"):
        assert label in run.out
    if form:
        printed = json.loads(run.out)
        total = sum(Decimal(row["nav"]) for row in printed["accounts"])
        assert Decimal(printed["combined"]["nav"]) == total and printed["stored"] is True


def test_one_account_alone_is_not_told_twice(command: Commands) -> None:
    command("account", "add", "main", stdin=TWO_LINES)

    assert "All accounts" not in command("run").out

"""Fifty accounts in one run, beside one account on the same stage."""

from collections import Counter
from collections.abc import Iterator

from bench.budgets import SAMPLES, Line, measure_seconds
from bench.calls import BY_ACCOUNT, longest_chain, watch, weigh
from bench.cycle import LATENCY_SECONDS, RUN
from bench.memory import watch_peak
from bench.stage import Stage, open_stage

ACCOUNTS = 50
FIRST_RUNS = 4  # the first readings of so many accounts are spread over that many
DAY = 24
LIMITS = {"/api/": 6_000, "/fapi/": 2_400}  # a minute, shared by a family; every path of /sapi/ has its own
SAPI_LIMIT = 12_000
WORKER_MIB = 160
MOST_TIMES = 2.5  # what one alone takes
NEW_ACCOUNTS = 400
RUNS_AN_HOUR = 12  # the scheduler looks every five minutes whether an account lacks the hour


def measure_accounts() -> Iterator[Line]:
    """Wall time and weight of fifty accounts."""
    with open_stage(accounts=ACCOUNTS, hours=DAY) as stage:
        stage.delay(LATENCY_SECONDS)
        for _ in range(FIRST_RUNS):
            _record_next(stage)
        many = measure_seconds(lambda: _record_next(stage))
        _begin_hour(stage)
        requests = watch(stage, *RUN)
        _begin_hour(stage)
        peak = watch_peak(stage.start(*RUN))
        stage.db.execute("update accounts set enabled = false where id > 1")
        one = measure_seconds(lambda: _record_next(stage))
    yield Line(what="one of them alone", value=one, unit="s", samples=SAMPLES)
    chain = longest_chain(requests)
    what = f"{ACCOUNTS} accounts, 100 ms a call: {len(requests)} calls, {chain} of them one after another"
    yield Line(what=what, value=many, unit="s", samples=SAMPLES, budget=MOST_TIMES * one)
    yield Line(what="the worker's largest memory with them", value=peak, unit="MiB", budget=WORKER_MIB)
    yield from _compare_weights(requests)
    yield from _measure_new_accounts()


def _measure_new_accounts() -> Iterator[Line]:
    """How many runs hundreds of accounts need that nobody has read before, and whether waiting costs one its hour."""
    with open_stage(accounts=NEW_ACCOUNTS, hours=1) as stage:
        stage.delay(LATENCY_SECONDS)
        runs, peaks = 0, []
        while runs < RUNS_AN_HOUR and (runs == 0 or count_rows(stage, UNRECORDED)):
            stage.ask("/weights", method="DELETE")  # five minutes lie between two runs
            peaks.append(watch_peak(stage.start(*RUN)))
            runs += 1
        incomplete = count_rows(stage, INCOMPLETE)
    yield Line(
        what=f"{NEW_ACCOUNTS} new accounts: runs until each has its hour", value=runs, unit="", budget=RUNS_AN_HOUR
    )
    yield Line(what="their hours that are not complete", value=incomplete, unit="", budget=0)
    yield Line(what="the worker's largest memory with them", value=max(peaks), unit="MiB", budget=WORKER_MIB)


UNRECORDED = (
    "select count(*) as n from accounts a where a.id > 0 and not exists (select from nav_history n"
    " where n.account_id = a.id and n.hour = (select max(hour) from nav_history))"
)
INCOMPLETE = (
    "select count(*) as n from nav_history where account_id > 0 and status <> 'COMPLETE'"
    " and hour = (select max(hour) from nav_history)"
)


def count_rows(stage: Stage, statement: str) -> int:
    """What a statement that counts finds."""
    row = stage.db.execute(statement).fetchone()
    assert row
    return int(row["n"])


def _begin_hour(stage: Stage) -> None:
    """In truth an hour lies between two runs: the exchange has forgotten the weight of the last one."""
    stage.forget_hour()
    stage.ask("/weights", method="DELETE")


def _record_next(stage: Stage) -> None:
    _begin_hour(stage)
    stage.run(*RUN)


def _compare_weights(requests: list[dict[str, object]]) -> Iterator[Line]:
    """What is used of each limit that the accounts of an address share."""
    used: Counter[str] = Counter()
    for path, weight in weigh(requests).items():
        used[next((family for family in LIMITS if path.startswith(family)), path)] += weight
    for name, weight in used.most_common():
        if name not in BY_ACCOUNT:
            yield Line(what=f"weight of {name}", value=weight, unit="", budget=LIMITS.get(name, SAPI_LIMIT))

"""Fifty accounts in one run, beside one account on the same stage."""

from collections import Counter
from collections.abc import Iterator

from bench.budgets import SAMPLES, Line, measure_seconds
from bench.calls import longest_chain, watch, weigh
from bench.cycle import LATENCY_SECONDS, RUN, record_hour
from bench.memory import watch_peak
from bench.stage import Stage, open_stage

ACCOUNTS = 50
DAY = 24
LIMITS = {"/api/": 6_000, "/fapi/": 2_400}  # a minute, shared by a family; every path of /sapi/ has its own
SAPI_LIMIT = 12_000
WORKER_MIB = 160


def measure_accounts() -> Iterator[Line]:
    """Wall time and weight of fifty accounts."""
    with open_stage(accounts=ACCOUNTS, hours=DAY) as stage:
        stage.delay(LATENCY_SECONDS)
        stage.run(*RUN)
        many = measure_seconds(lambda: record_hour(stage))
        stage.forget_hour()
        requests = watch(stage, *RUN)
        stage.forget_hour()
        peak = watch_peak(stage.start(*RUN))
        _keep_one(stage)
        one = measure_seconds(lambda: record_hour(stage))
    yield Line(what="one of them alone", value=one, unit="s", samples=SAMPLES)
    chain = longest_chain(requests)
    what = f"{ACCOUNTS} accounts, 100 ms a call: {len(requests)} calls, {chain} of them one after another"
    yield Line(what=what, value=many, unit="s", samples=SAMPLES, budget=3 * one)
    yield Line(what="the worker's largest memory with them", value=peak, unit="MiB", budget=WORKER_MIB)
    yield from _compare_weights(requests)


def _keep_one(stage: Stage) -> None:
    stage.forget_hour()
    stage.db.execute("update accounts set enabled = false where id > 1")


def _compare_weights(requests: list[dict[str, object]]) -> Iterator[Line]:
    """What is used of each limit that the accounts of an address share."""
    used: Counter[str] = Counter()
    for path, weight in weigh(requests).items():
        used[next((family for family in LIMITS if path.startswith(family)), path)] += weight
    for name, weight in used.most_common():
        if not name.endswith("/withdraw/history"):  # every account has its own
            yield Line(what=f"weight of {name}", value=weight, unit="", budget=LIMITS.get(name, SAPI_LIMIT))

"""One account's hour: the whole process `python -m monitor run` against an exchange that takes 100 ms to answer."""

from collections.abc import Iterator
from resource import RUSAGE_CHILDREN, getrusage
from time import monotonic

from bench.budgets import SAMPLES, Line, measure_seconds
from bench.calls import format_calls, longest_chain, watch, weigh
from bench.five_years import ASSETS
from bench.stage import Stage, open_stage

LATENCY_SECONDS = 0.1
START_SECONDS = 0.45  # Python and what it imports, and what is computed and stored
RUN = ("-m", "monitor", "run")


def measure_cycle() -> Iterator[Line]:
    """Wall time of an hourly run beside a naive client's; prints the calls of both."""
    with open_stage() as stage:
        stage.delay(LATENCY_SECONDS)
        stage.run(*RUN)  # the key is looked at once a day, not now
        busy = busy_seconds()
        seconds = measure_seconds(lambda: record_hour(stage))
        busy = (busy_seconds() - busy) / (SAMPLES + 1)
        stage.forget_hour()
        ours = watch(stage, *RUN)
        chain = longest_chain(ours)
        yield Line(
            what=f"one account, 100 ms a call: {len(ours)} calls, {chain} of them one after another",
            value=seconds,
            unit="s",
            samples=SAMPLES,
            budget=chain * LATENCY_SECONDS + START_SECONDS,
        )
        yield Line(
            what="  of which the processor was busy (the rest is waiting, here and for other programs)",
            value=busy,
            unit="s",
            samples=SAMPLES,
        )
        yield from _measure_naive(stage, ours)


def busy_seconds() -> float:
    """What all programs that were waited for have used of the processor."""
    spent = getrusage(RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def record_hour(stage: Stage) -> None:
    """Let the worker record the newest hour once more."""
    stage.forget_hour()
    stage.run(*RUN)


def _measure_naive(stage: Stage, ours: list[dict[str, object]]) -> Iterator[Line]:
    account = stage.ask("/truth")["accounts"]["account_1"]
    secret = account["key"].replace("key", "secret", 1)
    arguments = ("-m", "bench.naive", stage.exchange, account["key"], secret, *ASSETS)
    stage.ask("/weights", method="DELETE")
    began = monotonic()
    theirs = watch(stage, *arguments)
    yield Line(what=f"  naive ccxt client: {len(theirs)} calls", value=monotonic() - began, unit="s", samples=1)
    print("\n".join(["", *format_calls(ours, theirs), ""]))
    spent = sum(weight for path, weight in weigh(ours).items() if path.startswith("/api/"))
    yield Line(what="request weight of /api, which all accounts share (of 6,000 a minute)", value=spent, unit="")

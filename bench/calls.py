"""What a run asked of the exchange: calls, request weight by Binance's own figures, and how many waited for each other."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from bench.stage import Stage

Request = dict[str, Any]

# Binance's published weights, for the way that the worker and the naive client call these paths.
WEIGHTS = {
    "/api/v3/ticker/24hr": 2,  # of one symbol
    "/sapi/v1/capital/withdraw/history": 18_000,  # of 180,000 a second for each account
}
BY_ACCOUNT = ("/sapi/v1/capital/withdraw/history", "/sapi/v1/fiat/orders", "/sapi/v1/pay/transactions",
              "/sapi/v1/rebate/taxQuery")  # fmt: skip
BUDGETS: dict[str, Callable[[str], bool]] = {
    "of /api, 6,000 a minute for all accounts": lambda path: path.startswith("/api/"),
    "of an account's own, 180,000 a minute": lambda path: path in BY_ACCOUNT,
    "of the others, each with its own": lambda path: not path.startswith("/api/") and path not in BY_ACCOUNT,
    "all calls": lambda _: True,
}


def watch(stage: Stage, *arguments: str) -> list[Request]:
    """The requests that a program makes, in order."""
    stage.ask("/requests", method="DELETE")
    stage.run(*arguments)
    found: list[Request] = stage.ask("/requests")
    return found


def longest_chain(requests: Iterable[Request]) -> int:
    """How many of the calls began only after another one of them had ended: the round trips a run can't save."""
    chain, last = 0, 0.0
    for began, ended in sorted(((r["began"], r["ended"]) for r in requests), key=lambda call: call[1]):
        if began >= last:
            chain, last = chain + 1, ended
    return chain


def weigh(requests: Iterable[Request]) -> Counter[str]:
    """Request weight by path."""
    weights: Counter[str] = Counter()
    for request in requests:
        path = str(request["path"])
        weights[path] += WEIGHTS.get(path, int(request["weight"]))
    return weights


def format_calls(ours: list[Request], naive: list[Request]) -> list[str]:
    """A table of both clients' calls and weights by path."""
    counts = [Counter(request["path"] for request in requests) for requests in (ours, naive)]
    weights = [weigh(ours), weigh(naive)]
    rows = [f"  {'endpoint':<44}{'calls':>7}{'weight':>11}{'naive':>9}{'weight':>11}"]
    for path in sorted(counts[0] | counts[1]):
        figures = [counts[0][path], weights[0][path], counts[1][path], weights[1][path]]
        rows.append(f"  {path:<44}{figures[0]:>7,}{figures[1]:>11,}{figures[2]:>9,}{figures[3]:>11,}")
    for name, paths in BUDGETS.items():
        picked = [sum(n for path, n in found.items() if paths(path)) for found in (*counts, *weights)]
        rows.append(f"  {name:<44}{picked[0]:>7,}{picked[2]:>11,}{picked[1]:>9,}{picked[3]:>11,}")
    return rows

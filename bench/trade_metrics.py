"""All metrics of many closed trades, beside what quantstats says of the same results."""

import importlib
import random
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from math import isclose
from statistics import median

from bench.budgets import Line, measure_seconds
from finance.trade_metrics import By, ClosedTrade, TradeMetrics, compute_metrics, group_by

TRADES = 100_000
SAMPLES = 7
MILLISECONDS = 100.0
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
# Of quantstats' figures of a series of results those that are here, too, and ours. It works with floats.
SHARED: dict[str, Callable[[TradeMetrics], Decimal | int | None]] = {
    "win_rate": lambda ours: ours.win_rate,
    "profit_factor": lambda ours: ours.profit_factor,
    "payoff_ratio": lambda ours: ours.payoff,
    "kelly_criterion": lambda ours: ours.kelly,
    "avg_win": lambda ours: ours.average_win,
    "avg_loss": lambda ours: ours.average_loss,
    "best": lambda ours: ours.largest_win,
    "worst": lambda ours: ours.largest_loss,
    "consecutive_wins": lambda ours: ours.streaks.longest_winning,
    "consecutive_losses": lambda ours: ours.streaks.longest_losing,
}


def measure_trade_metrics() -> Iterator[Line]:
    """All metrics at once, those of every coin and hour, and the peer."""
    trades = draw_trades(TRADES, 1)
    ours = partial(compute_metrics, trades)
    what = f"all metrics of {TRADES:,} trades"
    yield Line(what=what, value=_milliseconds(ours), unit="ms", samples=SAMPLES, budget=MILLISECONDS)
    for by in (By.SYMBOL, By.HOUR):
        grouped = partial(_measure_groups, trades, by)
        yield Line(what=f"  by {by}", value=_milliseconds(grouped, 3), unit="ms", samples=3)
    if (theirs := _find_quantstats(trades)) is None:
        print("  quantstats is not installed; make bench installs it")
        return
    found, told = ours(), theirs()
    for name, read in SHARED.items():
        if not isclose(float(read(found) or 0), told[name], rel_tol=1e-9):
            print(f"  {name} differs: {read(found)} here, {told[name]} by quantstats")
    what = f"  quantstats: {len(SHARED)} of these figures, in floats"
    yield Line(what=what, value=_milliseconds(theirs), unit="ms", samples=SAMPLES)
    ratio = median(_milliseconds(ours, 1) / _milliseconds(theirs, 1) for _ in range(SAMPLES))
    yield Line(what="  ours beside quantstats', by turns", value=ratio, unit="x", samples=SAMPLES)


def draw_trades(count: int, seed: int) -> list[ClosedTrade]:
    """Trades in the order in which they were closed; about half of them won."""
    dice, closed_at = random.Random(seed), FIRST
    trades = []
    for number in range(count):
        closed_at += timedelta(seconds=dice.randint(1, 1500))
        value = Decimal(dice.randint(10**9, 10**12)).scaleb(-8)
        trades.append(
            ClosedTrade(
                id=f"f{number}",
                account="trader",
                asset="COIN",
                symbol=f"COIN{dice.randrange(20)}USDT",
                side=dice.choice(("LONG", "SHORT")),
                market="spot",
                exchange="binance",
                exit_kind="MANUAL",
                opened_at=closed_at - timedelta(seconds=dice.randint(60, 10**6)),
                closed_at=closed_at,
                net=Decimal(dice.randint(-(10**10), 11 * 10**9)).scaleb(-8),
                fees=value.scaleb(-3),
                interest=Decimal(0),
                volume=2 * value,
                invested=value,
            )
        )
    return trades


def _measure_groups(trades: list[ClosedTrade], by: By) -> None:
    for some in group_by(trades, by).values():
        compute_metrics(some)


def _find_quantstats(trades: list[ClosedTrade]) -> Callable[[], dict[str, float]] | None:
    """quantstats' figures of the same results; None where it is not installed."""
    try:
        stats, pandas = importlib.import_module("quantstats.stats"), importlib.import_module("pandas")
    except ImportError:
        return None
    results = pandas.Series([float(one.net) for one in trades], index=[one.closed_at for one in trades])

    def ask() -> dict[str, float]:
        return {name: float(getattr(stats, name)(results)) for name in SHARED}

    return ask


def _milliseconds(act: Callable[[], object], samples: int = SAMPLES) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return 1000 * measure_seconds(act, samples)

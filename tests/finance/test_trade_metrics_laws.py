"""Laws that metrics of trades obey, whatever the trades, and how they are grouped."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.decimals import total
from finance.trade_metrics import By, ClosedTrade, Period, compute_metrics, group_by, split_periods
from finance.trade_metrics.figures import find_median
from tests.finance.test_trade_metrics import closed
from tests.monitor.notation import D, at

AMOUNTS: tuple[str, ...] = (
    "net",
    "gross",
    "fees",
    "volume",
    "gross_profit",
    "gross_loss",
    "average",
    "average_win",
    "largest_loss",
    "drawdown",
    "average_risk",
)
RATIOS = ("win_rate", "profit_factor", "payoff", "expectancy_ratio", "kelly", "sqn", "sqn_100", "average_r", "roi")
CENTS = st.integers(-(10**7), 10**7).map(lambda cents: D(cents) / 100)
MINUTE = timedelta(minutes=1)
MONEY = ("net", "fees", "volume", "invested", "risk")


@st.composite
def trades(draw: st.DrawFn) -> list[ClosedTrade]:
    nets = draw(st.lists(CENTS, max_size=12))
    dice, has_risk = random.Random(draw(st.integers(0, 9))), draw(st.booleans())
    return [
        closed(
            net,
            number,
            fees=D(dice.randint(0, 99)),
            risk=D(dice.randint(1, 9)) if has_risk else None,
            invested=D(dice.randint(1, 10**6)),
            side=dice.choice(("LONG", "SHORT")),
            symbol=dice.choice(("BTCUSDT", "ETHUSDT", "ETHBTC")),
            exit_kind=dice.choice(("MANUAL", "TP", None)),
            opened_at=at("2025-12-27 00:00") + timedelta(minutes=dice.randint(0, 6000)),
            closed_at=at("2026-01-01 00:00") + timedelta(minutes=dice.randint(0, 90_000)),
        )
        for number, net in enumerate(nets)
    ]


def near(one: Decimal | None, other: Decimal | None) -> bool:
    """Equal but for what a division cuts off."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= max(abs(one), D(1)) * D("1e-25")


@settings(max_examples=60, deadline=None)
@given(trades(), st.randoms(use_true_random=False))
def test_the_order_in_which_trades_come_is_nothing(some: list[ClosedTrade], dice: random.Random) -> None:
    assert compute_metrics(dice.sample(some, len(some))) == compute_metrics(some)


@settings(max_examples=60, deadline=None)
@given(trades(), st.sampled_from([D("0.001"), D(7), D("123456.78")]))
def test_other_money_scales_amounts_and_leaves_ratios(some: list[ClosedTrade], factor: Decimal) -> None:
    def scaled(one: ClosedTrade) -> ClosedTrade:
        amounts: dict[str, Any] = {name: getattr(one, name) for name in MONEY}
        return replace(one, **{name: amount and amount * factor for name, amount in amounts.items()})

    found, other = compute_metrics(some), compute_metrics(map(scaled, some))
    for name in AMOUNTS:
        amount: Decimal | None = getattr(found, name)
        assert near(amount if amount is None else amount * factor, getattr(other, name))
    assert all(near(getattr(found, name), getattr(other, name)) for name in RATIOS)
    assert (found.streaks, found.reasons) == (other.streaks, other.reasons)


@settings(max_examples=60, deadline=None)
@given(trades())
def test_in_a_mirror_wins_are_losses(some: list[ClosedTrade]) -> None:
    def turned(one: ClosedTrade) -> ClosedTrade:
        return replace(one, net=-one.net)

    found, mirrored = compute_metrics(some), compute_metrics(map(turned, some))
    assert (found.winning, found.losing, found.net) == (mirrored.losing, mirrored.winning, -mirrored.net)
    assert (found.gross_profit, found.gross_loss) == (-mirrored.gross_loss, -mirrored.gross_profit)
    assert found.largest_win == (mirrored.largest_loss and -mirrored.largest_loss)
    assert found.streaks == (mirrored.streaks[1], mirrored.streaks[0], mirrored.streaks[3], mirrored.streaks[2])
    assert near(found.sqn, mirrored.sqn and -mirrored.sqn)
    if found.profit_factor and mirrored.profit_factor:
        assert near(found.profit_factor * mirrored.profit_factor, D(1))


@settings(max_examples=40, deadline=None)
@given(trades())
def test_groups_and_periods_add_up_to_the_whole(some: list[ClosedTrade]) -> None:
    whole = compute_metrics(some)
    parted = [group_by(some, by) for by in By if by is not By.TAG] + [split_periods(some, period) for period in Period]
    for groups in parted:
        parts = [compute_metrics(group) for group in groups.values()]
        for name in ("total", "winning", "losing", "breakeven"):
            assert sum(getattr(part, name) for part in parts) == getattr(whole, name)
        for name in ("net", "gross", "fees", "volume", "gross_profit", "gross_loss"):
            assert total(getattr(part, name) for part in parts) == getattr(whole, name)


@settings(max_examples=60, deadline=None)
@given(trades())
def test_time_and_falls_are_those_of_brute_force(some: list[ClosedTrade]) -> None:
    found = compute_metrics(some)
    ordered = sorted(some, key=lambda one: (one.closed_at, one.id))
    sums = [D(0), *accumulate(one.net for one in ordered)]
    if not some:
        return
    assert found.drawdown == max(high - low for at, low in enumerate(sums) for high in sums[: at + 1])
    held = [(one.closed_at - one.opened_at) / MINUTE for one in some]
    assert found.median_hold == median(held) * MINUTE
    assert (found.streaks.longest_winning, found.streaks.longest_losing) == (
        _longest(ordered, 1),
        _longest(ordered, -1),
    )


@pytest.mark.parametrize("count", [1, 2, 99, 100, 101, 600, 1001])
@pytest.mark.parametrize("odd", [0, 1, 10**6])
def test_the_median_of_many_lengths_is_that_of_all_sorted(count: int, odd: int) -> None:
    dice = random.Random(count)
    lengths = [(odd if at % 100 == 0 else dice.randint(1, 10**6)) * MINUTE for at in range(count)]
    assert find_median(lengths) == median(length / MINUTE for length in lengths) * MINUTE


def _longest(ordered: list[ClosedTrade], sign: int) -> int:
    """The longest stretch of trades that all ended on that side of nothing."""
    numbers = range(len(ordered) + 1)
    stretches = [ordered[first:last] for first in numbers for last in numbers[first:]]
    return max(len(some) for some in stretches if all(one.net * sign > 0 for one in some))


def test_periods_are_those_of_the_calendar() -> None:
    moment = at("2026-01-01 13:30")  # a Thursday
    assert [period.begin(moment) for period in Period] == [
        at("2026-01-01 00:00"),
        at("2025-12-29 00:00"),
        at("2026-01-01 00:00"),
        None,
    ]
    assert [period.end(moment) for period in Period] == [
        at("2026-01-02 00:00"),
        at("2026-01-05 00:00"),
        at("2026-02-01 00:00"),
        None,
    ]
    assert Period.MONTHLY.end(at("2026-02-10 00:00")) == at("2026-03-01 00:00")


@pytest.mark.parametrize(
    ("by", "names"),
    [
        (By.SIDE, ["LONG", "SHORT"]),
        (By.HOUR, ["08", "23"]),
        (By.WEEKDAY, ["Monday", "Saturday"]),
        (By.EXIT_KIND, ["", "TP"]),
        (By.TAG, ["", "breakout", "news"]),
    ],
)
def test_groups_are_named(by: By, names: list[str]) -> None:
    some = [
        closed(D(1), 1, opened_at=at("2026-05-02 23:59"), side="SHORT", tags=("news", "breakout"), exit_kind=None),
        closed(D(2), 2, opened_at=at("2026-05-04 08:00"), exit_kind="TP"),
    ]
    assert list(group_by(some, by)) == names

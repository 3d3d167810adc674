"""Rules about how an account fares. Deposits and withdrawals move none of them: they judge the unit price."""

from monitor.alert_settings import Rule, Thresholds
from monitor.notify.judgement import (
    RELIEF,
    Figures,
    Finding,
    Judgement,
    Pages,
    Performance,
    format_hour,
    format_money,
    format_percent,
    growth,
)

EMPTY = "Nothing is invested now."


def judge_performance(figures: Figures, limits: Thresholds, pages: Pages) -> list[Judgement]:
    """What the rules that are on say of an account whose present hour has a figure."""
    performance = figures.performance
    judged = []
    for rule, judge in ((Rule.BEHIND, judge_behind), (Rule.DRAWDOWN, judge_drawdown), (Rule.MOVE, judge_move)):
        if not limits.watches(rule):
            continue
        if performance is None:
            judged.append(Judgement(rule=rule, account_id=figures.account_id, findings=(), relief=EMPTY))
        elif judgement := judge(figures, performance, limits, pages):
            judged.append(judgement)
    return judged


def judge_behind(figures: Figures, performance: Performance, limits: Thresholds, pages: Pages) -> Judgement | None:
    """Whether the account made fewer percentage points than its benchmark; None where the benchmark is unknown."""
    start, end, limit = performance.period_start, performance.level, limits.behind
    if limit is None or not (start.unit_price and start.benchmark_unit_price) or end.benchmark_unit_price is None:
        return None
    account = growth(start.unit_price, end.unit_price)
    benchmark = growth(start.benchmark_unit_price, end.benchmark_unit_price)
    behind = (benchmark - account) * 100
    stands = (
        f"Since {format_hour(start.hour)} the account made {format_percent(account)} and its benchmark "
        f"'{performance.benchmark}' {format_percent(benchmark)}, deposits and withdrawals aside: "
        f"{behind:+.2f} percentage points behind."
    )
    finding = Finding(
        title=f"{figures.label}: {behind:.1f} points behind the benchmark",
        body=f"{stands} See what made the difference: {pages.link('/performance', figures.account_id)}",
        begins=behind >= limit,
    )
    return _judge(Rule.BEHIND, figures, behind >= limit * RELIEF, finding, stands)


def judge_drawdown(figures: Figures, performance: Performance, limits: Thresholds, pages: Pages) -> Judgement | None:
    """Whether the unit price is far below the highest of a year."""
    peak, end, limit = performance.peak, performance.level, limits.drawdown
    if limit is None:
        return None
    fall = -growth(peak.unit_price, end.unit_price) * 100
    stands = (
        f"The account is {fall:.2f} % below its highest of the last 365 days ({format_hour(peak.hour)}), deposits and "
        f"withdrawals aside. It is worth {format_money(end.nav)}."
    )
    finding = Finding(
        title=f"{figures.label}: {fall:.1f} % below its highest",
        body=f"{stands} See which holdings fell: {pages.link('/holdings', figures.account_id)}",
        begins=fall >= limit,
    )
    return _judge(Rule.DRAWDOWN, figures, fall >= limit * RELIEF, finding, stands)


def judge_move(figures: Figures, performance: Performance, limits: Thresholds, pages: Pages) -> Judgement | None:
    """Whether the unit price moved far within 24 hours; up and down are different subjects."""
    start, end, limit = performance.day_start, performance.level, limits.move
    if limit is None:
        return None
    move = growth(start.unit_price, end.unit_price)
    flows = f", {format_money(performance.day_flows, '+')} of it paid in or out" if performance.day_flows else ""
    stands = (
        f"Since {format_hour(start.hour)} the account made {format_percent(move)}, deposits and withdrawals aside. "
        f"NAV went from {format_money(start.nav)} to {format_money(end.nav)}{flows}."
    )
    size = abs(move) * 100
    finding = Finding(
        subject="up" if move > 0 else "down",
        title=f"{figures.label}: {move * 100:+.1f} % within 24 hours",
        body=f"{stands} See what it is made of: {pages.link('/holdings', figures.account_id)}",
        begins=size >= limit,
    )
    return _judge(Rule.MOVE, figures, size >= limit * RELIEF, finding, stands)


def _judge(rule: Rule, figures: Figures, goes_on: bool, finding: Finding, stands: str) -> Judgement:
    findings = (finding,) if goes_on else ()
    return Judgement(rule=rule, account_id=figures.account_id, findings=findings, relief=stands)

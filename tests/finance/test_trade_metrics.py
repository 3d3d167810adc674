"""Metrics of closed trades: worked examples that others published, and what has no figure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.attribution.events import Event
from finance.trade_metrics import ClosedTrade, TradeMetrics, average_invested, compute_metrics
from finance.trade_notes import TradeNote
from tests.finance.test_trades import book, trade
from tests.monitor.notation import D, at

FIRST = at("2026-05-01 10:00")


def closed(net: Decimal, number: int = 0, **known: Any) -> ClosedTrade:
    """A trade that was opened and closed within an hour, `number` hours after the first."""
    one = ClosedTrade(
        id=f"f{number}",
        account="Ann",
        asset="BTC",
        symbol="BTCUSDT",
        side="LONG",
        market="spot",
        exchange="binance",
        exit_kind="MANUAL",
        opened_at=FIRST + timedelta(hours=number),
        closed_at=FIRST + timedelta(hours=number, minutes=30),
        net=net,
        fees=D(1),
        interest=D(0),
        volume=D(200),
        invested=D(100),
    )
    return replace(one, **known)


def of(nets: Sequence[str | int | float], risk: str = "") -> TradeMetrics:
    """The metrics of trades that made so much."""
    return compute_metrics(
        closed(Decimal(str(net)), number, risk=D(risk) if risk else None) for number, net in enumerate(nets)
    )


def rounded(figure: Decimal | None, places: str) -> Decimal:
    assert figure is not None
    return figure.quantize(Decimal(places))


def test_expectancy_is_that_of_freqtrade() -> None:
    """freqtrade, tests/data/test_btanalysis.py, test_calculate_expectancy: 56.25 and a ratio of 0.60267857."""
    found = of([100, 200, 50, -150, 300, -100, 80, -30])
    assert found.average == D("56.25")
    assert rounded(found.expectancy_ratio, "1e-8") == D("0.60267857")


def test_the_ratio_of_expectancy_is_that_of_a_trading_school() -> None:
    """ "Calculate Your Expectancy", learnforex.foobrdigital.com: 6 of 10 won 2,400, 4 lost 1,200; [1 + 400/300] x 0.6 - 1 = 0.40."""
    found = of([400] * 6 + [-300] * 4)
    assert (found.gross_profit, found.gross_loss, found.win_rate) == (2400, -1200, D("0.6"))
    assert rounded(found.payoff, "1e-4") == D("1.3333")
    assert rounded(found.expectancy_ratio, "1e-20") == D("0.4")


@pytest.mark.parametrize(
    ("profits", "sqn"),
    [
        ([1.0, -0.5, 2.0, -1.0, 0.5, 1.5, -0.5, 1.0], "1.3229"),
        ([1.0, 0.5, 2.0, 1.5, 0.8], "4.3657"),
        ([-1.0, -0.5, -2.0, -1.5, -0.8], "-4.3657"),
    ],
)
def test_sqn_is_that_of_freqtrade(profits: list[float], sqn: str) -> None:
    """freqtrade, tests/data/test_btanalysis.py, test_calculate_sqn_cases. Of one trade it says -100; here there is none."""
    assert rounded(of(profits).sqn, "1e-4") == D(sqn)


def test_r_is_that_of_van_tharp() -> None:
    """Van K. Tharp, "Super Trader" (2009), p. 159: 0.675R on average, deviation 1.86R, their ratio (SQN / square root of n) 0.36."""
    found = of([86, 440, -72, 44, 157, 113, -170, -58], risk="100")
    assert (found.average_r, found.with_risk, found.average_risk, found.sqn_of_r) == (D("0.675"), 8, 100, True)
    assert (found.best_r, found.worst_r) == (D("4.4"), D("-1.7"))
    assert found.average_r and found.sqn
    assert rounded(found.sqn / Decimal(8).sqrt(), "0.01") == D("0.36")
    assert rounded(found.average_r * Decimal(8).sqrt() / found.sqn, "0.01") == D("1.86")


@pytest.mark.parametrize(
    ("nets", "rate", "factor", "average", "sqn"),
    [
        (["1.8681818182", "0.2858181818", "0.87", "-0.16"], "0.75", "18.90000000", "0.716000", "1.634156"),
        (["1.8681818182", "0.2858181818", "0.87", "-1.15", "-0.08"], "0.6", "2.45853659", "0.358800", "0.716604"),
    ],
)
def test_profit_factor_is_that_of_vectorbt(nets: list[str], rate: str, factor: str, average: str, sqn: str) -> None:
    """vectorbt, tests/test_records.py, TestTrades: columns a and c."""
    found = of(nets)
    assert found.win_rate == D(rate)
    assert rounded(found.profit_factor, "1e-8") == D(factor)
    assert (rounded(found.average, "1e-6"), rounded(found.sqn, "1e-6")) == (D(average), D(sqn))


@pytest.mark.parametrize(
    ("won", "lost", "payoff", "share"), [(51, 49, 1, "0.02"), (50, 50, 2, "0.25"), (40, 60, 2, "0.10")]
)
def test_kelly_is_that_of_thorp(won: int, lost: int, payoff: int, share: str) -> None:
    """E. O. Thorp (1997), section 2: a coin that wins 51 of 100 at even money, 0.02. DeltaX Academy, The Kelly Criterion: the others."""
    assert of([7 * payoff] * won + [-7] * lost).kelly == D(share)
    assert of([7 * payoff] * won + [-7] * lost + [0] * 10).kelly == D(share)


def test_many_trades_do_not_make_a_system_good() -> None:
    """Van K. Tharp, "Definitive Guide to Position Sizing": with n above 100 it is 100."""
    found, hundred = of([2, -1] * 200), of([2, -1] * 50)
    assert hundred.sqn == hundred.sqn_100
    assert found.sqn and found.sqn_100
    assert rounded(found.sqn_100 * 2 - found.sqn, "1e-20") == 0


def test_three_exits_are_one_trade_and_one_win() -> None:
    sold = [trade("-1 BTC at 110", 2), trade("-1 BTC at 120", 3), trade("-1 BTC at 90", 4)]
    found = compute_metrics(_close([trade("+3 BTC at 100", 1), *sold]))
    assert (found.total, found.winning, found.losing, found.win_rate, found.net) == (1, 1, 0, 1, 20)
    assert found.volume == 620


def test_what_was_invested_is_weighted_by_time() -> None:
    """100 for one minute, 300 for two, half of that for one; of a short what it was sold for."""
    for sign in ("+-", "-+"):
        one, two = sign
        happened = [trade(f"{one}1 BTC at 100", 1), trade(f"{one}1 BTC at 200", 2), trade(f"{two}1 BTC at 180", 4)]
        [found] = _close([*happened, trade(f"{two}1 BTC at 160", 5)])
        assert found.invested == D(100 + 2 * 300 + 150) / 4
        [at_once] = _close([trade(f"{one}1 BTC at 100", 1, number=1), trade(f"{two}1 BTC at 180", 1, number=2)])
        assert at_once.invested == 100


def test_the_stop_at_entry_is_the_risk_and_the_return_is_of_what_was_invested() -> None:
    happened: list[Event] = [trade("+2 BTC at 100", 1), trade("-2 BTC at 130", 3)]
    [one] = _close(happened, TradeNote(stop=D(90), tags=("breakout",)))
    found = compute_metrics([one])
    assert (one.tags, one.risk, found.average_r, found.roi) == (("breakout",), 20, 3, D("0.3"))


def test_of_nothing_there_is_no_figure_but_sums() -> None:
    found = of([])
    assert (found.total, found.net, found.gross_profit, found.fees, found.volume) == (0, 0, 0, 0, 0)
    assert found.streaks == (0, 0, 0, 0)
    unknown = {name for name in found.__slots__ if getattr(found, name) is None}
    assert unknown == set(found.reasons)
    assert set(found.reasons.values()) <= {"No trade was closed.", "No trade won.", "No trade lost."}


def test_what_is_not_known_has_its_reason() -> None:
    only_wins, only_losses, one = of([1, 2]), of([-1, -1]), of([5])
    for name in ("profit_factor", "payoff", "expectancy_ratio", "kelly", "average_loss", "largest_loss"):
        assert getattr(only_wins, name) is None
        assert only_wins.reasons[name] == "No trade lost."
    assert (only_losses.profit_factor, only_losses.reasons["payoff"]) == (0, "No trade won.")
    assert only_losses.reasons["sqn"] == "All trades ended alike: their results don't differ."
    assert one.reasons["sqn"] == "It takes two trades to say how far results differ."
    assert "stood at entry" in one.reasons["average_r"]
    partly = compute_metrics([closed(D(1)), closed(D(1), 1, invested=None, risk=D(2))])
    assert (partly.roi, partly.with_risk, partly.sqn_of_r) == (None, 1, False)
    assert partly.reasons["roi"] == "What was invested over time is not known of 1 of the 2 trades."


def test_breakeven_is_counted_and_ends_both_streaks() -> None:
    found = of([1, 1, 0, 1, -1, -1, 0])
    assert (found.total, found.winning, found.losing, found.breakeven) == (7, 3, 2, 2)
    assert found.streaks == (2, 2, 0, 0)
    assert of([-1, 1, 1, 1]).streaks == (3, 1, 3, 0)
    assert found.is_tentative
    assert not of([1] * 30).is_tentative


def _close(happened: Sequence[Event], note: TradeNote | None = None) -> list[ClosedTrade]:
    """The trades of an hour in which all of it `happened`."""
    found = book(happened)
    place: dict[str, Any] = {"account": "Ann", "symbol": "BTCUSDT", "market": "spot", "exchange": "binance"}
    return [
        ClosedTrade.of(one, note, average_invested(one, [m for m in found.moves if m.trade == one.id]), **place)
        for one in found.trades.values()
    ]

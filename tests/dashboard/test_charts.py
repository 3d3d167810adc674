"""Charts keep what is true: lows and highs, the ends, and every gap."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from dashboard.charts.allocation import REST, add_up, draw_allocation
from dashboard.charts.canvas import THEMES, NumberFormatter, finish
from dashboard.charts.measured import COLUMNS, thin
from dashboard.charts.track import reconstructed, trace
from dashboard.charts.trade_price import Level, TradePrice, draw_trade_price
from dashboard.history import Database as History
from dashboard.history.allocation import AssetValue
from dashboard.history.one_trade import StoredPrice
from dashboard.history.slices import SLICES, Slice, load_track
from dashboard.history.track import load_extent
from sql.connect import connect
from tests.dashboard.history_rows import MISSED, PARTIAL, RECONSTRUCTED, fill
from tests.postgres import Database

START = datetime(2026, 1, 1, tzinfo=UTC)


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def slices(*values: float | None) -> list[Slice]:
    lines = ("benchmark", "difference")
    unknown = {f"{line}_{end}": None for line in lines for end in ("low", "high")}
    return [
        Slice(hour(i), hour(i), account_low=v, account_high=v, gaps=0, reconstructed=False, **unknown)
        for i, v in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("unit", "signed", "values", "written"),
    [
        ("%", False, [-1.5, -1.0, -0.0], ["−1.5\u202f%", "−1.0\u202f%", "0.0\u202f%"]),
        ("", True, [-2000.0, 0.0, 4000.0], ["−2,000", "0", "+4,000"]),
        ("", False, [0.0, 2_500_000.0], ["0", "2.5M"]),
    ],
)
def test_the_numbers_of_an_axis_have_the_same_decimals(
    unit: str, signed: bool, values: list[float], written: list[str]
) -> None:
    assert NumberFormatter(unit, signed=signed).format_ticks(values) == written


def test_an_hour_without_a_figure_breaks_the_line() -> None:
    line = trace(slices(1.0, None, 3.0), "account", (hour(0), Decimal(1)), (hour(2), Decimal(3)))
    assert [value if value == value else None for value in line.values] == [1.0, None, 3.0]


def test_a_gap_inside_a_slice_breaks_the_line_after_it() -> None:
    parts = slices(1.0, 2.0)
    parts[0] = parts[0]._replace(gaps=1)
    line = trace(parts, "account", (hour(0), Decimal(1)), (hour(1), Decimal(2)))
    assert [np.isnan(value) for value in line.values] == [False, True, False]


def test_stretches_that_were_rebuilt_are_told_apart() -> None:
    parts = slices(1.0, 1.0, 1.0, 1.0)
    parts[1:3] = [part._replace(reconstructed=True) for part in parts[1:3]]
    ((first, last),) = reconstructed(parts)
    assert last - first == pytest.approx(1 / 24)


def test_slices_keep_the_lowest_the_highest_and_the_gaps(database: Database) -> None:
    with connect(database.owner_url, name="test") as owner:
        account = fill(owner, hours=3000, until=START)
        truth = owner.execute(
            "select min(nav) as low, max(nav) as high, count(*) filter (where nav is null) as gaps from nav_history"
        ).fetchone()
    with History(database.dashboard_url).reading() as db:
        extent = load_extent(db, account)
        assert extent.first and extent.last
        found = load_track(db, account, "hold", extent.first, extent.last)

    assert truth and len(found) <= SLICES + 1
    known = [row for row in found if row.account_low is not None]
    assert min(row.account_low or 0 for row in known) == pytest.approx(float(truth["low"]))
    assert max(row.account_high or 0 for row in known) == pytest.approx(float(truth["high"]))
    assert sum(row.gaps for row in found) == truth["gaps"] == len(PARTIAL) + len(MISSED)
    assert found[0].first == extent.first and found[-1].last == extent.last
    assert any(row.account_low is None for row in found)
    assert len(RECONSTRUCTED) // 8 <= sum(row.reconstructed for row in found) <= len(RECONSTRUCTED) // 7 + 1


def test_thinning_keeps_lows_and_ends_of_both_lines() -> None:
    random = np.random.default_rng(3)
    at = np.arange(50_000, dtype=np.int64) * 3600
    account, benchmark = -random.random(at.size), -random.random(at.size)
    account[[7, 8]] = np.nan
    thinned = thin(at, account, benchmark)

    assert thinned.at.size <= 2 * COLUMNS + 2
    assert thinned.at[0] == at[0] and thinned.at[-1] == at[-1]
    assert np.nanmin(thinned.account) == np.nanmin(account) and thinned.benchmark.min() == benchmark.min()


def test_a_short_series_is_not_thinned() -> None:
    at = np.arange(10, dtype=np.int64)
    prices = at.astype(np.float64)
    assert thin(at, prices, prices).at is at


def test_shares_add_up_and_small_ones_come_together() -> None:
    rows = [
        AssetValue(hour(h), f"A{i}", value)
        for h in range(3)
        for i, value in enumerate([50.0, 20.0, 15.0, 10.0, 5.0, None, -40.0])
    ]
    allocation = add_up(rows, 4)

    assert allocation and allocation.assets == ("A0", "A1", "A2", REST)
    assert allocation.shares.sum(axis=0) == pytest.approx(1)
    assert allocation.shares[:, 0].tolist() == pytest.approx([0.5, 0.2, 0.15, 0.15])


def test_nothing_of_value_has_no_shares() -> None:
    assert add_up([AssetValue(START, "A", None)], 4) is None


@pytest.mark.parametrize("name", THEMES)
def test_a_drawing_is_the_same_for_the_same_facts(name: str) -> None:
    rows = [AssetValue(hour(h), a, 1.0 + h) for h in range(40) for a in ("BTC", "<b>", "$\\frac$")]
    allocation = add_up(rows, 7)
    assert allocation
    first, second = (finish(draw_allocation(allocation, THEMES[name])) for _ in range(2))

    assert first == second
    assert b"&lt;b&gt;" in first and b"<b>" not in first and b"$\\frac$" in first
    assert not re.search(rb"\d\.\d{3}", first)


def test_a_trigger_and_the_order_that_it_became_are_named_once() -> None:
    times = ((hour(0), hour(2)), (hour(2), hour(2)))
    levels = [Level(name="SL", is_stop=True, price=Decimal(98), since=since, until=until) for since, until in times]
    levels.append(Level(name="TP1", is_stop=False, price=Decimal(103), since=hour(0), until=hour(2)))
    prices = [StoredPrice(hour(number), Decimal(100 + number)) for number in range(3)]
    track = TradePrice(
        since=hour(0),
        until=hour(2),
        step=timedelta(hours=1),
        prices=prices,
        moves=[],
        entry_price=Decimal(100),
        levels=levels,
    )
    [axes] = draw_trade_price(track, THEMES["light"]).axes
    assert sorted(text.get_text() for text in axes.texts if text.get_text() in ("SL", "TP1")) == ["SL", "TP1"]

"""What is written on a chart is whole and readable: nothing cut off, nothing over another, no figure shortened."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from types import SimpleNamespace
from typing import Any, cast

import pytest
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from dashboard.charts.allocation import MOST, add_up, draw_allocation
from dashboard.charts.canvas import THEMES, finish, spread
from dashboard.charts.values import Values, draw_difference, draw_values
from dashboard.frame import Span
from dashboard.history.allocation import AssetValue
from dashboard.history.slices import Slice
from look.coins import colour

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 200
SIZES = {"half a dollar": 0.5, "six figures": 123_456.78, "fifty million": 5e7}
MOVES = {"lively": 0.08, "losing": -0.08, "still": 1e-9}
TOUCH = 1.0  # pixel


def values(size: float, move: float) -> Values:
    """An account and a benchmark that end beside each other."""
    tracks = [(size * (1 + move * n / HOURS), size * (1 + 1.02 * move * n / HOURS)) for n in range(HOURS)]
    slices = [
        Slice(**cast("dict[str, Any]", {
            "first": START + timedelta(hours=n), "last": START + timedelta(hours=n), "account_low": nav, "account_high": nav,
            "benchmark_low": other, "benchmark_high": other, "difference_low": nav - other,
            "difference_high": nav - other, "gaps": 0, "reconstructed": n > HOURS - 20,
        }))
        for n, (nav, other) in enumerate(tracks)
    ]  # fmt: skip
    start, end = (_hour(n, *tracks[n], size) for n in (0, HOURS - 1))
    return Values(slices=slices, span=cast("Span", SimpleNamespace(start=start, end=end)), flows=[])


def _hour(number: int, nav: float, other: float, size: float) -> SimpleNamespace:
    return SimpleNamespace(
        hour=START + timedelta(hours=number), nav=Decimal(repr(nav)), benchmark_nav=Decimal(repr(other)),
        invested=Decimal(repr(size)), benchmark_invested=Decimal(repr(size)), from_price=None, benchmark_from_price=None,
    )  # fmt: skip


def texts(figure: Figure) -> list[Text]:
    """All that is written within what is shown of the axes, measured."""
    FigureCanvasSVG(figure)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    return [text for text in axes.texts if text.get_text()]


def judge(figure: Figure) -> None:
    """Nothing is cut off, nothing lies over another text; lines that lead to names may."""
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in texts(figure)]
    for name, box in boxes:
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width, name
        assert box.y0 >= -TOUCH and box.y1 <= figure.bbox.height + TOUCH, name
    for (name, one), (other, two) in combinations(boxes, 2):
        is_apart = one.x1 <= two.x0 or two.x1 <= one.x0 or one.y1 <= two.y0 + TOUCH or two.y1 <= one.y0 + TOUCH
        assert is_apart, (name, other)


@pytest.mark.parametrize("draw", [draw_values, draw_difference])
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "light-narrow"])
def test_charts_of_any_size_can_be_read(
    theme: str, size: str, move: str, draw: Callable[[Values, Any], Figure]
) -> None:
    judge(draw(values(SIZES[size], MOVES[move]), THEMES[theme]))


@pytest.mark.parametrize("theme", ["light", "dark-narrow"])
def test_every_coin_of_an_allocation_is_named_in_its_colour(theme: str) -> None:
    worth = {"BTC": 60.0, "ETH": 30.0, "1000CHEEMS": 5.0, "LDBTC": 0.0} | {f"WWWW{n}": 0.01 for n in range(MOST)}
    rows = [AssetValue(START + timedelta(hours=n), asset, value) for n in range(3) for asset, value in worth.items()]
    rows[3] = rows[3]._replace(value=9.0)  # held at first, and sold
    allocation = add_up(rows, MOST)
    assert allocation
    figure = draw_allocation(allocation, THEMES[theme])

    judge(figure)
    names = [text.get_text().split(" ")[0] for text in figure.axes[0].findobj(Annotation)]
    assert sorted(names) == sorted(name if len(name) < 9 else "1000CHE…" for name in allocation.assets)
    drawn = finish(figure).decode()
    assert colour("BTC") in drawn and colour("1000CHEEMS") in drawn


def test_the_numbers_at_an_axis_are_not_shortened() -> None:
    """0.525 was written as 0.52: the drawing's places were shortened, and these with them."""
    assert ">0.525<" in finish(draw_values(values(0.5, 0.2), THEMES["light"])).decode()


def test_names_keep_their_order_and_their_distance() -> None:
    assert spread({"a": 50.0, "b": 20.0}, 13, (0, 100)) == {"b": 20.0, "a": 50.0}
    assert spread({"a": 99.0, "b": 98.0, "c": 50.0}, 13, (0, 100)) == {"c": 50.0, "b": 87.0, "a": 100.0}
    assert spread({"a": 0.0, "b": 1.0}, 13, (5, 100)) == {"a": 5.0, "b": 18.0}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("theme", ["light", "light-narrow"])
def test_no_line_runs_through_the_word_reconstructed(theme: str, move: str) -> None:
    figure = draw_values(values(123_456.78, MOVES[move]), THEMES[theme])
    (word,) = (text for text in texts(figure) if text.get_text() == "reconstructed")
    box = Text.get_window_extent(word)

    for line in figure.axes[0].lines:
        places = line.get_transform().transform(line.get_xydata())
        assert all(y < box.y0 for x, y in places if box.x0 <= x <= box.x1)

"""Waterfalls: every amount is written, nothing is cut off, and the words say what the bars do."""

from decimal import Decimal

import pytest
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.text import Annotation

from dashboard.charts.canvas import THEMES, finish
from dashboard.charts.waterfall import Waterfall, describe, draw_waterfall
from look import figures

FALLS = {
    "large": Waterfall(
        start=("NAV, 30 Sep 2026", Decimal("9876543.21")),
        parts=[("Money in and out", Decimal("-9000000.00")), ("Coin mix", Decimal("1234567.89"))],
        end="NAV, 31 Oct 2026",
    ),
    "nothing": Waterfall(start=("No difference", Decimal(0)), parts=[("Prices", Decimal("0.00"))], end="Difference"),
    "hours": Waterfall(
        start=("NAV, 2026-02-26 01:00", Decimal("55575.01")),
        parts=[("Money in and out", Decimal(550)), ("Prices", Decimal("25.75"))],
        end="NAV, 2026-03-01 00:00",
    ),
    "gains": Waterfall(start=("NAV", Decimal(10)), parts=[("Prices", Decimal("0.01"))], end="NAV"),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", FALLS)
def test_no_amount_is_cut_off(name: str, theme: str) -> None:
    fall = FALLS[name]
    figure = draw_waterfall(fall, THEMES[theme])
    FigureCanvasSVG(figure)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    written = [found for found in axes.findobj(Annotation) if found.get_text()]
    texts = [
        figures.money(fall.start[1]),
        *(figures.signed_money(amount) for _, amount in fall.parts),
        figures.money(fall.levels[-1]),
    ]
    if name == "large" and THEMES[theme].is_narrow:
        texts = ["9.88M", f"{figures.MINUS}9.00M", "+1.23M", "2.11M"]
    assert [found.get_text() for found in written] == texts
    for found in axes.texts:
        place = found.get_window_extent()
        assert place.x0 >= 0 and place.x1 <= figure.bbox.width, found.get_text()


def test_money_in_and_out_is_neither_gain_nor_loss() -> None:
    theme = THEMES["light"]
    fall = FALLS["large"]
    told = Waterfall(start=fall.start, parts=fall.parts, end=fall.end, neutral=("Money in and out",))
    assert theme.benchmark.encode() in finish(draw_waterfall(fall, theme))
    assert theme.benchmark.encode() not in finish(draw_waterfall(told, theme))


def test_a_waterfall_is_told_in_words() -> None:
    assert describe(FALLS["large"]) == (
        "Waterfall from 9,876,543.21 USDT (NAV, 30 Sep 2026) to 2,111,111.10 USDT (NAV, 31 Oct 2026): "
        "Money in and out −9,000,000.00, Coin mix +1,234,567.89."
    ).replace("−", figures.MINUS)

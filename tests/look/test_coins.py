"""One colour a coin: different where they are known, and to be seen on light and on dark."""

import pytest

from dashboard.charts.canvas import DARK, LIGHT
from look.coins import KNOWN, OTHERS, REST, coin, colour

LEAST_CONTRAST = 3  # of what is no text, WCAG 1.4.11


def luminance(colour: str) -> float:
    """As WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ground", [LIGHT.ground, DARK.ground])
@pytest.mark.parametrize("drawn", [*KNOWN.values(), *OTHERS, REST])
def test_every_colour_stands_out(drawn: str, ground: str) -> None:
    darker, brighter = sorted((luminance(drawn), luminance(ground)))
    assert (brighter + 0.05) / (darker + 0.05) >= LEAST_CONTRAST


def test_a_coin_has_its_colour_everywhere() -> None:
    assert len({*KNOWN.values(), *OTHERS, REST}) == len(KNOWN) + len(OTHERS) + 1
    assert colour("BTC") == KNOWN["BTC"] and colour("PEPE") == colour("PEPE") in OTHERS


def test_a_name_from_outside_is_a_name() -> None:
    assert coin("<b>").endswith("</svg>&lt;b&gt;")

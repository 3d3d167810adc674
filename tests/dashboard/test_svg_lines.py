"""Lines of charts in fewer bytes lead to the same points."""

import re
from decimal import Decimal
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.svg_lines import shorten_lines

PLACES = st.integers(-90_000, 90_000).map(lambda number: Decimal(number) / 100)
NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")  # as SVG reads one after the other


@given(st.lists(st.tuples(PLACES, PLACES), min_size=2, max_size=20))
def test_a_line_has_the_same_points(points: list[tuple[Decimal, Decimal]]) -> None:
    told = "L".join(f"{x:f} {y:f}" for x, y in points)
    short = shorten_lines(f'<path d="M {told} \nz"/>')
    beginning, _, distances = short.partition("l")
    numbers = [Decimal(number) for number in NUMBER.findall(distances.split("\n")[0])]
    sides = [list(accumulate(numbers[side::2], initial=points[0][side])) for side in (0, 1)]
    assert beginning == f'<path d="M{points[0][0]:f} {points[0][1]:f}'
    assert list(zip(*sides, strict=True)) == points
    assert short.endswith(' \nz"/>')


def test_it_is_shorter_and_what_is_no_line_stays() -> None:
    assert shorten_lines("M 1.00 2.50L1.28 2.25L1.28 12.25L2 12") == "M1.00 2.50l.28-.25 0 10 .72-.25"
    for other in ("M 0 0C1.5 0 2 1 3 3z", "M 1 2 \nM 3 4 "):
        assert shorten_lines(other) == other

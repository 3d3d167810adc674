"""Axes that write the numbers and times at their sides themselves, and rule themselves, all at once.

Of each number matplotlib's own make five drawings that move with it, which a still image has no use for: a third of a
chart's time.
"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backend_bases import RendererBase
from matplotlib.lines import Line2D

GAP = float("nan")
SIZE = 10  # points: of numbers and times
LEFT_PAD, BELOW_PAD = 3.5, 6.5  # points from the plot: those below are off the lowest number at the side
RULED = 0.5  # the height in the pile of drawings: over what shades the ground, under all else
CLOSE = 1e-10  # of the length of an axis: as near to its end is in it


class Paper(Axes):
    """Axes with numbers at the left, times below, and a line across at each number."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.ink = self.below_ink = "black"  # what is written at the left, and below
        self.line: str | None = None  # the colour of the lines across; None: there are none
        self._is_written = False
        self.xaxis.set_visible(False)
        self.yaxis.set_visible(False)
        self.set_title("", y=1)  # nobody looks for room for a title, which there is none of

    def draw(self, renderer: RendererBase) -> None:
        """All that is on it; what stands at the sides is found when everything else is."""
        if not self._is_written:
            self._is_written = True
            self._write_sides()
        super().draw(renderer)

    def _write_sides(self) -> None:
        left, below = _find_labels(self.yaxis), _find_labels(self.xaxis)
        if self.line and left:
            ends, heights = [0.0, 1.0, GAP] * len(left), [place for place, _ in left for _ in range(3)]
            transform = self.get_yaxis_transform("grid")
            self.add_artist(Line2D(ends, heights, color=self.line, linewidth=0.8, transform=transform, zorder=RULED))
        transform, va, ha = self.get_yaxis_text1_transform(LEFT_PAD)
        for place, label in left:
            self.text(0, place, label, transform=transform, va=va, ha=ha, color=self.ink, fontsize=SIZE, zorder=RULED)
        transform, va, ha = self.get_xaxis_text1_transform(BELOW_PAD)
        for place, label in below:
            self.text(
                place, 0, label, transform=transform, va=va, ha=ha, color=self.below_ink, fontsize=SIZE, zorder=RULED
            )


def _find_labels(axis: Axis) -> list[tuple[float, str]]:
    """What stands where along an axis, as far as it is in sight."""
    places = [float(place) for place in axis.get_majorticklocs()]
    labels = axis.get_major_formatter().format_ticks(places)
    low, high = sorted(axis.get_view_interval())
    dust = CLOSE * (high - low)
    return [found for found in zip(places, labels, strict=True) if low - dust <= found[0] <= high + dust]

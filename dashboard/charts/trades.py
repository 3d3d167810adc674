"""Closed trades through time: what they made together, and what was won and lost in each day, week or month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, groupby

from matplotlib.figure import Figure

from dashboard.charts.canvas import Theme, label_ends, label_time, limit_time, make_canvas
from dashboard.charts.track import place
from dashboard.display import USUAL, Display
from dashboard.history.trade_sums import TradeStep
from finance.decimals import CONTEXT, total

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
MOST_BARS = 62
COLUMNS = 250  # of pixels, of which each shows the lowest and the highest it covers
GAP = 0.12  # of a bar's width, to the next one


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeTrack:
    """The hours or days of UTC in which trades were closed, in a stretch of time."""

    since: datetime
    until: datetime
    steps: Sequence[TradeStep]
    is_hourly: bool
    display: Display = USUAL

    @property
    def step(self) -> timedelta:
        """How long a step is."""
        return HOUR if self.is_hourly else DAY

    @property
    def sums(self) -> list[Decimal]:
        """What all trades made up to the end of each step."""
        return list(accumulate((step.net for step in self.steps), CONTEXT.add))

    @property
    def bar_name(self) -> str:
        """What a bar is of: an hour, a day, a week or a month."""
        days = (self.until - self.since) / DAY
        if self.is_hourly:
            return "hour"
        return "day" if days <= MOST_BARS else "week" if days <= 7 * MOST_BARS else "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What trades gained and lost in a stretch of time."""

    since: datetime
    until: datetime
    gained: Decimal
    lost: Decimal  # negative


def make_bars(track: TradeTrack) -> list[Bar]:
    """The steps in bars of `track.bar_name`; none for a time without a closed trade."""
    return [
        Bar(
            since=since,
            until=_find_end(track, since),
            gained=total(step.gained for step in steps),
            lost=total(step.lost for step in steps),
        )
        for since, steps in (
            (since, list(found)) for since, found in groupby(track.steps, lambda step: _find_start(track, step.at))
        )
    ]


def _find_start(track: TradeTrack, at: datetime) -> datetime:
    local = at.astimezone(UTC)
    if track.bar_name == "month":
        return local.replace(day=1)
    return local - DAY * local.weekday() if track.bar_name == "week" else local


def _find_end(track: TradeTrack, since: datetime) -> datetime:
    if track.bar_name == "month":
        return (since + timedelta(days=32)).replace(day=1)
    return since + (WEEK if track.bar_name == "week" else track.step)


def thin_sums(track: TradeTrack) -> list[tuple[float, float]]:
    """Place and height of the sum after each step; of many steps the lowest and the highest of each column of pixels."""
    points = [
        (place(max(step.at, track.since)), float(made)) for step, made in zip(track.steps, track.sums, strict=True)
    ]
    if len(points) <= 2 * COLUMNS:
        return points
    begin, width = place(track.since), (place(track.until) - place(track.since)) / COLUMNS
    columns = (list(found) for _, found in groupby(points, lambda point: int((point[0] - begin) / width)))
    return [
        point
        for found in columns
        for point in sorted({min(found, key=lambda one: one[1]), max(found, key=lambda one: one[1])})
    ]


def draw_trade_net(track: TradeTrack, theme: Theme) -> Figure:
    """What all closed trades made since the beginning of the period, filled from zero, with the last figure at its end."""
    figure, axes = make_canvas(theme, 2.4, signed=True)
    label_time(axes, theme, track.display)
    points = thin_sums(track)
    last = track.sums[-1]
    places = [place(track.since), *(at for at, _ in points), place(track.until)]
    heights = [0.0, *(height for _, height in points), float(last)]
    axes.axhline(0, color=theme.faint, linewidth=0.8)
    axes.plot(places, heights, color=theme.text, linewidth=1.1, drawstyle="steps-post")
    for side, colour in ((1, theme.account), (-1, theme.benchmark)):
        kept = [max(height * side, 0) * side for height in heights]
        axes.fill_between(places, kept, 0, color=colour, alpha=0.28, linewidth=0, step="post")
    label_ends(axes, {"": (places[-1], heights[-1])}, {"": theme.text}, {"": track.display.compact(last)})
    limit_time(axes, track.since, track.until)
    return figure


def draw_trade_bars(track: TradeTrack, theme: Theme) -> Figure:
    """What was won, upwards, and lost, downwards, in each hour, day, week or month."""
    figure, axes = make_canvas(theme, 2.2, signed=True)
    label_time(axes, theme, track.display)
    bars = make_bars(track)
    places = [place(bar.since) for bar in bars]
    widths = [(1 - GAP) * (place(bar.until) - place(bar.since)) for bar in bars]
    for name, colour, heights in (
        ("won", theme.account, [float(bar.gained) for bar in bars]),
        ("lost", theme.benchmark, [float(bar.lost) for bar in bars]),
    ):
        axes.bar(places, heights, widths, align="edge", color=colour, linewidth=0, alpha=0.75)
        side = 0.93 if name == "won" else 0.07
        axes.annotate(name, (1.01, side), xycoords="axes fraction", color=colour, va="center", annotation_clip=False)
    axes.axhline(0, color=theme.faint, linewidth=0.8)
    limit_time(axes, track.since, track.until)
    return figure

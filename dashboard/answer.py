"""The headline: what the account made, how that compares with the benchmark, and how much of it nobody explains. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from dashboard.alarms import STALE_AFTER
from dashboard.display import Display
from dashboard.explanation import Statement, Step, add_up, make_statement
from dashboard.frame import Frame
from dashboard.performance import PeriodFigures, compare
from dashboard.rounding import ZERO
from dashboard.view import View
from look import figures

SHORT = timedelta(days=3)  # shown to the hour


class Words(NamedTuple):
    """A part of a sentence; what is `strong` has a `tone`."""

    text: str
    strong: bool = False
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a period came to."""

    label: str
    rival: str  # what the account is compared with: simply holding 50/50 BTC/ETH
    figures: PeriodFigures
    statement: Statement
    hours_unexplained: int
    when: str  # since 2026-10-01
    display: Display
    is_present: bool  # the period goes on to the last hour with figures

    @property
    def gain(self) -> Decimal:
        """What the account made, in cents: its change without money in and out."""
        return self.statement.change - self.statement.parts.get("flows", ZERO)

    @property
    def benchmark_gain(self) -> Decimal:
        """What the benchmark made of the same money."""
        return self.gain - self.statement.difference

    @property
    def unexplained(self) -> Decimal:
        """How much of the gain no record explains; nothing where every hour is explained."""
        return self.statement.parts.get("residual", ZERO) if self.hours_unexplained else ZERO

    def is_late(self, now: datetime) -> bool:
        """Whether the figures should be newer than they are."""
        return self.is_present and now - self.figures.ended_at > STALE_AFTER

    def say(self, now: datetime) -> list[Words]:
        """The sentence, as of `now`."""
        made = self._name(self.gain) if self.gain else "nothing"
        verb = "lost" if self.gain < 0 else "made"
        words = [
            Words(f"{self.label} {verb} "),
            Words(made + self._say_return(), True, figures.tone(self.display.signed_money(self.gain))),
            Words(f" {self.when}"),
            *self._compare(now),
        ]
        return [*words, *self._admit(), Words(".")]

    def text(self, now: datetime) -> str:
        """The sentence without any mark-up."""
        return "".join(words.text for words in self.say(now))

    def _name(self, amount: Decimal) -> str:
        """The size of an amount, with its currency."""
        return f"{self.display.abs_money(amount)} {self.display.currency}"

    def _say_return(self) -> str:
        found = self.figures.account
        if found is None:
            return ""
        differs = found * self.gain < 0  # money that came before a fall, or went before a rise
        return f" ({figures.percent(found)}{' time-weighted' if differs else ''})"

    def _admit(self) -> list[Words]:
        """How much of it nobody explains."""
        amount, hours = self._name(self.unexplained), self.hours_unexplained
        if not self.unexplained:
            return [Words(f", with {figures.hours(hours)} unexplained")] if hours else []
        what = "gain" if self.unexplained > 0 else "loss"
        if self.unexplained * self.gain > 0:
            return [Words("; "), Words(f"{amount} of the {what} is unexplained", True, "alarming")]
        return [Words(", with "), Words(f"an unexplained {what} of {amount}", True, "alarming"), Words(" in it")]

    def _compare(self, now: datetime) -> list[Words]:
        standing, value = self.figures.standing, self.figures.value
        amount = "" if standing == "level with" else f"{self._name(value)} "
        points = f" ({figures.points(self.figures.active)})" if self.figures.active is not None else ""
        late = self.is_late(now)
        lead = "; that was " if late else ", "
        until = f" until {figures.weekday(self.figures.ended_at, self.display.local(now))}" if late else ""
        tone = figures.tone(self.display.signed_money(value))
        return [Words(lead), Words(amount + standing, True, tone), Words(f" {self.rival}{points}{until}")]


def make_answer(frame: Frame, steps: Sequence[Step]) -> Answer | None:
    """What the period of a frame came to, from its `steps`; None where there are not two hours with figures."""
    if not steps or frame.account is None:
        return None
    span = frame.shown
    whole, found = add_up(steps), compare(span.start, span.end, frame.display.cent)
    return Answer(
        label=frame.account.label,
        rival=frame.rival,
        figures=found,
        statement=make_statement(whole, span.start.nav, frame.display.cent),
        hours_unexplained=whole.unexplained,
        when=_describe_period(frame.view, found),
        display=frame.display,
        is_present=span.end.hour == span.last,
    )


def _describe_period(view: View, found: PeriodFigures) -> str:
    """The period in words; an end at midnight belongs to the day before."""
    is_short = found.ended_at - found.started_at < SHORT
    write = view.display.utc if is_short else view.display.day
    if view.period.key != "dates":
        return f"since {write(found.started_at)}"
    last = found.ended_at if is_short else found.ended_at - timedelta(microseconds=1)
    return f"from {write(found.started_at)} to {write(last)}"

"""From a page's model to HTML: the templates and how they write numbers and times."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from dashboard import display
from dashboard.alarms import STALE_AFTER, STANDING_STILL, UNEXPLAINED
from dashboard.display import CURRENCIES, SUGGESTED, USUAL, describe_units
from dashboard.frame import Frame
from dashboard.page import Page
from dashboard.pages import PAGES
from dashboard.periods import NAMES
from dashboard.progress import Progress, find_next_reading
from dashboard.view import ROWS
from finance.exchanges import NAMES as EXCHANGES
from look.pages import make_environment, unbroken

MARKED = ("values", "difference", "drawdown", "rolling", "volatility")  # charts with a mark at hours nothing explains
MOST_ALARMS = 5  # at the top of a page; Health has all


def _by_display(name: str) -> Callable[..., Any]:
    """The filter of that name of the view's display; templates that import macros which use it do so `with context`."""

    @pass_context
    def write(context: Context, *values: Any) -> Any:
        view = context.get("view")
        return getattr(view.display if view else USUAL, name)(*values)

    return write


def _by_display_unbroken(name: str) -> Callable[..., Any]:
    """The same for a day that stands in a sentence."""
    write = _by_display(name)
    return pass_context(lambda context, moment: unbroken(write(context, moment)))


TEMPLATES = make_environment(Path(__file__).parent / "templates")
TEMPLATES.filters.update({name: _by_display(name) for name in display.FILTERS})
TEMPLATES.filters.update({name: _by_display_unbroken(name) for name in ("utc", "day")})
TEMPLATES.globals.update(
    pages=PAGES,
    periods=NAMES,
    stale_after=STALE_AFTER,
    list_rows=ROWS,
    marked_charts=MARKED,
    currencies=CURRENCIES,
    describe_units=describe_units,
    zones=SUGGESTED,
    exchange_names=EXCHANGES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is around a page's own figures."""

    page: Page
    frame: Frame
    now: datetime  # ages are as of it
    progress: Progress | None
    has_login: bool  # one can sign out

    def describe(self) -> dict[str, Any]:
        """The values of every page's template."""
        frame, now = self.frame, self.now
        standing = frame.alarms(now)
        alarms = [alarm for alarm in standing if alarm.acknowledged_at is None]
        of_readings = [alarm for alarm in alarms if alarm.kind not in UNEXPLAINED]
        return {
            "page": self.page,
            "frame": frame,
            "view": frame.view,
            "now": now,
            "progress": self.progress,
            "has_login": self.has_login,
            "next_reading": find_next_reading(now),
            "alarms": alarms,
            "standing": standing,
            "most_alarms": MOST_ALARMS,
            "touched": frame.is_touched(alarms),
            "touched_now": any(alarm.is_shown for alarm in of_readings),
            "of_readings": of_readings,  # they touch what is held in all
            "still": [
                alarm for alarm in of_readings if alarm.kind in STANDING_STILL
            ],  # they touch benchmarks, and each row of what is held
        }


def render_page(setting: Setting, model: dict[str, Any]) -> str:
    """The page as HTML."""
    return TEMPLATES.get_template(f"{setting.page.name}.html").render(**setting.describe(), **model)


def render_message(heading: str, message: str, command: str = "") -> str:
    """A page with one message, and the command that helps."""
    return TEMPLATES.get_template("message.html").render(heading=heading, message=message, command=command)


def render_login(target: str, fault: str) -> str:
    """The page that asks for the password, leads to `target` then, and says what was wrong the last time."""
    return TEMPLATES.get_template("login.html").render(target=target, fault=fault)


def render_absence(setting: Setting, reason: str) -> str:
    """A page that has no figures yet, and what will bring them."""
    heading, message, command = _absence(setting.frame, reason)
    return TEMPLATES.get_template("absence.html").render(
        **setting.describe(), heading=heading, message=message, command=command
    )


def _absence(frame: Frame, reason: str) -> tuple[str, str, str]:
    if frame.account is None:
        text = "Add one with a key that may only read. Its first figures come within the hour, and its past is rebuilt after it."
        return "No accounts yet", text, "python -m monitor account add main"
    if frame.history is None and frame.currency != USUAL.currency:
        text = (
            f"No hour of {frame.account.name} has a rate of {frame.currency} yet. The next run keeps one; those of past "
            "hours are read by the command below. In USDT there may be figures already."
        )
        return f"Nothing is known in {frame.currency} yet", text, "python -m monitor backfill --from 2026-01-01"
    if frame.history is None:
        last = f" The last attempt: {reason}" if reason else ""
        return f"{frame.account.label}: no complete hour yet", f"The first one is at most an hour away.{last}", ""
    first, last_hour = (frame.display.utc(hour) for hour in frame.history)
    text = f"The history goes from {first} to {last_hour}. Pick other dates."
    return f"{frame.account.label} has no figures in this period", text, ""

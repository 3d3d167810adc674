"""`python -m monitor explain`: why NAV changed in a period, in parts that add up, and what is not explained.

For a person as tables whose rounded figures add up, for a program as JSON with every digit.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from finance.attribution.booking import Booking
from finance.attribution.causes import name_account
from finance.attribution.explanation import PARTS, AssetExplanation, Explanation, Part, State, add_up
from finance.decimals import apportion, plain, total
from monitor.accounts.registry import choose_accounts
from monitor.commands.arguments import read_time
from monitor.commands.columns import align
from monitor.performance.store.explanations import load_explanations
from monitor.settings import Settings
from sql.rows import Db

UNITS = {
    Part.TRADING: "fills",
    Part.FLOWS: "flows",
    Part.INCOME: "income",
    Part.FEES: "fees",
    Part.POSITIONS: "positions",
    Part.RESIDUAL: "residual",
}
NOT_A_GAIN = (Part.FLOWS, Part.EXCHANGED)
TIME = "%Y-%m-%d %H:%M"
ALL_EXPLAINED, UNEXPLAINED, NOTHING = 0, 1, 3
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The explained hours of one account."""

    label: str
    hours: Sequence[Explanation]

    @property
    def total(self) -> Explanation:
        """All of them as one."""
        return add_up(self.hours)

    @property
    def bookings(self) -> dict[str, int]:
        """How many hours book fees in third coins, income and the quotes of fills at which price."""
        return {booking.name.lower(): sum(one.booking is booking for one in self.hours) for booking in Booking}

    @property
    def unexplained(self) -> tuple[Explanation, ...]:
        """Those with a residual."""
        return tuple(hour for hour in self.hours if hour.state is State.UNEXPLAINED)


def format_period(period: Period) -> str:
    """The period's parts, the assets, and every hour that is not explained."""
    whole = period.total
    lines = [
        f"{period.label}: {whole.from_hour:{TIME}} to {whole.hour:{TIME}} UTC, {len(period.hours)} hours, {whole.state}",
        "",
        *_format_parts(whole),
        _format_bookings(period.bookings),
        "",
        *_format_units(whole.assets),
        "",
        *_format_gains(whole.assets),
    ]
    for hour in period.unexplained:
        lines += ["", f"{hour.from_hour:{TIME}} to {hour.hour:{TIME}} UTC: {hour.missing_value:,.2f} USDT unexplained"]
        lines.append(f"  {name_account(hour.cause, period.label)}")
    return "\n".join(lines)


def _format_parts(whole: Explanation) -> Iterable[str]:
    """NAV before, the parts and NAV after; what is shown adds up."""
    before, *parts = apportion([whole.nav_before, *(whole.parts[part] for part in PARTS)])
    yield _line("NAV before", before)
    for part, shown in zip(PARTS, parts, strict=True):
        yield _line(f"  {_words(part)}", shown)
        kinds = {Part.INCOME: whole.income, Part.FEES: whole.fees}.get(part, {})
        yield from _format_kinds(kinds, shown)
    yield _line("NAV after", total([before, *parts]))


def _format_bookings(bookings: Mapping[str, int]) -> str:
    named = {"minute": "the price of their minute", "closing": "the closing price of their hour"}
    used = [name for name in named if bookings[name]]
    count = f" in {bookings[used[-1]]} of {sum(bookings.values())} hours" if len(used) > 1 else ""
    prices = ", at ".join(named[name] for name in used)
    return f"Income, fees in third coins and what was paid in other coins count at {prices}{count}."


def _format_kinds(kinds: Mapping[str, Decimal], shown: Decimal) -> Iterable[str]:
    names = sorted(kinds)
    figures = apportion([kinds[name] for name in names])
    if not names:
        return
    figures[-1] += shown - total(figures)  # what the part itself was rounded by, at most a cent
    yield from (_line(f"    {_words(name)}", figure) for name, figure in zip(names, figures, strict=True))


def _line(name: str, amount: Decimal) -> str:
    return f"{name:<28}{amount:>18,.2f} USDT"


def _words(name: str) -> str:
    return str(name).replace("_", " ")


def _format_units(assets: Iterable[AssetExplanation]) -> list[str]:
    rows = [["in units", "before", *UNITS.values(), "after"]]
    for asset in assets:
        changes = [plain(asset.units[part]) if part in asset.units else "" for part in UNITS]
        rows.append([asset.asset, plain(asset.before), *changes, plain(asset.after)])
    return align(rows, rows[0][:1])


def _format_gains(assets: Sequence[AssetExplanation]) -> Iterable[str]:
    gains = [_gain(asset) for asset in assets]
    yield "gained or lost, flows and swaps aside"
    for asset, gain in zip(assets, apportion(gains), strict=True):
        yield _line(f"  {asset.asset}", gain)


def _gain(asset: AssetExplanation) -> Decimal:
    return total(amount for part, amount in asset.value.items() if part not in NOT_A_GAIN)


def write_periods(periods: Iterable[Period]) -> str:
    """Everything about the periods as JSON; amounts are text, times ISO UTC."""
    return json.dumps({"accounts": [_period(period) for period in periods]}, indent=2)


def _period(period: Period) -> dict[str, Any]:
    whole = period.total
    return {
        "account": period.label,
        "hours": len(period.hours),
        "hours_by_booking": period.bookings,
        **_explanation(whole),
        "income_by_kind": _texts(whole.income),
        "fees_by_kind": _texts(whole.fees),
        "assets": [_asset(asset) for asset in whole.assets],
        "unexplained": [
            {
                **_explanation(hour),
                "booking": hour.booking.name.lower(),
                "cause": name_account(hour.cause, period.label),
                "assets": [_asset(asset) for asset in hour.missing],
            }
            for hour in period.unexplained
        ],
    }


def _explanation(explanation: Explanation) -> dict[str, Any]:
    return {
        "from": _iso(explanation.from_hour),
        "to": _iso(explanation.hour),
        "state": str(explanation.state),
        "nav_before": plain(explanation.nav_before),
        "nav_after": plain(explanation.nav_after),
        "nav_change": plain(explanation.nav_change),
        "parts": _texts(explanation.parts),
    }


def _asset(asset: AssetExplanation) -> dict[str, Any]:
    return {
        "asset": asset.asset,
        "before": plain(asset.before),
        "after": plain(asset.after),
        "units": _texts(asset.units),
        "value": _texts(asset.value),
    }


def _texts(amounts: Mapping[Any, Decimal]) -> dict[str, str]:
    return {str(name): plain(amount) for name, amount in amounts.items()}


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to argparse."""
    parser.add_argument("--account", help="the account's label; every account if left out")
    parser.add_argument("--from", dest="since", type=read_time, help="UTC, like 2026-01-31T08:00 (a day before --to)")
    parser.add_argument("--to", dest="until", type=read_time, help="UTC (now)")
    parser.add_argument("--json", action="store_true", help="print every digit as JSON")
    parser.set_defaults(run=run_explain_command)


def run_explain_command(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print the explanation; returns 0 if all is explained, 1 if not, 3 if no hour is. Raises AccountError."""
    until = arguments.until or now
    since = arguments.since or until - A_DAY
    rows = choose_accounts(db, arguments.account)
    periods = [found for row in rows if (found := _load_period(db, row.id, row.label, since, until))]
    if not periods:
        print(f"No hour between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M} UTC is explained.", file=sys.stderr)
        return NOTHING
    print(write_periods(periods) if arguments.json else "\n\n".join(map(format_period, periods)))
    return UNEXPLAINED if _lacks(periods) else ALL_EXPLAINED


def _load_period(db: Db, account_id: int, label: str, since: datetime, until: datetime) -> Period | None:
    """The hours that begin and end between `since` and `until`."""
    hours = [hour for hour in load_explanations(db, account_id, since, until) if hour.from_hour >= since]
    return Period(label=label, hours=hours) if hours else None


def _lacks(periods: Iterable[Period]) -> bool:
    return any(period.unexplained for period in periods)

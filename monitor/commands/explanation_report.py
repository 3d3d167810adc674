"""An explanation for a person (tables whose rounded figures add up) or for a program (JSON with every digit)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from finance.attribution.explanation import PARTS, AssetExplanation, Explanation, Part, State, add_up
from finance.decimals import apportion, plain, total

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
        "",
        *_format_units(whole.assets),
        "",
        *_format_gains(whole.assets),
    ]
    for hour in period.unexplained:
        lines += ["", f"{hour.from_hour:{TIME}} to {hour.hour:{TIME}} UTC: {hour.missing_value:,.2f} USDT unexplained"]
        lines.append(f"  {hour.cause}")
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


def _format_units(assets: Iterable[AssetExplanation]) -> Iterable[str]:
    rows = [["in units", "before", *UNITS.values(), "after"]]
    for asset in assets:
        changes = [plain(asset.units[part]) if part in asset.units else "" for part in UNITS]
        rows.append([asset.asset, plain(asset.before), *changes, plain(asset.after)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *rest = (f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        yield "  ".join((f"{row[0]:<{len(first)}}", *rest)).rstrip()


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
        **_explanation(whole),
        "income_by_kind": _texts(whole.income),
        "fees_by_kind": _texts(whole.fees),
        "assets": [_asset(asset) for asset in whole.assets],
        "unexplained": [
            {**_explanation(hour), "cause": hour.cause, "assets": [_asset(asset) for asset in hour.missing]}
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

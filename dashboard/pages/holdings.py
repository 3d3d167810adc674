"""Holdings: what the account is made of, now and through time, by asset and by wallet."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.charts.allocation import MOST, NAMES, REST, Allocation, add_up, draw_allocation
from dashboard.charts.canvas import LIGHT, find_plot
from dashboard.display import Display
from dashboard.frame import Frame
from dashboard.history.allocation import load_allocation
from dashboard.history.gains import load_costs, load_costs_of
from dashboard.history.holdings import (
    load_conversions,
    load_holdings,
    load_holdings_of,
    load_positions,
    load_wallets,
)
from dashboard.history.netting import Netted, load_netted
from dashboard.history.open_contracts import load_contracts
from dashboard.history.rates import USDT
from dashboard.listing import find_sheet, sort_rows
from dashboard.page import Chart, Model, Page
from dashboard.pages.readout import HOUR, NARROW, Readout, lay_whole
from dashboard.portfolio import KEYS, PARTS, find_assets, group_by_asset
from dashboard.reading import UNKNOWN, Reading, read_shares
from look import figures
from sql.rows import Db, Row

DUST = Decimal(1)  # USDT
MOST_NAMED = 3  # assets in the headline
MOST_CONVERSIONS = 20
EMPTY, NOT_OPENED = "empty, asked once a day", "not opened"
READ = {
    "enabled": "read every hour",
    "unseen": "can't be read",
    "refused": "refused by the exchange",
    "counted": "counted at the exchange's total",
}


def load_held(db: Db, frame: Frame) -> list[dict[str, Any]]:
    """What was held at the end of the period: the last reading's, or those of an earlier hour."""
    span = frame.shown
    if span.end.hour == span.last:
        return load_holdings(db, frame.account_id, frame.currency)
    return load_holdings_of(db, frame.account_id, span.end.hour, frame.currency)


def load_cost(db: Db, frame: Frame) -> dict[str, Decimal] | None:
    """What that has cost, in USDT; None in another currency: what was paid was not converted."""
    span = frame.shown
    if frame.currency != USDT:
        return None
    if span.end.hour == span.last:
        return load_costs(db, frame.account_id)
    return load_costs_of(db, frame.account_id, span.end.hour)


def make_holdings(db: Db, frame: Frame) -> Model:
    """Assets with their wallets, wallets with their totals, what has no price, and small balances."""
    rows = load_held(db, frame)
    costs = load_cost(db, frame)
    assets = group_by_asset(rows, costs)
    limit = DUST / frame.shown.end.rate
    dust = name_dust(assets, limit)
    listed = [asset for asset in list_assets(frame, assets, dust) if not asset["unpriced"]]
    sheet = find_sheet(frame.view)
    since, through = frame.bounds
    shared = [asset for asset in assets if asset["share"] is not None and asset["asset"] not in dust]
    allocation = _load_shares(db, frame)
    return {
        "span": frame.shown,
        "costs": costs,
        "gain": sum((asset["gain"] or 0 for asset in assets), Decimal(0)),
        "total": sum((asset["value"] for asset in assets), Decimal(0)),
        "largest": shared[:MOST_NAMED],
        "assets": listed[sheet.skip : sheet.skip + frame.view.rows],
        "has_more": len(listed) >= sheet.skip + sheet.limit,
        "count": sum(asset["asset"] not in dust and not asset["unpriced"] for asset in assets),
        "parts": [
            part for part in PARTS if part != "quantity" and any(a[part] for a in assets if a["locked"] or a["owed"])
        ],
        "unpriced": [asset for asset in assets if asset["unpriced"]],
        "dust": [asset for asset in assets if asset["asset"] in dust],
        "dust_limit": limit,
        "conversions": load_conversions(db, frame.account_id, since, through, MOST_CONVERSIONS),
        "wallets": _by_wallet(rows),
        "states": group_states(load_wallets(db, frame.account_id)),
        "positions": load_positions(db, frame.account_id),
        "netted": _load_netted(db, frame),
        "allocation": allocation,
        "display": frame.display,
        "readout": lay_bands(allocation),
        "alt_allocation": _describe(allocation, frame.display),
    }


def _load_netted(db: Db, frame: Frame) -> list[Netted]:
    """At the last reading alone: positions of the past are not shown here."""
    if frame.shown.end.hour != frame.shown.last:
        return []
    return load_netted(db, frame.account_id, load_contracts(db, frame.account_id))


def list_assets(frame: Frame, assets: list[dict[str, Any]], dust: frozenset[str]) -> list[dict[str, Any]]:
    """What the list shows, in the view's order: all that its filter finds; unfiltered, no small balances."""
    view = frame.view
    labels = {account.account_id: account.label for account in frame.accounts}
    found = find_assets(assets, view.find, labels) if view.find else [a for a in assets if a["asset"] not in dust]
    return sort_rows(found, view, "assets", KEYS)


def name_dust(assets: list[dict[str, Any]], limit: Decimal = DUST) -> frozenset[str]:
    """The assets that are worth too little to matter beside others; none where there is nothing else."""
    priced = [asset for asset in assets if not asset["unpriced"]]
    dust = frozenset(asset["asset"] for asset in priced if abs(asset["value"]) < limit)
    return dust if len(dust) < len(priced) else frozenset()


def _load_shares(db: Db, frame: Frame) -> Allocation | None:
    """The shares of the largest assets through the period; None when nothing had a value, and for one hour alone."""
    span = frame.shown
    if span.is_one_hour:
        return None
    rows = load_allocation(db, frame.account_id, span.start.hour, span.end.hour)
    return add_up(rows, MOST)


def group_states(wallets: Iterable[Row]) -> list[dict[str, Any]]:
    """Wallets by how they are read: `state`, `message`, the `wallets`, and the `labels` of the accounts of which that is so.

    No label where it is so of every account.
    """
    names: dict[tuple[str, str, str], list[str]] = {}
    for row in wallets:
        is_empty = row["state"] == "enabled" and row["is_empty"]
        state = EMPTY if is_empty else READ.get(row["state"], NOT_OPENED)
        message = "" if state == NOT_OPENED else row["message"]
        names.setdefault((row["label"], state, message), []).append(figures.words(row["wallet"]))
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (label, state, message), found in names.items():
        groups.setdefault((state, message, tuple(found)), []).append(label)
    everybody = {label for label, _, _ in names}
    return [
        {"labels": [] if set(labels) == everybody else labels, "state": state, "message": message, "wallets": found}
        for (state, message, found), labels in groups.items()
    ]


def lay_bands(allocation: Allocation | None) -> Readout | None:
    """Where time lies in the drawing of shares: from end to end, with room for names at the right."""
    if allocation is None or len(allocation.hours) < 2:
        return None
    first, last = allocation.hours[0], allocation.hours[-1]
    plots = find_plot(LIGHT, right=NAMES), find_plot(NARROW, right=NAMES)
    return lay_whole(first, last, plots, step=max(HOUR, (last - first) / len(allocation.hours)))


def _read_shares(_: Db, __: Frame, facts: Callable[[], Model], moment: datetime) -> Reading:
    allocation: Allocation | None = facts()["allocation"]
    if allocation is None:
        return Reading(moment, (), UNKNOWN)
    return read_shares(allocation.hours, dict(zip(allocation.assets, allocation.shares, strict=True)), moment)


def _by_wallet(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Wallets with their value and what is in them, the most valuable first."""
    wallets: dict[str, dict[str, Any]] = {}
    for row in rows:
        wallet = wallets.setdefault(
            row["wallet"], {"name": row["wallet"], "value": Decimal(0), "unpriced": 0, "rows": [], "accounts": set()}
        )
        wallet["accounts"].update(row["accounts"])
        wallet["rows"].append(row)
        wallet["value"] += row["value"] or 0
        wallet["unpriced"] += row["unpriced"]
    known = sum((wallet["value"] for wallet in wallets.values()), Decimal(0))
    for wallet in wallets.values():
        wallet["share"] = wallet["value"] / known if known > 0 else None
    return sorted(wallets.values(), key=lambda wallet: -wallet["value"])


def _describe(allocation: Allocation | None, display: Display) -> str:
    if allocation is None:
        return ""
    ends = zip(allocation.assets, allocation.shares[:, 0].tolist(), allocation.shares[:, -1].tolist(), strict=True)
    shares = ", ".join(f"{asset} {figures.share(first)} to {figures.share(last)}" for asset, first, last in ends)
    return (
        f"Stacked area chart of shares from {display.day(allocation.hours[0])} to {display.day(allocation.hours[-1])}: "
        f"{shares}.{' The rest is called other.' if REST in allocation.assets else ''}"
    )


HOLDINGS = Page(
    name="holdings",
    title="Holdings",
    path="/holdings",
    make=make_holdings,
    charts=(
        Chart(
            name="allocation",
            load=make_holdings,
            part="allocation",
            draw=lambda model, theme: draw_allocation(model["allocation"], theme, model["display"]),
            read=_read_shares,
        ),
    ),
)

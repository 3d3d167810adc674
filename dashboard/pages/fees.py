"""Fees: what trading, borrowing and holding cost, by type, exchange, month and coin, and each fee with its trade."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from dashboard.fees import EXPLAINED, FeeGroup, add_fees, pick_explained
from dashboard.frame import Frame
from dashboard.history.fees import COLUMNS, NEWEST, FeeSum, load_fee_list, load_fee_sums
from dashboard.listing import find_sheet, order_by
from dashboard.page import Model, Page
from dashboard.pages.trades import TRADE_PATH
from dashboard.rounding import apportion, to_cent
from finance.decimals import total
from finance.exchanges import NAMES
from sql.rows import Db

TYPES = {
    "MAKER": "Maker",
    "TAKER": "Taker",
    "TRADING": "Trading",
    "CONVERSION": "Converts and dust",
    "LIQUIDATION": "Liquidation",
    "INTEREST": "Interest",
    "FUNDING": "Funding",
    "TRANSFER": "Network fees between accounts",
    "WITHDRAWAL": "Network fees of withdrawals",
}
OTHER = {"FUNDING": "income in Explain", "WITHDRAWAL": "part of what was withdrawn"}  # why it is not among the fees


class Line(NamedTuple):
    """A line of a table, in cents that add up."""

    name: str
    group: FeeGroup
    value: Decimal


def make_fees(db: Db, frame: Frame) -> Model:
    """What was paid in the period, and one page of the list."""
    view, sheet, span = frame.view, find_sheet(frame.view), frame.shown
    since, until = span.start.hour, span.end.hour
    sums = load_fee_sums(db, frame.account_id, since, until)
    explained = pick_explained(sums)
    listed = load_fee_list(
        db,
        frame.account_id,
        since,
        until,
        find=view.find,
        order=order_by(view, "fees", COLUMNS, NEWEST),
        limit=sheet.limit,
        skip=sheet.skip,
        zone=view.zone,
    )
    whole = to_cent(total(one.value for one in explained))
    others = add_fees([one for one in sums if one.type not in EXPLAINED], lambda one: one.type)
    return {
        "span": span,
        "count": sum(one.fees for one in explained),
        "whole": whole,
        "others": [(TYPES[one.name], OTHER[one.name], one) for one in others],
        "types": lay_lines(add_fees(explained, lambda one: one.type), whole, TYPES),
        "exchanges": lay_lines(add_fees(explained, lambda one: one.exchange), whole, NAMES),
        "months": lay_lines(add_fees(explained, lambda one: f"{one.month:%Y-%m}"), whole)[::-1],
        "coins": lay_coins(explained, whole),
        "fees": listed[: view.rows],
        "has_more": len(listed) > view.rows,
        "type_names": TYPES,
        "trade_path": TRADE_PATH,
    }


def lay_lines(groups: Sequence[FeeGroup], whole: Decimal, names: dict[str, str] | None = None) -> list[Line]:
    """The groups with their names, in cents that add up to the whole."""
    values = apportion([one.value for one in groups], whole)
    named = names or {}
    return [Line(named.get(one.name, one.name), one, value) for one, value in zip(groups, values, strict=True)]


def lay_coins(sums: Sequence[FeeSum], whole: Decimal) -> list[Line]:
    """The same by coin, the most expensive first."""
    lines = lay_lines(add_fees(sums, lambda one: one.asset, is_of_coin=True), whole)
    return sorted(lines, key=lambda line: (-line.group.value, line.name))


FEES = Page(name="fees", title="Fees", path="/fees", make=make_fees)

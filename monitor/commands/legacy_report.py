"""What an import of an older system's tables found and did, in words and as JSON."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from finance.decimals import plain
from monitor.legacy.comparison import Compared, Ours
from monitor.legacy.figures import Remark
from monitor.legacy.importing import AccountImport, Report
from monitor.legacy.owners import NO_KEY
from monitor.legacy.planning import Becomes, Plan
from monitor.legacy.tables import Fault

WORDS = {
    Becomes.LINKED: "linked to the exchange's own fills",
    Becomes.BOOKED: "one fill each that explains what its hour lacks",
    Becomes.DESCRIBED: "one fill each before the first valued hour",
    Becomes.ORDER: "orders without a fill",
    Becomes.NOTED: "noted without an order",
    Becomes.BEFORE: "imported before",
    Becomes.LATER: "to be imported after the next hour",
}
NOT_WRITTEN = "Nothing was written. To import what is listed here, say the same with --apply."
WRITTEN = "It is written. Importing it again changes nothing."
NEXT = (
    "Hours that a fill explains are derived again by the next run. `python -m monitor trades sync --all` reads what the exchange "
    "still has; its own fills take the place of those made here."
)


def describe(report: Report, *, is_applied: bool) -> str:
    """Everything, for people."""
    lines = [f"Read from {report.place}."]
    for one in report.accounts:
        lines += ["", *_describe_account(one)]
    if report.faults:
        lines += ["", f"Rows with faults, {len(report.faults)}:", *_list(report.faults)]
    if report.unread:
        lines += ["", f"Not read: {', '.join(report.unread)}."]
    lines += ["", NO_KEY + " python -m monitor account add LABEL", WRITTEN if is_applied else NOT_WRITTEN]
    return "\n".join([*lines, NEXT] if is_applied else lines)


def _describe_account(one: AccountImport) -> Iterator[str]:
    counts = Counter(plan.becomes for plan in one.plans)
    yield f"{one.account.label} ({one.account.exchange}), orders: {len(one.plans)}"
    yield from (f"  {counts[becomes]:>6,}  {words}" for becomes, words in WORDS.items() if counts[becomes])
    yield f"  {len(one.order_plans):>6,}  plans that are not here yet"
    yield from (f"  {_say_plan(plan)}" for plan in one.plans)
    if one.compared:
        yield "Old trades beside ours, amounts in USDT:"
    for compared in one.compared:
        yield from (f"  {line}" for line in _describe_trade(compared))
    if one.remarks:
        yield "Other old figures beside ours, which are not imported:"
        yield from _list(one.remarks)


def _say_plan(plan: Plan) -> str:
    order = plan.order
    role = f" {order.links.role}" if order.links.role else ""
    return f"{order.row}: {order.symbol} {order.order_id}{role} {order.side} {plain(order.executed)}: {plan.reason}"


def _describe_trade(compared: Compared) -> Iterator[str]:
    old, ours = compared.old, compared.ours
    side = "SHORT" if old.is_short else "LONG"
    yield f"{old.name}: {side} {old.symbol}, gross {_amount(old.gross)}, net {_amount(old.net)}; {_say_ours(ours)}"
    yield from (f"  {one.amount:>+18,.8f}  {one.reason}" for one in compared.steps)
    yield from (f"  {remark}" for remark in compared.remarks)


def _say_ours(ours: Ours | None) -> str:
    if ours is None:
        return "ours: none"
    return f"ours: {plain(ours.quantity)} out of trade {ours.trade.id}, gain {plain(ours.gain)} before fees"


def _amount(amount: Decimal | None) -> str:
    return "not known" if amount is None else plain(amount)


def _list(found: Iterable[Fault] | Iterable[Remark]) -> list[str]:
    return [f"  {row}: {text}" for row, text in found]


def as_json(report: Report, *, is_applied: bool) -> dict[str, Any]:
    """Everything, every digit, for programs."""
    return {
        "from": report.place,
        "applied": is_applied,
        "accounts": [_account_json(one) for one in report.accounts],
        "faults": [one._asdict() for one in report.faults],
        "unread": list(report.unread),
    }


def _account_json(one: AccountImport) -> dict[str, Any]:
    counts = Counter(plan.becomes for plan in one.plans)
    return {
        "account": one.account.label,
        "exchange": one.account.exchange,
        "counts": {str(becomes): counts[becomes] for becomes in Becomes},
        "orders": [_plan_json(plan) for plan in one.plans],
        "plans": [plan.id for plan in one.order_plans],
        "trades": [_trade_json(compared) for compared in one.compared],
        "remarks": [remark._asdict() for remark in one.remarks],
    }


def _plan_json(plan: Plan) -> dict[str, Any]:
    order = plan.order
    return {
        "row": order.row,
        "symbol": order.symbol,
        "order_id": order.order_id,
        "role": order.links.role or None,
        "becomes": str(plan.becomes),
        "reason": plan.reason,
    }


def _trade_json(compared: Compared) -> dict[str, Any]:
    old, ours = compared.old, compared.ours
    return {
        "name": old.name,
        "symbol": old.symbol,
        "side": "SHORT" if old.is_short else "LONG",
        "gross": None if old.gross is None else plain(old.gross),
        "net": None if old.net is None else plain(old.net),
        "ours": ours and {"trade": ours.trade.id, "quantity": plain(ours.quantity), "gain": plain(ours.gain)},
        "differences": [{"amount": plain(one.amount), "reason": one.reason} for one in compared.steps],
        "remarks": list(compared.remarks),
    }

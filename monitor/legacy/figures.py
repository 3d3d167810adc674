"""What the older system said of periods, days and fees, beside what is known here. None of it is imported."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from typing import NamedTuple

from finance.decimals import UNROUNDED, ZERO, plain, total
from finance.trades import Trade
from monitor.legacy.fields import Unreadable, read_amount, read_moment, read_order_number
from monitor.legacy.orders import OrderKey, name_symbol
from monitor.legacy.tables import Fault, OldTables, Row

NAN = "nan"


class Remark(NamedTuple):
    """What is to be said of an old figure."""

    row: str
    text: str


def judge_metrics(rows: Sequence[Row], trades: Sequence[Trade], faults: list[Fault]) -> list[Remark]:
    """What is wrong with the figures of `performance_metrics`, and what our `trades` of the same time come to."""
    remarks = []
    for row in rows:
        try:
            remarks += [Remark(row.name, text) for text in (*_judge_metric(row), _sum_up(row, trades))]
        except Unreadable as unreadable:
            faults.append(Fault(row.name, f"{unreadable}; not compared"))
    return remarks


def _judge_metric(row: Row) -> list[str]:
    trades = read_amount(row, "total_trades") or ZERO
    gross, net = read_amount(row, "total_gross_pnl"), read_amount(row, "total_net_pnl")
    texts = []
    if row.fields.get("win_rate", "").strip().lower() == NAN or not trades:
        texts.append("its win rate is of no trade: there is none, neither NaN nor 0")
    if trades and not read_amount(row, "gross_loss") and not read_amount(row, "profit_factor"):
        texts.append("its profit factor is 0, and nothing was lost: there is none")
    if gross and gross == net:
        texts.append("its net is its gross: fees are left out")
    if read_amount(row, "roi_percentage"):
        texts.append(
            "its ROI is of balances, in which deposits and withdrawals are: ours is the unit price's, which they don't move"
        )
    return texts


def _sum_up(row: Row, trades: Sequence[Trade]) -> str:
    since, until = read_moment(row, "period_start"), read_moment(row, "period_end")
    closed = [
        one
        for one in trades
        if one.closed_at and (since is None or one.closed_at >= since) and (until is None or one.closed_at <= until)
    ]
    net, won = total(one.net for one in closed), sum(one.net > 0 for one in closed)
    count, said = read_amount(row, "total_trades") or ZERO, read_amount(row, "total_net_pnl")
    old = f"{plain(count)} trades, net {'not known' if said is None else plain(said)}"
    return f"it has {old}; ours closed in that time are {len(closed)}, of which {won} won, net {plain(net)}"


def judge_days(rows: Sequence[Row], navs: Mapping[str, Decimal], faults: list[Fault]) -> list[Remark]:
    """Each old day's balance that is not our NAV at the end of that day; `navs` are ours, by day."""
    remarks = []
    for row in rows:
        try:
            day, balance = read_moment(row, "snapshot_date"), read_amount(row, "total_balance")
        except Unreadable as unreadable:
            faults.append(Fault(row.name, f"{unreadable}; not compared"))
            continue
        if day is None or balance is None or (nav := navs.get(f"{day:%Y-%m-%d}")) is None:
            continue
        with localcontext(UNROUNDED):
            difference = balance - nav
        if difference:
            text = (
                f"{day:%Y-%m-%d}: balance {balance:,.2f}, our NAV {nav:,.2f} at the day's last hour, {difference:+,.2f}"
            )
            remarks.append(Remark(row.name, text))
    return remarks


def list_days(rows: Sequence[Row]) -> list[str]:
    """The days of `portfolio_snapshots`, as far as they can be read."""
    return [row.text("snapshot_date")[:10] for row in rows]


def judge_fees(
    rows: Sequence[Row], ours: Mapping[OrderKey, Mapping[str, Decimal]], faults: list[Fault]
) -> list[Remark]:
    """The old fees of orders that are not ours; `ours` are by order and coin."""
    said: defaultdict[OrderKey, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    names: dict[OrderKey, str] = {}
    for row in rows:
        try:
            number, amount = read_order_number(row, "order_id"), read_amount(row, "fee_amount")
        except Unreadable as unreadable:
            faults.append(Fault(row.name, f"{unreadable}; not compared"))
            continue
        if number and amount is not None:
            order = OrderKey(name_symbol(row.text("symbol")), number.text)
            names.setdefault(order, row.name)
            with localcontext(UNROUNDED):
                said[order][row.text("fee_currency").upper()] += amount
    return [Remark(names[order], _say_fees(order, paid, ours.get(order))) for order, paid in said.items()
            if {coin: fee for coin, fee in paid.items() if fee} != dict(ours.get(order) or {})]  # fmt: skip


def _say_fees(order: OrderKey, said: Mapping[str, Decimal], ours: Mapping[str, Decimal] | None) -> str:
    known = _list_fees(ours) if ours else "none is known"
    return f"order {order.number}: fee {_list_fees(said)}; of the exchange's fills {known}"


def _list_fees(fees: Mapping[str, Decimal]) -> str:
    return " and ".join(f"{plain(fee)} {coin}" for coin, fee in sorted(fees.items())) or "none"


def list_orders_of_fees(rows: Sequence[Row]) -> list[str]:
    """The orders of `fees_tracking`, by number."""
    return [row.text("order_id") for row in rows if row.text("order_id")]


def list_numbers(tables: OldTables) -> set[str]:
    """The orders that the tables of positions and trades say had leverage, by number."""
    leveraged = [row for table in ("positions", "trade_history") for row in tables[table] if _has_leverage(row)]
    numbers = {row.text(column) for row in leveraged for column in ("entry_order_id", "exit_order_id")}
    return numbers - {""}


def _has_leverage(row: Row) -> bool:
    try:
        return (read_amount(row, "leverage") or ZERO) > 1
    except Unreadable:
        return False


def judge_positions(rows: Sequence[Row], trades: Sequence[Trade], faults: list[Fault]) -> list[Remark]:
    """What the old system thought was open, beside what is."""
    remarks = []
    held = {one.asset: one for one in trades}
    for row in rows:
        try:
            quantity = read_amount(row, "quantity") or ZERO
        except Unreadable as unreadable:
            faults.append(Fault(row.name, f"{unreadable}; not compared"))
            continue
        if row.text("status").upper() == "OPEN":
            symbol = name_symbol(row.text("symbol"))
            ours = next((one for asset, one in held.items() if symbol.startswith(asset)), None)
            remarks.append(
                Remark(row.name, f"open there: {row.text('side')} {plain(quantity)} {symbol}; {_say_open(ours)}")
            )
    return remarks


def _say_open(trade: Trade | None) -> str:
    if trade is None:
        return "here no trade of it is open"
    with localcontext(UNROUNDED):
        left = trade.entered - trade.exited
    return f"here trade {trade.id} is open: {trade.side} {plain(left)} {trade.asset}"

"""The import: everything read, decided and set beside ours, and what was decided written down.

It is decided each time from what is stored, so that a second import finds nothing left to do.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import NamedTuple

from finance.attribution.hour import LATE
from finance.moments import EPOCH
from finance.order_plans import OrderPlan
from finance.records import FillMarket
from finance.trades import Exit, Trade
from monitor.accounts.registry import StoredAccount
from monitor.exchanges.contract import Pair as TradedPair
from monitor.ledger.store.marks import mark_recomputation
from monitor.legacy.comparison import Compared, OurTrades, compare
from monitor.legacy.cycles import build_cycles
from monitor.legacy.figures import (
    Remark,
    judge_days,
    judge_fees,
    judge_metrics,
    judge_positions,
    list_days,
    list_numbers,
    list_orders_of_fees,
)
from monitor.legacy.old_plans import read_plans
from monitor.legacy.old_trades import find_orphans, read_old_trades
from monitor.legacy.orders import name_exchange, read_orders
from monitor.legacy.owners import OF_OPEN_ORDERS, assign, choose_owners
from monitor.legacy.planning import AccountFacts, Becomes, Plan, Planner, find_leveraged
from monitor.legacy.store.imported import (
    load_fees_of_orders,
    load_imported,
    record_fill,
    record_order,
    record_revision,
)
from monitor.legacy.store.known import (
    find_hour,
    load_days,
    load_filled,
    load_fills_before,
    load_pairs,
    load_shown,
    load_span,
)
from monitor.legacy.tables import Fault, OldTables, Row
from monitor.performance.store.cash import load_cash
from monitor.performance.store.trades import load_open_trades
from monitor.recovery.store.fill_sources import FillSource, load_sources, record_sources
from monitor.trading.store.groups import mark_all
from monitor.trading.store.plans import load_plan_revisions, record_plan
from monitor.trading.trades import load_account_trades
from sql.rows import Db

MADE_FILLS = (Becomes.BOOKED, Becomes.DESCRIBED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountImport:
    """What the import does, or did, to one account."""

    account: StoredAccount
    plans: Sequence[Plan]  # of its orders
    order_plans: Sequence[OrderPlan]  # that are not here yet
    compared: Sequence[Compared]
    remarks: Sequence[Remark]

    @property
    def new(self) -> list[Plan]:
        """The orders that are to be imported now."""
        return [one for one in self.plans if one.becomes not in (Becomes.BEFORE, Becomes.LATER)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import found."""

    place: str
    accounts: Sequence[AccountImport]
    faults: Sequence[Fault]  # rows that are left out, or come without something
    unread: Sequence[str]


def prepare(
    db: Db, tables: OldTables, accounts: Sequence[StoredAccount], label: str | None, user: str | None
) -> Report:
    """Decide everything; nothing is written."""
    orders, faults = read_orders(tables, OF_OPEN_ORDERS)
    owners = choose_owners(accounts, label)
    assigned, nobodys = assign(orders, owners, user)
    old_trades, of_trades = read_old_trades(tables, orders)
    tracked = {exchange: one for exchange, one in owners.items() if isinstance(one, StoredAccount)}
    plans, of_plans = read_plans(tables, assigned.get(OF_OPEN_ORDERS, ()))
    if OF_OPEN_ORDERS not in tracked:
        of_plans = [Fault(row.name, f"{owners[OF_OPEN_ORDERS]}; left out") for row in tables["processed_orders"]]
        plans = []
    leveraged = list_numbers(tables) | {one.order_id for one in plans if one.order_id and (one.leverage or 0) > 1}
    all_faults = [*tables.faults, *faults, *nobodys, *find_orphans(orders), *of_trades, *of_plans]
    made = []
    for exchange, account in tracked.items():
        found = assigned.get(exchange, [])
        its_plans = plans if exchange == OF_OPEN_ORDERS else []
        trades = [one for one in old_trades if one.exchange == exchange]
        if found or its_plans or trades:
            known = _load_known(db, account)
            planner = Planner(known, find_leveraged(found, leveraged), partial(find_hour, db, account.id))
            decided = planner.plan(found)
            ours = _load_trades(db, known, decided, {one.symbol for one in found} | {one.symbol for one in trades})
            finder, by_number = OurTrades(*ours), {one.order.key: one for one in decided}
            compared = [compare(one, finder.find(one.exit), by_number) for one in trades]
            remarks = _remark(db, account, tables, ours.trades, all_faults)
            made.append(_describe(db, account, decided, its_plans, compared, remarks))
    return Report(place=tables.place, accounts=made, faults=all_faults, unread=tables.unread)


def _describe(
    db: Db,
    account: StoredAccount,
    decided: Sequence[Plan],
    plans: Sequence[OrderPlan],
    compared: Sequence[Compared],
    remarks: Sequence[Remark],
) -> AccountImport:
    new = [one for one in plans if not load_plan_revisions(db, account.id, one.id)]
    return AccountImport(
        account=account,
        plans=decided,
        order_plans=new,
        compared=compared,
        remarks=remarks,
    )


def _load_known(db: Db, account: StoredAccount) -> AccountFacts:
    return AccountFacts(
        account=account,
        filled=load_filled(db, account.id),
        shown=load_shown(db, account.id),
        pairs=load_pairs(db, account.id),
        imported=load_imported(db, account.id),
        span=load_span(db, account.id),
    )


class _Trades(NamedTuple):
    """All of ours: those of the hours, in coins and in contracts, and of the time before them what the fills of then come to."""

    trades: list[Trade]
    exits: dict[str, Sequence[Exit]]


def _load_trades(db: Db, known: AccountFacts, decided: Sequence[Plan], symbols: Collection[str]) -> _Trades:
    account_id, end = known.account.id, known.span.last or EPOCH
    stored = load_account_trades(db, account_id, end)
    before = load_fills_before(db, account_id, known.span.first, symbols)
    before += [one.fill for one in decided if one.fill and one.becomes is Becomes.DESCRIBED]
    early, exits = build_cycles(before, load_cash(db))
    return _Trades([*early, *stored.trades], {**exits, **stored.exits})


def _remark(
    db: Db, account: StoredAccount, tables: OldTables, trades: Sequence[Trade], faults: list[Fault]
) -> list[Remark]:
    def of_account(table: str) -> list[Row]:
        return [row for row in tables[table] if name_exchange(row.text("exchange")) == account.exchange]

    days, fees = of_account("portfolio_snapshots"), of_account("fees_tracking")
    paid = load_fees_of_orders(db, account.id, list_orders_of_fees(fees))
    return [
        *judge_metrics(of_account("performance_metrics"), trades, faults),
        *judge_positions(of_account("positions"), load_open_trades(db, account.id), faults),
        *judge_days(days, load_days(db, account.id, list_days(days)), faults),
        *judge_fees(fees, paid, faults),
    ]


def apply(db: Db, report: Report, tables: OldTables, now: datetime) -> None:
    """Write what was decided. Hours that a fill explains better are marked, and so are trades, whose orders have roles by now:
    the next run derives them again.

    Call it in a transaction, with the run's lock held.
    """
    raw = {row.name: row.fields for rows in tables.rows.values() for row in rows}
    for one in report.accounts:
        for plan in one.new:
            _write(db, one.account.id, plan, raw[plan.order.row], now)
        for order_plan in one.order_plans:
            record_plan(db, one.account.id, order_plan, now)
        _remember_pairs(db, one)
        if one.new or one.order_plans:
            mark_all(db, one.account.id)
        booked = [plan.fill.occurred_at for plan in one.new if plan.fill and plan.becomes is Becomes.BOOKED]
        if booked:
            mark_recomputation(db, one.account.id, min(booked) - LATE)


def _write(db: Db, account_id: int, plan: Plan, raw: Mapping[str, str], now: datetime) -> None:
    record_order(db, account_id, plan, raw, now)
    if plan.pair and not plan.is_shown and plan.becomes is not Becomes.NOTED:
        record_revision(db, account_id, plan, now)
    if plan.fill:
        record_fill(db, account_id, plan, now)


def _remember_pairs(db: Db, done: AccountImport) -> None:
    """A pair with a fill marked legacy is one that the account trades: `trades sync --all` reads it from the beginning."""
    known = load_sources(db, done.account.id)
    found = {
        FillSource(
            market=FillMarket(plan.pair.market),
            pair=TradedPair(symbol=plan.pair.symbol, base=plan.pair.base, quote=plan.pair.quote),
        )
        for plan in done.new
        if plan.pair and plan.becomes in MADE_FILLS
    }
    record_sources(db, done.account.id, [replace(known.get(one.key, one), has_fills=True) for one in found])

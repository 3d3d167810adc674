"""`python -m monitor trades plan`: what you plan before an order is given; each word is kept, the newest counts."""

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from finance.order_plans import MARGIN_MODES, SIDES, OrderPlan, find_fault, number_targets
from monitor.accounts.registry import StoredAccount, choose_accounts
from monitor.commands.arguments import read_quantity, read_time, read_words
from monitor.commands.plan_lines import FIGURES, WORDS, describe_plan, list_plans, plan_json, revisions_json
from monitor.errors import LedgerError
from monitor.settings import Settings
from monitor.trading.groups import group_all
from monitor.trading.store.groups import mark_trades
from monitor.trading.store.plans import PlanRevision, count_plans, load_plan_revisions, load_plans, record_plan
from sql.locks import hold_words_lock
from sql.rows import Db

SYMBOL = re.compile(r"[\w./:-]{1,60}")
UNKNOWN = "There is no plan {}. `python -m monitor trades plan` shows all with their names."
SEVERAL = "{} is a plan of several accounts: {}. Say which one: --account LABEL."
WHOSE = "Say whose plan it is: --account LABEL. The accounts: {}."
WHAT = "Say what is to be entered: --symbol PAIR --side buy. To change a plan, give its name."
WRONG = "Nothing was recorded: {}."
SAID = (*FIGURES, *WORDS, "symbol", "side", "order_id")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades plan`."""
    parser.add_argument(
        "plan", metavar="PLAN", nargs="?", help="its name, like p1; without it all are listed, or one is made"
    )
    parser.add_argument("--account", help="the account's label, where there are several")
    parser.add_argument("--symbol", type=_read_symbol, help="what is to be traded, by its name at the exchange")
    parser.add_argument("--side", choices=SIDES, help="of the order that enters")
    parser.add_argument(
        "--order",
        type=read_words,
        dest="order_id",
        metavar="NUMBER",
        help="the order that it belongs to, by the exchange's number",
    )
    parser.add_argument("--entry", type=read_quantity, help="the price to enter at; without it the market's")
    parser.add_argument("--stop", type=read_quantity, help="the price at which it is given up")
    parser.add_argument(
        "--tp",
        type=_read_target,
        action="append",
        metavar="PRICE[:PERCENT]",
        help="take a profit there; may be given again",
    )
    parser.add_argument("--quantity", type=read_quantity, help="in units of the coin")
    parser.add_argument("--notional", type=read_quantity, help="quantity times price")
    parser.add_argument("--leverage", type=read_quantity, help="like 10")
    parser.add_argument("--amount", type=read_quantity, dest="amount_percentage", help="per cent of the account")
    parser.add_argument("--margin-mode", choices=MARGIN_MODES)
    parser.add_argument("--order-type", type=read_words, help="limit, market")
    parser.add_argument("--force", type=read_words, help="how long it waits: gtc, ioc, fok, post_only")
    for name in ("confidence", "timeframe", "analysis-type", "market-condition", "risk-level", "note"):
        parser.add_argument(f"--{name}", type=read_words, help="in your words")
    parser.add_argument("--at", type=read_time, help="since when it stands so, if not now: 2026-01-31T08:00Z")
    parser.add_argument("--forget", action="store_true", help="take the plan back; what it was is kept")
    parser.add_argument("--json", action="store_true", help="print every digit as JSON")


def run_plan(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Record what is planned and print the plan with all that it was, or list plans; returns 0. Raises LedgerError."""
    accounts = choose_accounts(db, arguments.account)
    said = {name: value for name in SAID if (value := getattr(arguments, name)) is not None}
    says = bool(said or arguments.tp or arguments.at or arguments.forget)
    if not arguments.plan and not says:
        plans = [(row.label, one) for row in accounts for one in load_plans(db, row.id)]
        print(json.dumps([plan_json(*one) for one in plans], indent=2) if arguments.json else list_plans(plans))
        return 0
    with db.transaction():
        hold_words_lock(db)
        account, known = _find(db, arguments.plan, accounts) if arguments.plan else (_choose(accounts), ())
        revisions = _record(db, account.id, known, said, arguments, now) if says else known
        if says:
            mark_trades(db, account.id, {one.plan.order_id for one in revisions} - {""})
    if says:
        group_all(db, settings.order_names)
    if arguments.json:
        print(json.dumps(revisions_json(account.label, revisions), indent=2))
    else:
        print(describe_plan(account.label, revisions))
    return 0


def _find(db: Db, name: str, accounts: Sequence[StoredAccount]) -> tuple[StoredAccount, Sequence[PlanRevision]]:
    found = [(row, revisions) for row in accounts if (revisions := load_plan_revisions(db, row.id, name))]
    if not found:
        raise LedgerError(UNKNOWN.format(name))
    if len(found) > 1:
        raise LedgerError(SEVERAL.format(name, ", ".join(row.label for row, _ in found)))
    return found[0]


def _choose(accounts: Sequence[StoredAccount]) -> StoredAccount:
    if len(accounts) != 1:
        raise LedgerError(WHOSE.format(", ".join(row.label for row in accounts)))
    return accounts[0]


def _record(
    db: Db,
    account_id: int,
    known: Sequence[PlanRevision],
    said: dict[str, Any],
    arguments: argparse.Namespace,
    now: datetime,
) -> Sequence[PlanRevision]:
    """Add a revision where something is said that was not so, or anew; returns all of them."""
    before = known[-1] if known else None
    plan = _change(before.plan if before else _begin(db, arguments, now), said, arguments)
    since = arguments.at or now
    if since > now:
        raise LedgerError(WRONG.format("a plan stands since a moment that has been"))
    is_same = before and not arguments.at and (plan, arguments.forget) == (before.plan, before.is_taken_back)
    if not is_same:
        record_plan(db, account_id, replace(plan, planned_at=since), now, is_taken_back=arguments.forget)
    return load_plan_revisions(db, account_id, plan.id)


def _begin(db: Db, arguments: argparse.Namespace, now: datetime) -> OrderPlan:
    if not (arguments.symbol and arguments.side):
        raise LedgerError(WHAT)
    return OrderPlan(
        id=f"p{count_plans(db, 'owner') + 1}", planned_at=now, symbol=arguments.symbol, side=arguments.side
    )


def _change(plan: OrderPlan, said: dict[str, Any], arguments: argparse.Namespace) -> OrderPlan:
    plan = replace(plan, **said)
    if arguments.tp:
        plan = replace(plan, targets=number_targets(plan.side, arguments.tp))
    if fault := find_fault(plan):
        raise LedgerError(WRONG.format(fault))
    return plan


def _read_symbol(text: str) -> str:
    if not SYMBOL.fullmatch(symbol := text.upper()):
        raise argparse.ArgumentTypeError(f"{text!a} is no symbol: write it as the exchange does")
    return symbol


def _read_target(text: str) -> tuple[Decimal, Decimal | None]:
    price, _, percentage = text.partition(":")
    return read_quantity(price), read_quantity(percentage) if percentage else None

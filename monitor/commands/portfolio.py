"""`python -m monitor portfolio add|list|members|remove`: accounts that are looked at as one, compared with a benchmark.

A portfolio is computed from its accounts' stored hours, so making, changing and removing one loses nothing: its whole
history is there at once. "All accounts" (key `all`) is there always.
"""

import argparse
import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

import psycopg

from finance.moments import HOUR, ceil_hour, hour_of
from monitor.accounts.client import ExchangeClient
from monitor.accounts.opening import find_first_exchange, using_client
from monitor.accounts.registry import find_account, refuse_label
from monitor.accounts.store.portfolios import Membership, Portfolio, find_portfolio, load_memberships, load_portfolios
from monitor.commands.arguments import read_time
from monitor.database.runs import hold_run_lock
from monitor.errors import AccountError
from monitor.performance.portfolios import NewPortfolio, add_members, make_portfolio, remove_members, remove_portfolio
from monitor.performance.store.history import load_last_hour
from monitor.settings import Settings, parse_label, parse_weights
from sql.rows import Db

Arguments = argparse.Namespace
Write = Callable[[ExchangeClient], Coroutine[Any, Any, object]]
KEY = re.compile(r"[a-z0-9-]{1,40}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the commands to argparse."""
    commands = parser.add_subparsers(dest="action", required=True)
    adding = commands.add_parser("add", help="look at some accounts as one; its history is computed at once")
    members = commands.add_parser("members", help="show who is part of one; let accounts join or leave")
    removing = commands.add_parser("remove", help="look at it no more; its accounts keep everything")
    for command in (adding, members, removing):
        command.add_argument("key", help="lower-case letters, digits and hyphens, as in addresses: long-term")
    adding.add_argument("--label", required=True, help="its name on pages")
    adding.add_argument("--accounts", required=True, help="the labels of its accounts, with commas between them")
    adding.add_argument("--benchmark", help='instead of the BENCHMARK setting, like "BTC=60 ETH=40"')
    adding.add_argument("--since", type=read_time, help="its first hour, UTC (each account's first reading)")
    change = members.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="ACCOUNTS", help="accounts that join")
    change.add_argument("--remove", metavar="ACCOUNTS", help="accounts that leave")
    members.add_argument("--since", type=read_time, help="from which hour on, UTC (the next one)")
    commands.add_parser("list", help="show all portfolios")
    parser.set_defaults(run=run_portfolio_command)


def run_portfolio_command(db: Db, settings: Settings, arguments: Arguments, now: datetime) -> int:
    """Carry the command out; returns the exit code. Raises MonitorError saying what is wrong."""
    if arguments.action == "list":
        print("\n\n".join(_describe(db, portfolio) for portfolio in load_portfolios(db)))
        return 0
    if arguments.action == "add":
        _add(db, settings, arguments, now)
    elif arguments.action == "remove":
        _remove(db, arguments, now)
        return 0
    elif arguments.add or arguments.remove:
        _change(db, settings, arguments, now)
    print(_describe(db, find_portfolio(db, arguments.key)))
    return 0


def _describe(db: Db, portfolio: Portfolio) -> str:
    last = load_last_hour(db, portfolio.id)
    until = f", last hour {last:%Y-%m-%d %H:%M} UTC" if last else ", no hour yet"
    members = load_memberships(db, portfolio.id)
    lines = (
        ["  every account, from its first hour on"] if portfolio.holds_all else [_describe_member(m) for m in members]
    )
    return "\n".join([f"{portfolio.key}: {portfolio.label}{until}", *lines])


def _describe_member(member: Membership) -> str:
    since = f"{member.since:%Y-%m-%d %H:%M} UTC" if member.since else "its first hour"
    until = f" and before {member.until:%Y-%m-%d %H:%M} UTC" if member.until else ""
    return f"  {member.label}, from {since} on{until}"


def _add(db: Db, settings: Settings, arguments: Arguments, now: datetime) -> None:
    key = arguments.key
    if not KEY.fullmatch(key) or key.isdigit():
        raise AccountError("A key is 1 to 40 lower-case letters, digits and hyphens, and not digits alone: long-term")
    if key in {portfolio.key for portfolio in load_portfolios(db)}:
        raise AccountError(f"There is a portfolio '{key}' already. Choose another key.")
    try:
        label = parse_label(arguments.label)
        weights = parse_weights(arguments.benchmark) if arguments.benchmark else settings.benchmark
    except ValueError as fault:
        raise AccountError(f"{fault}.") from None
    refuse_label(db, label)
    account_ids = _find_accounts(db, arguments.accounts)
    new = NewPortfolio(
        key=key,
        label=label,
        account_ids=account_ids,
        weights=weights,
        since=ceil_hour(arguments.since) if arguments.since else None,
    )
    _write(db, settings, lambda client: make_portfolio(db, client, new, now))


def _change(db: Db, settings: Settings, arguments: Arguments, now: datetime) -> None:
    portfolio = _find_changeable(db, arguments.key)
    account_ids = _find_accounts(db, arguments.add or arguments.remove)
    since = ceil_hour(arguments.since) if arguments.since else hour_of(now) + HOUR
    change = add_members if arguments.add else remove_members
    if arguments.remove:
        _refuse_strangers(db, portfolio, account_ids, since)
    try:
        _write(db, settings, lambda client: change(db, client, portfolio, account_ids, since, now))
    except psycopg.errors.ExclusionViolation:
        raise AccountError(
            f"An account is part of '{portfolio.key}' already, then or later: its money would count twice. "
            f"See: python -m monitor portfolio members {portfolio.key}"
        ) from None


def _refuse_strangers(db: Db, portfolio: Portfolio, account_ids: Sequence[int], since: datetime) -> None:
    parts = {one.account_id for one in load_memberships(db, portfolio.id) if one.until is None or one.until > since}
    if not parts.issuperset(account_ids):
        raise AccountError(
            f"An account is no part of '{portfolio.key}' then. See: python -m monitor portfolio members {portfolio.key}"
        )


def _remove(db: Db, arguments: Arguments, now: datetime) -> None:
    portfolio = _find_changeable(db, arguments.key)
    hold_run_lock(db)
    with db.transaction():
        remove_portfolio(db, portfolio, now)
    print(f"'{portfolio.key}' is removed. Its accounts keep everything; made again it is computed again.")


def _find_changeable(db: Db, key: str) -> Portfolio:
    portfolio = find_portfolio(db, key)
    if portfolio.holds_all:
        raise AccountError(f"'{key}' holds every account by itself. Make another one: python -m monitor portfolio add")
    return portfolio


def _find_accounts(db: Db, text: str) -> list[int]:
    """The accounts that are named, each once. Raises AccountError for one that is not known."""
    labels = dict.fromkeys(label.strip() for label in text.split(",") if label.strip())
    if not labels:
        raise AccountError("Name the accounts by their labels, with commas between them.")
    return [find_account(db, label).id for label in labels]


def _write(db: Db, settings: Settings, write: Write) -> None:
    async def work() -> None:
        async with using_client(settings, find_first_exchange(db)) as client:
            await write(client)

    hold_run_lock(db)
    asyncio.run(work())

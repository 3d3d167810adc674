"""`python -m monitor account add|add-subs|list|check|count-total|rekey|disable|enable`: which accounts are tracked, and with what keys."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from shlex import quote

from finance.exchanges import WITH_PASSPHRASE
from monitor.accounts.client import ExchangeClient, TrackedAccount
from monitor.accounts.identity import refuse_dangerous, refuse_other_account
from monitor.accounts.opening import using_client
from monitor.accounts.registry import (
    NewAccount,
    StoredAccount,
    add_account,
    find_account,
    list_accounts,
    record_key_state,
    refuse_label,
    set_enabled,
)
from monitor.accounts.store.credentials import record_credentials
from monitor.accounts.store.keys import KeyCheck, load_stored_key, load_warnings, record_check
from monitor.checkup.check_report import format_summary
from monitor.commands.check import (
    FLAG,
    check_account,
    describe_key,
    describe_wallets,
    examine_new,
    identify,
    open_tracked,
)
from monitor.commands.count_total import count_total, describe_count_total
from monitor.errors import AccountError, MonitorError
from monitor.exchanges import EXCHANGES, FIRST_EXCHANGE
from monitor.exchanges.contract import SubAccount
from monitor.settings import Settings, Weights, parse_key, parse_label, parse_weights
from sql.errors import CredentialsError
from sql.rows import Db
from sql.vault import Credentials, Secret, open_vault

Arguments = argparse.Namespace
LONGEST_LABEL = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the commands to argparse."""
    commands = parser.add_subparsers(dest="action", required=True)
    adding = commands.add_parser("add", help="track an account; key and secret from a prompt or standard input")
    adding.add_argument("--exchange", default=FIRST_EXCHANGE, choices=EXCHANGES)
    adding.add_argument("--benchmark", help='instead of the BENCHMARK setting, like "BTC=60 ETH=40"')
    commands.add_parser("list", help="show all accounts")
    checking = commands.add_parser("check", help="ask everything once, and say whether every hour will be complete")
    checking.add_argument("--report", action="store_true", help="for a bug report: without anything private")
    rekeying = commands.add_parser("rekey", help="give an account a new key; from a prompt or standard input")
    for command in (adding, checking, rekeying):
        command.add_argument("label")
        command.add_argument(
            "--accept-trading-key", action="store_true", help="take a key that may trade or withdraw, with a warning"
        )
    describe_count_total(commands.add_parser("count-total", help="let money that can't be read count at its total"))
    others = {
        "disable": "stop tracking; keeps the history",
        "enable": "track again",
        "add-subs": "track a master's sub-accounts",
    }
    for name, words in others.items():
        commands.add_parser(name, help=words).add_argument("label")
    parser.set_defaults(answer=run_account_command)


def run_account_command(db: Db, settings: Settings, arguments: Arguments, now: datetime) -> str:
    """Carry the command out and return what to print. Raises MonitorError."""
    if arguments.action == "list":
        return _list(db, now)
    if arguments.action == "count-total":
        return count_total(db, arguments, now)
    if arguments.action in ("disable", "enable"):
        return _switch(db, arguments, now)
    try:
        _ask_person(db, settings, arguments)
        return asyncio.run(_ask_exchange(db, settings, arguments, now))
    except (MonitorError, CredentialsError) as error:
        if arguments.action != "check":
            error.add_note("Nothing was stored.")
        raise


def _ask_person(db: Db, settings: Settings, arguments: Arguments) -> None:
    """Put key and secret into `arguments`, before asyncio begins, in which Ctrl-C at a prompt would wait for Enter.

    What makes them needless is refused first.
    """
    if arguments.action == "add":
        arguments.label, arguments.weights = _read_choices(arguments, settings)
        refuse_label(db, arguments.label)
    elif arguments.action == "rekey" and find_account(db, arguments.label).sub_email:
        raise AccountError(f"'{arguments.label}' is a sub-account and read through its master's key. Rekey the master.")
    if arguments.action in ("add", "rekey"):
        exchange = arguments.exchange if arguments.action == "add" else find_account(db, arguments.label).exchange
        arguments.credentials = read_credentials(has_passphrase=exchange in WITH_PASSPHRASE)


async def _ask_exchange(db: Db, settings: Settings, arguments: Arguments, now: datetime) -> str:
    exchange = arguments.exchange if arguments.action == "add" else find_account(db, arguments.label).exchange
    async with using_client(settings, exchange) as client:
        return await COMMANDS[arguments.action](db, settings, client, arguments, now)


def _list(db: Db, now: datetime) -> str:
    warnings = load_warnings(db, now)
    lines = []
    for account in list_accounts(db):
        lines.append(_describe_account(account))
        lines += [f"  WARNING: {warning}" for warning in warnings.get(account.id, ())]
    return "\n".join(lines) or "No accounts yet. Add one: python -m monitor account add LABEL"


def _describe_account(account: StoredAccount) -> str:
    tracked = "tracked" if account.enabled else "disabled"
    hours = f"{_count(account.hours, 'hour'):>12}"
    hours += f", last {account.last_hour:%Y-%m-%d %H:%M} UTC" if account.last_hour else ""
    line = f"{account.label:<20} {account.exchange:<9} {tracked:<9} key {account.key_state:<10}{hours}"
    if account.key_state != "rejected" or account.sub_email:
        return line
    return f"{line}\n  The exchange refuses the key. Give a new one: python -m monitor account rekey {quote(account.label)}"


def _switch(db: Db, arguments: Arguments, now: datetime) -> str:
    enabled = arguments.action == "enable"
    set_enabled(db, arguments.label, now, enabled=enabled)
    if enabled:
        return f"'{arguments.label}' is tracked from the next run on; the hours in between stay missed."
    return f"'{arguments.label}' is no longer read. Its history and its sealed key stay; enable tracks it again."


async def _add(db: Db, settings: Settings, client: ExchangeClient, arguments: Arguments, now: datetime) -> str:
    label, weights = arguments.label, arguments.weights
    account = TrackedAccount(id=0, label=label, exchange=arguments.exchange, credentials=arguments.credentials)
    check = await identify(db, client, account, now)
    if not (arguments.accept_trading_key or settings.accept_trading_key):
        refuse_dangerous(check.permissions, FLAG)
    basket = frozenset(asset for asset, _ in weights)
    findings = await examine_new(db, client, account, basket, now)
    with db.transaction():
        new = NewAccount(
            label=label,
            exchange=arguments.exchange,
            uid=check.uid,
            overpowered=bool(check.permissions.dangerous),
            weights=weights,
        )
        _record_key(db, settings, add_account(db, new, now), account, check)
    lines = [
        f"'{label}' is tracked from the next run on.",
        _describe_next(settings),
        describe_key(check),
        *describe_wallets(findings.wallets),
    ]
    return "\n".join([*lines, "", *format_summary(findings)])


def _describe_next(settings: Settings) -> str:
    if settings.does_backfill:
        return (
            "While `make run` works it is read within minutes, and then its past is rebuilt from the exchange's records, the "
            "newest month first: the Overview shows how far that is."
        )
    return "Its past is rebuilt when you ask for it (BACKFILL is off): python -m monitor backfill --all"


def _read_choices(arguments: Arguments, settings: Settings) -> tuple[str, Weights]:
    try:
        weights = parse_weights(arguments.benchmark) if arguments.benchmark else settings.benchmark
        return parse_label(arguments.label), weights
    except ValueError as fault:
        raise AccountError(f"{fault}.") from None


async def _add_subs(db: Db, settings: Settings, client: ExchangeClient, arguments: Arguments, now: datetime) -> str:
    master = open_tracked(db, settings, arguments.label)
    return await add_sub_accounts(db, client, master, settings.benchmark, now)


async def _rekey(db: Db, settings: Settings, client: ExchangeClient, arguments: Arguments, now: datetime) -> str:
    stored = find_account(db, arguments.label)
    account = TrackedAccount(
        id=stored.id, label=stored.label, exchange=stored.exchange, credentials=arguments.credentials
    )
    check = await identify(db, client, account, now)
    known = load_stored_key(db, account.id)
    refuse_other_account(known, check, account.label)
    if not (arguments.accept_trading_key or settings.accept_trading_key):
        refuse_dangerous(check.permissions, FLAG)
    reading = await client.open_account(account).fetch_wallets()
    with db.transaction():
        _record_key(db, settings, account.id, account, check)
    is_same = known.key_mark == check.key_mark
    key_text = "the key it had before" if is_same else "its new key. Delete the old one at the exchange"
    return "\n".join([f"'{account.label}' has {key_text}.", describe_key(check), *describe_wallets(reading.wallets)])


Command = Callable[[Db, Settings, ExchangeClient, Arguments, datetime], Awaitable[str]]
COMMANDS: dict[str, Command] = {"add": _add, "add-subs": _add_subs, "check": check_account, "rekey": _rekey}


def _record_key(db: Db, settings: Settings, account_id: int, account: TrackedAccount, check: KeyCheck) -> None:
    record_credentials(db, open_vault(settings), account_id, account.credentials, check.at)
    record_check(db, account_id, check)
    record_key_state(db, account_id, state="accepted", message="")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def read_credentials(*, has_passphrase: bool) -> Credentials:
    """Key, secret and, where a key has one, passphrase, from prompts or lines of standard input; never from arguments."""
    names = ("API key", "API secret", "passphrase") if has_passphrase else ("API key", "API secret")
    given = [_read_part(name) for name in names]
    if not all(text.strip() for text in given):
        needed, lines = ("Key, secret and passphrase", "three") if has_passphrase else ("Key and secret", "two")
        raise AccountError(f"{needed} are needed, at the prompts or as {lines} lines of standard input.")
    try:
        key, secret, *more = map(parse_key, given)
    except ValueError as fault:
        raise AccountError(f"{', '.join(names[:-1])} or {names[-1]}: {fault}.") from None
    return Credentials(key=key, secret=secret, passphrase=more[0] if more else Secret(""))


def _read_part(name: str) -> str:
    return getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline()


async def add_sub_accounts(
    db: Db, client: ExchangeClient, master: TrackedAccount, weights: Weights, now: datetime
) -> str:
    """Track the sub-accounts of `master` that are not tracked yet, and say which. Raises AccountError, ExchangeError."""
    if master.sub_email:
        raise AccountError(f"'{master.label}' is itself a sub-account. Name its master.")
    found = await client.open_account(master).fetch_sub_accounts()
    lines = [_add_sub_account(db, master, sub, weights, now) for sub in found]
    return "\n".join(lines) or f"'{master.label}' has no sub-accounts."


def _add_sub_account(db: Db, master: TrackedAccount, sub: SubAccount, weights: Weights, now: datetime) -> str:
    new = NewAccount(
        label=sub.email[:LONGEST_LABEL],
        exchange=master.exchange,
        uid=sub.uid,
        overpowered=False,
        weights=weights,
        master_id=master.id,
        sub_email=sub.email,
    )
    try:
        with db.transaction():
            add_account(db, new, now)
    except AccountError as refused:
        return f"'{new.label}' was not added: {refused}"
    return f"'{new.label}' is tracked from the next run on, through the key of '{master.label}'."

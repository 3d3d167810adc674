"""`python -m monitor account add|list|check|disable|enable`: which accounts are tracked, and with what keys."""

import argparse
import getpass
import sys
from datetime import datetime

from monitor.accounts import (
    EXCHANGES,
    NewAccount,
    TrackedAccount,
    add_account,
    find_account,
    list_accounts,
    load_accounts,
    record_credentials,
    record_identity,
    record_key_state,
    set_enabled,
)
from monitor.credentials import open_vault
from monitor.edge import Edge
from monitor.errors import AccountError
from monitor.exchanges.contract import Permissions, WalletReading
from monitor.settings import Secret, Settings, parse_weights
from monitor.store import Db


def add_account_commands(parser: argparse.ArgumentParser) -> None:
    """Describe the commands to argparse."""
    commands = parser.add_subparsers(dest="action", required=True)
    adding = commands.add_parser("add", help="track an account; key and secret from a prompt or standard input")
    adding.add_argument("label")
    adding.add_argument("--exchange", default="binance", choices=EXCHANGES)
    adding.add_argument("--benchmark", help='instead of the BENCHMARK setting, like "BTC=60 ETH=40"')
    commands.add_parser("list", help="show the tracked accounts")
    checking = commands.add_parser("check", help="connect, and say what the key may do")
    checking.add_argument("label")
    for command in (adding, checking):
        command.add_argument(
            "--accept-trading-key", action="store_true", help="take a key that may trade or withdraw, with a warning"
        )
    for name, words in (("disable", "stop tracking; keeps the history"), ("enable", "track again")):
        commands.add_parser(name, help=words).add_argument("label")


async def run_account_command(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> str:
    """Carry the command out and return what to print. Raises AccountError, CredentialsError or ExchangeError."""
    if arguments.action == "list":
        return _list(db)
    if arguments.action in ("disable", "enable"):
        set_enabled(db, arguments.label, now, enabled=arguments.action == "enable")
        return f"'{arguments.label}' is {arguments.action}d."
    edge = Edge(settings)
    try:
        if arguments.action == "check":
            return await _check(db, settings, edge, arguments)
        return await _add(db, settings, edge, arguments, now)
    finally:
        await edge.close()


def _list(db: Db) -> str:
    rows = [
        f"{row['label']:<20}{row['exchange']:<10}{'tracked' if row['enabled'] else 'disabled':<10}"
        f"key {row['key_state']:<11}{row['hours']:>7} hours"
        for row in list_accounts(db)
    ]
    return "\n".join(rows) or "No accounts yet. Add one: python -m monitor account add LABEL"


async def _add(db: Db, settings: Settings, edge: Edge, arguments: argparse.Namespace, now: datetime) -> str:
    key, secret = read_key()
    try:
        weights = parse_weights(arguments.benchmark) if arguments.benchmark else settings.benchmark
    except ValueError as fault:
        raise AccountError(f"--benchmark: {fault}") from None
    account = TrackedAccount(id=0, label=arguments.label, exchange=arguments.exchange, key=key, secret=secret)
    uid, permissions, wallets = await _probe(edge, account)
    _refuse_dangerous(permissions, accepted=arguments.accept_trading_key or settings.accept_trading_key)
    overpowered = bool(permissions.dangerous)
    with db.transaction():
        account_id = add_account(
            db,
            NewAccount(
                label=arguments.label,
                exchange=arguments.exchange,
                uid=uid,
                overpowered=overpowered,
                weights=weights,
            ),
            now,
        )
        record_credentials(db, open_vault(settings), account_id, key, secret, now)
        record_key_state(db, account_id, state="accepted", message="")
    return f"'{arguments.label}' is tracked from the next run on.\n{_describe(permissions, wallets)}"


async def _check(db: Db, settings: Settings, edge: Edge, arguments: argparse.Namespace) -> str:
    row = find_account(db, arguments.label)
    account = next((a for a in load_accounts(db, settings) if a.id == row["id"]), None)
    if account is None or account.problem:
        raise AccountError(account.problem if account else f"'{arguments.label}' is disabled.")
    uid, permissions, wallets = await _probe(edge, account)
    if account.uid and account.uid != uid:
        raise AccountError(
            f"The key belongs to another account (number {uid}) than the one tracked as '{account.label}' "
            f"({account.uid}). Add it under a label of its own."
        )
    _refuse_dangerous(permissions, accepted=arguments.accept_trading_key or account.overpowered)
    record_identity(db, account.id, uid, overpowered=bool(permissions.dangerous))
    record_key_state(db, account.id, state="accepted", message="")
    return _describe(permissions, wallets)


async def _probe(edge: Edge, account: TrackedAccount) -> tuple[str, Permissions, tuple[WalletReading, ...]]:
    opened = edge.open_account(account)
    permissions = await opened.fetch_permissions()
    return await opened.fetch_uid(), permissions, await opened.fetch_wallets()


def _refuse_dangerous(permissions: Permissions, *, accepted: bool) -> None:
    if permissions.dangerous and not accepted:
        raise AccountError(
            f"This key may do more than read ({', '.join(permissions.dangerous)}). Nothing was stored. Make a key with "
            "'Enable Reading' alone, or accept the risk with --accept-trading-key."
        )


def _describe(permissions: Permissions, wallets: tuple[WalletReading, ...]) -> str:
    lines = [
        "Permissions: reading" + "".join(f", {name} (dangerous)" for name in permissions.dangerous),
        "Address list: "
        + ("set" if permissions.ip_restricted else "not set; restrict the key to this machine's address"),
    ]
    for wallet in wallets:
        problem = f": {wallet.problem}" if wallet.problem else f", {len(wallet.balances)} assets"
        lines.append(f"Wallet {wallet.wallet}: {wallet.state.value.replace('_', ' ')}{problem}")
    return "\n".join(lines)


def read_key() -> tuple[Secret, Secret]:
    """Key and secret from a prompt, or from two lines of standard input; never from arguments."""
    if sys.stdin.isatty():
        key, secret = getpass.getpass("API key: "), getpass.getpass("API secret: ")
    else:
        key, secret = sys.stdin.readline(), sys.stdin.readline()
    if not key.strip() or not secret.strip():
        raise AccountError("Key and secret are needed, on two lines of standard input or at the prompts.")
    return Secret(key.strip()), Secret(secret.strip())

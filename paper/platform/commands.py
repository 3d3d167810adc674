"""`python -m paper serve | verify | user add`: the platform."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from uuid import UUID, uuid4

import uvloop

from paper import markets
from paper.api.policy import read_policy
from paper.clock import VenueClock
from paper.engine.accounts import open_account
from paper.markets import PAIRS, Source, open_market
from paper.platform.opening import Platform, open_platform
from paper.platform.ports import HOST, listen_here
from paper.platform.serving import serve
from paper.platform.settings import open_database
from paper.storage.laws import LAWS, list_breaches
from paper.trading.orders import SMALLEST
from paper.users.api_keys import make_text
from paper.users.audit import OPERATOR
from paper.users.joining import FIRST_BALANCE
from paper.users.key_commands import seal_secret
from paper.users.records import ApiKey, KeyKind
from paper.users.trading_configs import LEAST_BALANCE, MOST_BALANCE
from sql.connect import connect
from sql.environment import read_environment
from sql.errors import (
    AddressFault,
    ClusterError,
    CredentialsError,
    DatabaseAway,
    SchemaMismatch,
    UsageFault,
)
from sql.vault import Secret, Vault

USAGE, BROKEN, FAILED = 2, 3, 4
MARKET = "simulated:7"
MOST_TOLD = 50  # breaches
RUNS = "The paper exchange runs on this database: stop it first, or let users register there."
Command = Callable[[argparse.Namespace], int]


def is_platforms(words: Sequence[str]) -> bool:
    """Whether words name one of these commands."""
    return words[:1] in (["serve"], ["verify"]) or words[:2] == ["user", "add"]


def main(words: Sequence[str]) -> int:
    """Do a command; returns the exit code."""
    arguments = _parse(words)
    command: Command = arguments.command
    try:
        return command(arguments)
    except (UsageFault, AddressFault, ValueError, OSError) as fault:
        print(fault, file=sys.stderr)
        return USAGE
    except (ClusterError, DatabaseAway, SchemaMismatch, CredentialsError) as fault:
        print(fault, file=sys.stderr)
        return FAILED


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m paper", description=__doc__)
    commands = parser.add_subparsers(required=True)
    serving = commands.add_parser("serve", help="serve accounts that outlive restarts, in Binance's protocol")
    serving.add_argument("--port", type=int, default=8100, help="0 picks a free one (8100)")
    serving.set_defaults(command=_serve)
    verifying = commands.add_parser("verify", help="check that every balance is what was moved, held and traded")
    verifying.set_defaults(command=_verify)
    users = commands.add_parser("user", help="users").add_subparsers(required=True)
    adding = users.add_parser("add", help="open an account, and print an API key that may trade")
    adding.add_argument("name", help="what the key is called")
    adding.add_argument("--usdt", type=_usdt, default=FIRST_BALANCE, help=f"the first deposit ({FIRST_BALANCE:,})")
    adding.add_argument("--read", action="store_true", help="a key that only reads, beside the other")
    adding.set_defaults(command=_add)
    for one in (serving, verifying, adding):
        one.add_argument("--market", default=MARKET, help=f"{markets.__doc__} ({MARKET})")
        one.add_argument("--pairs", default=PAIRS, help=f"of a live market ({PAIRS})")
    return parser.parse_args(words)


def _serve(arguments: argparse.Namespace) -> int:
    clock, environment = VenueClock(), read_environment()
    source = open_market(arguments.market, arguments.pairs, clock)
    policy = read_policy(environment, HOST)
    opened = open_platform(environment, source.market, _say_waiting, clock=clock)
    with listen_here(arguments.port) as bound, opened as platform:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # an order takes a sixth less
            code = runner.run(serve(platform, policy, bound, source))
        if code:
            sys.stdout.flush()
            os._exit(code)  # a commit may hang for ever: nobody waits for it
        return code


def _open_market(arguments: argparse.Namespace) -> Source:
    return open_market(arguments.market, arguments.pairs, VenueClock())


def _say_waiting() -> None:
    print("Another engine writes to this database: waiting until it ends.", file=sys.stderr, flush=True)


def _verify(arguments: argparse.Namespace) -> int:
    symbols = _open_market(arguments).market.symbols.values()
    with open_database(read_environment()) as addresses, connect(addresses.engine, name="verify", schema="paper") as db:
        breaches = list_breaches(db, symbols)
    for breach in breaches[:MOST_TOLD]:
        print(breach)
    if breaches:
        print(f"{len(breaches)} breaches. Stop the exchange, and keep a backup of the database as it is.")
        return BROKEN
    print(f"All {len(LAWS)} laws hold.")
    return 0


def _add(arguments: argparse.Namespace) -> int:
    try:
        with open_platform(
            read_environment(), _open_market(arguments).market, lambda: None, patience_seconds=0
        ) as platform:
            _add_user(platform, arguments)
    except TimeoutError:
        raise UsageFault(RUNS) from None
    return 0


def _add_user(platform: Platform, arguments: argparse.Namespace) -> None:
    """Open an account as one command, kept before its keys are shown."""
    now, number = platform.venue.clock.now(), uuid4()
    rights = [True, False] if arguments.read else [True]
    made = [_make_key(platform.vault, number, arguments.name, may_trade=may_trade, now=now) for may_trade in rights]
    open_account(platform.venue, str(number), now, OPERATOR, [key for key, _ in made], arguments.usdt)
    platform.journal.flush()
    for key, secret in made:
        what = "may trade" if key.may_trade else "only reads"
        print(f"API key ({what}): {key.key}\nsecret: {secret.value}")
    print("Secrets are not shown again.", file=sys.stderr)


def _make_key(vault: Vault, user: UUID, label: str, *, may_trade: bool, now: datetime) -> tuple[ApiKey, Secret]:
    key, secret = make_text(), Secret(make_text())
    sealed = seal_secret(vault, user, key, secret)
    return ApiKey(
        key=key,
        user=user,
        label=label,
        kind=KeyKind.HMAC,
        sealed=sealed,
        sealed_with=vault.key_id,
        may_trade=may_trade,
        created_at=now,
    ), secret


def _usdt(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not LEAST_BALANCE <= amount <= MOST_BALANCE:
        raise argparse.ArgumentTypeError(f"'{text[:40]}' is no amount from {LEAST_BALANCE:,} to {MOST_BALANCE:,}")
    return amount.quantize(SMALLEST, ROUND_DOWN)

"""`python -m monitor benchmark list|add|remove|default`: what an account is compared with.

Every benchmark is computed from the same ledger, so adding, removing and switching lose nothing: a benchmark that is
added gets its whole history at once.
"""

import argparse
import asyncio
from datetime import datetime
from decimal import Decimal, InvalidOperation

from finance.benchmark import BenchmarkConfig, Rebalance, Withdrawals
from finance.decimals import ZERO
from finance.moments import EPOCH
from monitor.accounts.opening import find_first_exchange, using_client
from monitor.accounts.store.benchmarks import (
    delete_benchmark,
    load_account_id,
    load_compared_labels,
    load_configs,
    record_benchmark,
    set_default_benchmark,
)
from monitor.database.runs import hold_run_lock
from monitor.errors import AccountError, MonitorError
from monitor.performance.recomputation import recompute_history
from monitor.settings import Settings, parse_weights
from sql.rows import Db

Arguments = argparse.Namespace
LARGEST_FEE = Decimal(10)  # percent
NO_ACCOUNTS = "No accounts yet. Add one: python -m monitor account add LABEL"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the commands to argparse."""
    commands = parser.add_subparsers(dest="action", required=True)
    adding = commands.add_parser("add", help="compare with another basket; its history is computed from the beginning")
    adding.add_argument("--basket", required=True, help='percentages that add up to 100, like "BTC=60 ETH=40"')
    adding.add_argument("--rebalance", default="never", choices=[str(policy) for policy in Rebalance])
    adding.add_argument("--band", help="percentage points a weight may be off before a band rebalancing, like 5")
    adding.add_argument("--fee", default="0", help="percent of everything it buys and sells, like 0.1")
    adding.add_argument("--withdrawals", default="same_amount", choices=[str(rule) for rule in Withdrawals])
    removing = commands.add_parser("remove", help="stop comparing with it")
    choosing = commands.add_parser("default", help="the one that pages show first")
    for command in (adding, removing, choosing):
        command.add_argument("name")
    for command in (adding, removing, choosing):
        command.add_argument(
            "--account", required=True, help="an account's or a portfolio's label; 'All accounts' for all together"
        )
    listing = commands.add_parser("list", help="show what accounts are compared with")
    listing.add_argument("--account", help="of one account or portfolio, by its label; of all if left out")
    parser.set_defaults(run=run_benchmark_command)


def run_benchmark_command(db: Db, settings: Settings, arguments: Arguments, now: datetime) -> int:
    """Carry the command out; returns the exit code. Raises MonitorError saying what is wrong."""
    if arguments.action == "list":
        labels = [arguments.account] if arguments.account else load_compared_labels(db)
        print("\n\n".join(f"{label}:\n{_list(db, _find_account(db, label))}" for label in labels) or NO_ACCOUNTS)
        return 0
    account_id = _find_account(db, arguments.account)
    hold_run_lock(db)
    if arguments.action == "add":
        _add(db, settings, _read_config(arguments, account_id), now)
    else:
        _change(db, account_id, arguments)
    print(_list(db, account_id))
    return 0


def _find_account(db: Db, label: str) -> int:
    account_id = load_account_id(db, label)
    if account_id is None:
        raise AccountError(f"There is no account '{label}'. See: python -m monitor account list")
    return account_id


def _list(db: Db, account_id: int) -> str:
    return "\n".join(_describe(config) for config in load_configs(db, account_id))


def _describe(config: BenchmarkConfig) -> str:
    basket = " ".join(f"{asset}={(share * 100).normalize():f}" for asset, share in config.weights)
    band = f" of {(config.band * 100).normalize():f} points" if config.band else ""
    fee = f", fee {(config.fee * 100).normalize():f} %" if config.fee else ""
    taken = ", withdrawals of the same fraction" if config.withdrawals is Withdrawals.SAME_FRACTION else ""
    default = " (default)" if config.is_default else ""
    return f"{config.name}: {basket}, rebalanced {config.rebalance}{band}{fee}{taken}{default}"


def _read_config(arguments: Arguments, account_id: int) -> BenchmarkConfig:
    try:
        weights = parse_weights(arguments.basket)
    except ValueError as fault:
        raise AccountError(f"--basket: {fault}") from None
    if (arguments.rebalance == Rebalance.BAND) != (arguments.band is not None):
        raise AccountError("--rebalance band needs --band POINTS, and only then has it a meaning.")
    return BenchmarkConfig(
        id=0,
        account_id=account_id,
        name=arguments.name,
        weights=weights,
        rebalance=Rebalance(arguments.rebalance),
        band=_percent(arguments.band, "--band", Decimal(100)) if arguments.band else None,
        fee=_percent(arguments.fee, "--fee", LARGEST_FEE) if arguments.fee != "0" else ZERO,
        withdrawals=Withdrawals(arguments.withdrawals),
    )


def _percent(text: str, name: str, below: Decimal) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = ZERO
    if not (value.is_finite() and 0 < value < below):
        raise AccountError(f"{name} {text}: give a number between 0 and {below}, as in {name} 5")
    return value / 100


def _add(db: Db, settings: Settings, config: BenchmarkConfig, now: datetime) -> None:
    if not record_benchmark(db, config):
        raise AccountError(f"There is a benchmark '{config.name}' already. Choose another name, or remove that one.")
    try:
        asyncio.run(_recompute(db, settings, config.account_id, now))
    except MonitorError:
        _remove(db, config.account_id, config.name)
        raise


async def _recompute(db: Db, settings: Settings, account_id: int, now: datetime) -> None:
    async with using_client(settings, find_first_exchange(db)) as client:
        await recompute_history(db, client, [account_id], EPOCH, now)


def _change(db: Db, account_id: int, arguments: Arguments) -> None:
    configs = {config.name: config for config in load_configs(db, account_id)}
    chosen = configs.get(arguments.name)
    if chosen is None:
        raise AccountError(f"There is no benchmark '{arguments.name}'. There are: {', '.join(configs)}.")
    if arguments.action == "default":
        set_default_benchmark(db, account_id, chosen.name)
    elif chosen.is_default:
        raise AccountError(f"'{chosen.name}' is the default. Make another one the default first.")
    else:
        _remove(db, account_id, chosen.name)


def _remove(db: Db, account_id: int, name: str) -> None:
    with db.transaction():
        for config in load_configs(db, account_id):
            if config.name == name:
                delete_benchmark(db, config.id)

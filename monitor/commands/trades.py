"""`python -m monitor trades`: the list of trades, the proof that they and the change of NAV agree, your words about them."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import Any

from finance.attribution.explanation import Gain
from finance.decimals import plain
from finance.moments import EPOCH
from finance.prices import VALUATION_ASSET
from finance.trade_metrics import By
from finance.trade_metrics.costs import collect_costs
from monitor.commands import (
    contract_list,
    trade_basis,
    trade_cash,
    trade_derivation,
    trade_list,
    trade_metrics,
    trade_note,
    trade_plan,
    trade_round_trips,
    trade_show,
    whose,
)
from monitor.commands.contract_list import ChosenContracts
from monitor.commands.trade_list import TradeList
from monitor.database.runs import one_view
from monitor.errors import AccountError
from monitor.performance.store.valued_hours import load_valued_after
from monitor.settings import Settings
from monitor.trading.contracts import PositionsMade, load_contract_trades, load_positions_made
from monitor.trading.groups_again import find_wrong_groups
from monitor.trading.metrics import load_countable
from monitor.trading.store.groups import load_books
from monitor.trading.store.symbols import load_contracts_of
from monitor.trading.tie_out import TieOut, prove
from monitor.trading.trades import load_account_trades
from sql.rows import Db

TOO_SHORT = "No account has two hours with a NAV yet: there is no change to look into."
NO_TRADES = "No trade was closed yet: there is nothing to measure."
OF_NO_ACCOUNT = (
    "A portfolio's trades are of no single account or exchange: without --portfolio the rows are of the trades that each "
    "account has for itself."
)
AGREES, FAILS, NOTHING = 0, 1, 3
COLUMNS = ("realised", "spent", "transferred", "unexplained", "unrealised", "together")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades`."""
    actions = parser.add_subparsers(dest="action", required=True)
    verifying = actions.add_parser(
        "verify", help="prove that gains and the change of NAV agree in every hour, by every method of cost"
    )
    whose.add_arguments(verifying, "every account and portfolio if left out")
    verifying.add_argument("--json", action="store_true", help="print every digit as JSON")
    verifying.set_defaults(run=run_verify)
    listing = actions.add_parser("list", help="what was bought and sold again, from flat to flat, with fees and result")
    trade_list.add_arguments(listing)
    listing.set_defaults(run=run_list)
    measuring = actions.add_parser("metrics", help="do trades win, on which coins, at which hours, and at what cost")
    trade_metrics.add_arguments(measuring)
    measuring.set_defaults(run=run_metrics)
    syncing = actions.add_parser(
        "sync", help="read every order and trade that the exchanges still have; goes on where it stopped"
    )
    syncing.add_argument(
        "--all", action="store_true", required=True, help="of every pair that is known, from the first on"
    )
    syncing.add_argument("--account", help="the account's label; every account if left out")
    syncing.add_argument(
        "--json", action="store_true", help="print the report as JSON; what is read meanwhile on stderr"
    )
    syncing.set_defaults(run=run_sync)
    deriving = actions.add_parser("rebuild", help="derive trades again from the stored hours, and say what changed")
    trade_derivation.add_arguments(deriving)
    showing = actions.add_parser("show", help="one trade: what moved in it, what was paid, how far it went")
    trade_show.add_arguments(showing)
    showing.set_defaults(run=trade_show.run_show)
    pairing = actions.add_parser(
        "round-trips", help="for those who are never flat: what was sold beside what had come first; no trades"
    )
    trade_round_trips.add_arguments(pairing)
    pairing.set_defaults(run=trade_round_trips.run_round_trips)
    stating = actions.add_parser("basis", help="say what coins had cost that were there at the first hour")
    trade_basis.add_arguments(stating)
    stating.set_defaults(run=trade_basis.run_basis)
    counting = actions.add_parser("cash", help="what counts as money rather than as a coin that is traded")
    trade_cash.add_arguments(counting)
    noting = actions.add_parser("note", help="say something about a trade: tags, a rating, its stop, words")
    trade_note.add_arguments(noting)
    noting.set_defaults(run=trade_note.run_note)
    planning = actions.add_parser("plan", help="say what you plan before an order is given: entry, stop, targets, why")
    trade_plan.add_arguments(planning)
    planning.set_defaults(run=trade_plan.run_plan)


def run_verify(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print what each account's history comes to; returns 0 if all agrees, 1 if not, 3 without two hours."""
    is_all = not (arguments.account or arguments.portfolio)
    rows = whose.list_books(db) if is_all else whose.choose_books(db, arguments.account, arguments.portfolio)
    with one_view(db):
        proven = [(row.label, _prove(db, row.id, settings), load_positions_made(db, row.id, now)) for row in rows]
    found = [(label, one, made) for label, one, made in proven if one]
    if not found:
        print(TOO_SHORT, file=sys.stderr)
        return NOTHING
    print(_write(found) if arguments.json else "\n\n".join(_format(*one) for one in found))
    return FAILS if any(one.failure for _, one, _ in found) else AGREES


def _prove(db: Db, number: int, settings: Settings) -> TieOut | None:
    found = prove(db, number, _list_hours(db, number))
    if found is None or found.failure:
        return found
    for book in load_books(db):
        if book.number == number and (wrong := next(find_wrong_groups(db, book, settings.order_names), None)):
            return replace(found, failure=f"{wrong.at:%Y-%m-%d %H:%M} UTC: {wrong}")
    return found


def run_list(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print trades; returns 0, or 3 without two hours."""
    rows = whose.choose_books(db, arguments.account, arguments.portfolio)
    is_whole = not (arguments.asset or arguments.open or arguments.closed)
    lists: list[tuple[TradeList, ChosenContracts | None]] = []
    with one_view(db):
        for row in rows:
            if len(_list_hours(db, row.id)) < 2:
                continue
            found = load_account_trades(db, row.id, now)
            chosen = trade_list.choose(found.coins, arguments)
            coins = TradeList(row.label, chosen, found.exits, found.excursions, found.rest if is_whole else None)
            in_contracts = load_contract_trades(db, row.id, found, now)
            lists.append((coins, contract_list.choose(in_contracts, arguments) if in_contracts else None))
    if not lists:
        print(TOO_SHORT, file=sys.stderr)
        return NOTHING
    if arguments.json:
        found_json = [trade_list.as_json(coins) | contract_list.as_json(contracts) for coins, contracts in lists]
        print(json.dumps(found_json, indent=2))
        return AGREES
    for number, (coins, contracts) in enumerate(lists):
        print(("\n" if number else "") + trade_list.describe(coins))
        if contracts:
            print("\n" + contract_list.describe(coins.label, contracts))
    if not all(contracts for _, contracts in lists):
        note = contract_list.NOTE_OF_PORTFOLIO if arguments.portfolio else contract_list.NOTE
        print(note, file=sys.stderr)
    return AGREES


def run_metrics(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print what closed trades say together; returns 0, or 3 where no account has any. Raises AccountError."""
    rows = whose.choose_books(db, arguments.account, arguments.portfolio)
    if arguments.portfolio and arguments.by in (By.ACCOUNT, By.EXCHANGE):
        raise AccountError(OF_NO_ACCOUNT)
    with one_view(db):
        load = partial(load_countable, db, until=now, deposits=arguments.deposits)
        found = [load(row.id, row.label, row.exchange) for row in rows]
        for row in rows if arguments.portfolio else ():
            for account_id, ids in load_contracts_of(db, row.id).items():
                found.append(load(account_id, row.label, row.exchange, only=ids))
    trades, left_out = [one for its in found for one in its.trades], sum(its.others for its in found)
    if not trades and not left_out:
        print(NO_TRADES, file=sys.stderr)
        return NOTHING
    costs = collect_costs(one for its in found for one in its.costs)
    trade_metrics.print_metrics(trades, costs, left_out, arguments)
    return AGREES


def run_sync(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Read orders and trades; returns 0 if all was read, 1 if something could not be. Raises MonitorError."""
    sync = import_module("monitor.commands.trade_sync")  # the other actions ask no exchange and load no client
    code: int = sync.sync_all(db, settings, arguments.account, now, as_json=arguments.json)
    return code


def _list_hours(db: Db, account_id: int) -> list[datetime]:
    return [valued.hour for valued in load_valued_after(db, account_id, EPOCH)]


Proven = tuple[str, TieOut, PositionsMade | None]  # of an account, by its label


def _format(label: str, found: TieOut, contracts: PositionsMade | None) -> str:
    lines = [
        f"{label}: {found.hours:,} hours from {found.first:%Y-%m-%d %H:%M} to {found.last:%Y-%m-%d %H:%M} UTC, "
        f"price effect and trading {found.price_effect_and_trading:+,.2f} {VALUATION_ASSET}{_before(found)}",
        " " * 10 + "".join(f"{name:>15}" for name in COLUMNS),
    ]
    for method, one in found.methods.items():
        amounts = [*(one.gains.get(gain, Decimal(0)) for gain in Gain), one.unrealised, one.total]
        lines.append(f"{method:<10}" + "".join(f"{amount:>15,.2f}" for amount in amounts))
    lines.append(found.failure or "Every hour agrees to the last digit, of every asset and by every method.")
    lines += contract_list.sum_up(contracts) if contracts else ()
    return "\n".join(lines)


def _before(found: TieOut) -> str:
    if not found.unrealised_before:
        return ""
    return f", {found.unrealised_before:+,.2f} unrealised before by what you said that coins had cost"


def _write(proven: Sequence[Proven]) -> str:
    return json.dumps([_as_json(*found) for found in proven], indent=2)


def _as_json(label: str, found: TieOut, contracts: PositionsMade | None) -> dict[str, Any]:
    return {
        "account": label,
        "first": f"{found.first:%Y-%m-%dT%H:%MZ}",
        "last": f"{found.last:%Y-%m-%dT%H:%MZ}",
        "hours": found.hours,
        "unrealised_before": plain(found.unrealised_before),
        "price_effect_and_trading": plain(found.price_effect_and_trading),
        "methods": {
            str(method): {
                **{str(gain): plain(one.gains.get(gain, Decimal(0))) for gain in Gain},
                "unrealised": plain(one.unrealised),
                "together": plain(one.total),
            }
            for method, one in found.methods.items()
        },
        "contracts": contract_list.total_json(contracts) if contracts else None,
        "failure": found.failure or None,
    }

"""`python -m monitor trades basis`: what coins had cost that an account held at its first hour.

Without a word they had cost what they were worth then. Older records prove what they had cost where they come to exactly what
was held; else the owner may say it. A word changes no NAV and no return: what is realised and
unrealised is counted from another cost, in every hour since.
"""

import argparse
import json
import sys
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from finance.basis import Basis, BasisSource, begin_costs, prove_cost
from finance.decimals import CONTEXT, plain
from finance.moments import EPOCH
from finance.prices import VALUATION_ASSET
from monitor.accounts.registry import find_account
from monitor.accounts.store.portfolios import load_portfolios_of
from monitor.commands.arguments import read_note, read_price, read_quantity
from monitor.database.runs import hold_run_lock
from monitor.errors import LedgerError
from monitor.ledger.store.events import load_fills_and_income, load_flows
from monitor.ledger.store.standings import load_standings
from monitor.performance.explaining import derive_explanations
from monitor.performance.store.basis import load_basis, record_basis
from monitor.performance.store.cash import load_cash
from monitor.performance.store.together import keeps_trades
from monitor.performance.store.valued_hours import load_valued_after
from monitor.settings import Settings
from sql.rows import Db

TOO_SHORT = "{} has no hour with a NAV yet: there is nothing whose cost could be stated."
NOT_HELD = (
    "{} held no {} at its first hour, {:%Y-%m-%d %H:%M} UTC. What came later has cost what it was worth when it came."
)
PROVEN = "{} older records, since {:%Y-%m-%d %H:%M} UTC"
NOTE_NEEDED = "Say in a few words where the figure comes from: --note 'bought in 2021'. It is kept with it for ever."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades basis`."""
    parser.add_argument("account", help="the account's label")
    parser.add_argument("asset", nargs="?", help="the coin, like BTC; without it what is known is listed")
    word = parser.add_mutually_exclusive_group()
    word.add_argument("price", nargs="?", type=read_price, help=f"what one unit had cost, in {VALUATION_ASSET}")
    word.add_argument(
        "--acquired",
        action="store_true",
        help="what records of before prove that it had cost; without a coin, of every coin",
    )
    word.add_argument("--forget", action="store_true", help="take back what was said: it had cost its value then")
    parser.add_argument("--quantity", type=read_quantity, help="of so many units only; the others had cost their value")
    parser.add_argument("--json", action="store_true", help="print every digit as JSON")
    parser.add_argument("--note", type=read_note, help="where the figure comes from; kept with it for ever")


def run_basis(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Record a word and derive every hour's gains and trades again; print what counts, and return 0, or 1 if older records
    don't prove what was asked for.

    Raises LedgerError, or AlreadyRunning.
    """
    account = find_account(db, arguments.account)
    hours = [valued.hour for valued in load_valued_after(db, account.id, EPOCH)]
    if not hours:
        raise LedgerError(TOO_SHORT.format(account.label))
    refused: dict[str, str] = {}
    if arguments.acquired:
        hold_run_lock(db)
        with db.transaction():
            refused = _record_proven(db, account.id, account.label, hours, arguments, now)
    elif arguments.asset and (arguments.forget or arguments.price is not None):
        if not arguments.note:
            raise LedgerError(NOTE_NEEDED)
        hold_run_lock(db)
        with db.transaction():
            _record(db, account.id, account.label, hours, arguments, now)
    print((_write if arguments.json else _list)(db, account.id, hours[0]))
    for asset, reason in refused.items():
        print(f"{asset}: not proven, {reason}. It counts as before.", file=sys.stderr)
    return 1 if refused else 0


def _record_proven(
    db: Db, account_id: int, label: str, hours: list[datetime], arguments: argparse.Namespace, now: datetime
) -> dict[str, str]:
    """Record what older records prove; returns why they don't, by coin."""
    start, words = load_standings(db, account_id, hours[:1])[hours[0]], load_basis(db, account_id)
    cash = load_cash(db)
    held = {asset: units for asset, units in start.quantities.items() if asset not in cash and units > 0}
    if arguments.asset and arguments.asset.upper() not in held:
        raise LedgerError(NOT_HELD.format(label, arguments.asset.upper(), hours[0]))
    chosen = [arguments.asset.upper()] if arguments.asset else sorted(held)
    older = load_flows(db, account_id, EPOCH, start.taken_at) + load_fills_and_income(
        db, account_id, EPOCH, start.taken_at
    )
    older.sort(key=lambda event: event.occurred_at)
    refused = {}
    for asset in chosen:
        found = prove_cost(asset, held[asset], older)
        if asset in words and words[asset].source is BasisSource.OWNER:
            refused[asset] = "you have said what it had cost, which stands (--forget takes it back)"
        elif isinstance(found, str):
            refused[asset] = found
        else:
            note = arguments.note or PROVEN.format(found.records, found.since)
            proven = Basis(price=found.price, source=BasisSource.RECORDS)
            record_basis(db, account_id, asset, proven, note, now)
    if len(refused) < len(chosen):
        _derive_again(db, account_id, hours)
    return refused


def _record(
    db: Db, account_id: int, label: str, hours: list[datetime], arguments: argparse.Namespace, now: datetime
) -> None:
    asset = arguments.asset.upper()
    start = load_standings(db, account_id, hours[:1])[hours[0]]
    if start.quantities.get(asset, 0) <= 0:
        raise LedgerError(NOT_HELD.format(label, asset, hours[0]))
    stated = None if arguments.forget else Basis(price=arguments.price, quantity=arguments.quantity)
    record_basis(db, account_id, asset, stated, arguments.note, now)
    _derive_again(db, account_id, hours)


def _derive_again(db: Db, account_id: int, hours: list[datetime]) -> None:
    """The gains and trades of every hour, also of portfolios."""
    if len(hours) > 1:
        derive_explanations(db, account_id, hours)
    for number in load_portfolios_of(db, account_id):
        of_all = [valued.hour for valued in load_valued_after(db, number, EPOCH)]
        if len(of_all) > 1 and keeps_trades(db, number):
            derive_explanations(db, number, of_all)


class _Held(NamedTuple):
    """A coin that was held at the first hour, and what it had cost."""

    asset: str
    quantity: Decimal
    cost: Decimal
    stated: Basis | None


def _load_held(db: Db, account_id: int, hour: datetime) -> list[_Held]:
    start, stated = load_standings(db, account_id, [hour])[hour], load_basis(db, account_id)
    costs, cash = begin_costs(start, stated), load_cash(db)
    held = sorted((asset, units) for asset, units in start.quantities.items() if asset not in cash and units > 0)
    return [_Held(asset, units, costs[asset], stated.get(asset)) for asset, units in held]


def _list(db: Db, account_id: int, hour: datetime) -> str:
    """What was held at the first hour, and its cost."""
    lines = [f"Held at {hour:%Y-%m-%d %H:%M} UTC, amounts in {VALUATION_ASSET}"]
    for one in _load_held(db, account_id, hour):
        each = _price(CONTEXT.divide(one.cost, one.quantity))
        lines.append(
            f"  {one.asset:<8} {plain(one.quantity):>18}  cost {one.cost:>16,.2f}  each {each:>14}  {_origin(one.stated)}"
        )
    return "\n".join(lines)


def _write(db: Db, account_id: int, hour: datetime) -> str:
    coins = [
        {
            "asset": one.asset,
            "quantity": plain(one.quantity),
            "cost": plain(one.cost),
            "stated_price": plain(one.stated.price) if one.stated else None,
            "stated_quantity": plain(one.stated.quantity) if one.stated and one.stated.quantity else None,
            "source": one.stated.source if one.stated else None,
        }
        for one in _load_held(db, account_id, hour)
    ]
    return json.dumps({"at": f"{hour:%Y-%m-%dT%H:%MZ}", "coins": coins}, indent=2)


def _price(price: Decimal) -> str:
    return f"{price:,.2f}" if price >= 1 else plain(round(price, 8))


def _origin(stated: Basis | None) -> str:
    if stated is None:
        return "its value then"
    if stated.source is BasisSource.RECORDS:
        return "as older records say"
    return (
        "as you said" if stated.quantity is None else f"{plain(stated.quantity)} as you said, the rest its value then"
    )

"""`python -m monitor trades show`: one trade with all that moved in it, what was paid, how far it went, and your words."""

import argparse
import json
from datetime import datetime

from finance.contract_trades import ContractTrade
from finance.decimals import plain
from finance.excursions import Excursion
from finance.order_roles import pick_roles
from finance.trade_notes import TradeNote, compute_risk
from finance.trades import Effect, Fee, Trade, TradeMove, list_exits
from monitor.commands import whose
from monitor.commands.columns import as_price, minute, moment_json
from monitor.commands.contract_list import contract_json, describe_difference
from monitor.commands.group_lines import Stop, describe_group, order_json
from monitor.commands.trade_list import excursion_json, exit_json, trade_json
from monitor.commands.trade_note import UNKNOWN, describe_note, find_trade
from monitor.errors import LedgerError
from monitor.settings import Settings
from monitor.trading.store.excursions import load_excursions
from monitor.trading.store.grouped import load_endings, load_group
from monitor.trading.store.notes import NamedTrade, find_trades_of, load_notes
from monitor.trading.store.one_trade import load_fees_of, load_moves_of, load_trade
from monitor.trading.trades import end_trade
from sql.rows import Db


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `trades show`."""
    parser.add_argument("trade", metavar="TRADE", help="its id from the list, like f456")
    whose.add_arguments(parser, "needed where several accounts have a trade of that id")
    parser.add_argument("--json", action="store_true", help="print every digit as JSON")


def run_show(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print a trade; returns 0. Raises LedgerError where there is none of that id."""
    named = _find(db, arguments)
    account_id, trade_id = named.account_id, named.trade_id
    ending, group = load_endings(db, account_id).get(trade_id), load_group(db, account_id, trade_id)
    trade = end_trade(load_trade(db, account_id, trade_id), ending)
    moves, fees = load_moves_of(db, account_id, trade_id), load_fees_of(db, account_id, trade_id)
    word = load_notes(db, account_id).get(trade_id)
    note, excursion = word.note if word else TradeNote(), load_excursions(db, account_id).get(trade_id)
    stop = Stop.of(note, ending)
    if arguments.json:
        roles = pick_roles((name, one.role.kind) for one in group if not one.is_preset for name in one.names)
        exits = {"exits": [exit_json(one) for one in list_exits(moves, roles)], "orders": [*map(order_json, group)]}
        rows = {"moves": [_move_json(one) for one in moves], "fee_rows": [_fee_json(one) for one in fees]}
        print(
            json.dumps(
                {"account": named.label}
                | trade_json(trade)
                | (contract_json(trade) if isinstance(trade, ContractTrade) else {})
                | excursion_json(excursion)
                | exits
                | rows
                | _note_json(trade, note, stop),
                indent=2,
            )
        )
        return 0
    described = [*_describe(trade, excursion, stop), *describe_note(note)]
    lines = [*described, "", *describe_group(group), *map(_move_line, moves), *map(_fee_line, fees)]
    print("\n".join([f"{trade_id} of {named.label}: {trade.asset}, {trade.side}", *lines]))
    return 0


def _find(db: Db, arguments: argparse.Namespace) -> NamedTrade:
    if not arguments.portfolio:
        return find_trade(db, arguments)
    (book,) = whose.choose_books(db, None, arguments.portfolio)
    found = find_trades_of(db, book.id, arguments.trade)
    if not found:
        raise LedgerError(UNKNOWN.format(arguments.trade, f" of {arguments.portfolio}"))
    return found[0]


def _describe(trade: Trade, excursion: Excursion | None, stop: Stop) -> list[str]:
    ended = f", ended {minute(trade.closed_at)} by {trade.ended_by}" if trade.closed_at else ", open"
    exit_price = f", exit {as_price(trade.exit_price)}" if trade.exit_price is not None else ""
    funding = f", funding {trade.funding:+,.2f}" if trade.funding else ""
    lines = [
        f"  opened {minute(trade.opened_at)} by {trade.opened_by}{ended}",
        f"  quantity {plain(trade.entered)}, entry {as_price(trade.entry_price)}{exit_price}",
        f"  gross {trade.gross:+,.2f}, fees {trade.fees:,.2f}, interest {trade.interest:,.2f}{funding}, net {trade.net:+,.2f}",
    ]
    if isinstance(trade, ContractTrade):
        lines.append(f"  {describe_difference(trade)}")
    if excursion:
        lines.append(
            f"  worst {excursion.worst:+,.2f}, best {excursion.best:+,.2f}, drawdown {excursion.drawdown:,.2f}"
        )
    lines += stop.describe()
    risk = compute_risk(trade, stop.price)
    if risk and trade.closed_at:
        lines.append(f"  risk {risk:,.2f}: {trade.net / risk:+.2f} R")
    return lines


def _move_line(move: TradeMove) -> str:
    sign = "+" if move.effect is Effect.ENTRY else "-"
    gain = f"  gain {move.gain:+,.2f}" if move.effect is Effect.EXIT else ""
    return f"  {minute(move.at)}  {sign}{plain(move.quantity):>18}  worth {move.value:>14,.2f}  {move.kind}{gain}"


def _fee_line(fee: Fee) -> str:
    return f"  {minute(fee.at)}  fee {plain(fee.quantity):>15} {fee.asset}, worth {fee.value:,.4f}"


def _move_json(move: TradeMove) -> dict[str, object]:
    amounts = {name: plain(getattr(move, name)) for name in ("quantity", "value", "gain")}
    return {
        "at": moment_json(move.at),
        "effect": str(move.effect),
        "kind": str(move.kind),
        "record": move.row,
        "order": move.order,
        **amounts,
    }


def _fee_json(fee: Fee) -> dict[str, object]:
    return {
        "at": moment_json(fee.at),
        "kind": fee.kind,
        "asset": fee.asset,
        "quantity": plain(fee.quantity),
        "value": plain(fee.value),
    }


def _note_json(trade: Trade, note: TradeNote, stop: Stop) -> dict[str, object]:
    risk = compute_risk(trade, stop.price)
    return {
        "tags": list(note.tags),
        "note": note.text,
        "rating": note.rating,
        "stop": plain(stop.price) if stop.price else None,
        "stop_source": str(stop.source) if stop.source else None,
        "risk": plain(risk) if risk else None,
    }

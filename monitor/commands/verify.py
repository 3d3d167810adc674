"""`python -m monitor verify`: every stored figure computed again, and with --recompute put right where it differs."""

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import NamedTuple

from finance.moments import EPOCH
from finance.order_roles import write_order_names
from monitor.commands.recomputing import recompute_accounts, regroup
from monitor.database.runs import hold_run_lock, one_view
from monitor.performance.store.changes import record_history_change
from monitor.performance.store.stored_rows import load_accounts_with_history
from monitor.performance.store.valued_hours import load_valued_after
from monitor.performance.verification import Difference, Verified, verify
from monitor.settings import Settings
from monitor.trading.groups_again import find_all_wrong
from monitor.trading.store.grouped import count_waiting, mark_wrong
from monitor.trading.store.groups import load_books
from sql.rows import Db

MOST_SHOWN = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `verify`."""
    parser.add_argument("--json", action="store_true", help="print the differences as JSON")
    parser.add_argument(
        "--recompute",
        action="store_true",
        help="write units, benchmarks, flow values and explanations anew where something differs, then verify again",
    )
    parser.set_defaults(run=run_verify)


def run_verify(db: Db, settings: Settings, arguments: argparse.Namespace, now: datetime) -> int:
    """Print what differs; returns 0 when nothing does, else 1."""
    if arguments.recompute:
        hold_run_lock(db)
    verified = _verify(db, settings)
    if arguments.recompute and verified.differences:
        _recompute(db, settings, verified, now)
        verified = _verify(db, settings)
    if arguments.json:
        print(json.dumps(asdict(verified.all), default=str))
    else:
        print(_describe(verified.all, arguments.recompute))
    return 1 if verified.differences else 0


class _Verified(NamedTuple):
    """What was looked at, and what of it is stored of orders: the numbers of books and the ids of trades."""

    all: Verified
    figures: Sequence[Difference]
    trades: Mapping[int, Sequence[str]]

    @property
    def differences(self) -> Sequence[Difference]:
        return self.all.differences


def _verify(db: Db, settings: Settings) -> _Verified:
    with one_view(db):
        figures = verify(db)
        wrong = list(find_all_wrong(db, settings.order_names))
        waiting = list(_list_waiting(db, write_order_names(settings.order_names)))
    trades = defaultdict(list)
    for book, one in wrong:
        trades[book.number].append(one.trade_id)
    found = [Difference(book.label, *one[1:]) for book, one in wrong]
    together = replace(figures, differences=(*figures.differences, *found), waiting=(*figures.waiting, *waiting))
    return _Verified(together, figures.differences, trades)


def _list_waiting(db: Db, names: str) -> Iterator[str]:
    for book in load_books(db):
        if count := count_waiting(db, book.number, names):
            yield f"{book.label}: the orders of {count:,} trades are not compared, which the next run groups"


def _recompute(db: Db, settings: Settings, verified: _Verified, now: datetime) -> None:
    """Compute what differs again, the history of its accounts or the roles of orders, and say so beside the rows that have changed."""
    first = _find_first(db, verified.figures)
    asyncio.run(recompute_accounts(db, settings, first, now))
    for number, trades in verified.trades.items():
        mark_wrong(db, number, trades)
    regroup(db, settings)
    for account_id, since in _find_first(db, verified.differences).items():
        reason = "figures that differed from the ledger and the prices were computed again (verify --recompute)"
        opening = load_valued_after(db, account_id, EPOCH)[0].taken_at  # of which nothing is computed
        record_history_change(db, account_id, since=max(since, opening), reason=reason, at=now)


def _find_first(db: Db, differences: Iterable[Difference]) -> dict[int, datetime]:
    """The first moment of which something differs, by account."""
    since: dict[str, datetime] = {}
    for one in differences:
        since[one.account] = min(one.at, since.get(one.account, one.at))
    return {account_id: since[label] for account_id, label, _ in load_accounts_with_history(db) if label in since}


def _describe(verified: Verified, is_recomputed: bool) -> str:
    count = len(verified.differences)
    if not count:
        well = f"{verified.hours:,} hours computed again: every stored figure is what the ledger and the prices give."
        return "\n".join([*verified.waiting, well])
    lines = [*verified.waiting, *(str(difference) for difference in verified.differences[:MOST_SHOWN])]
    if count > MOST_SHOWN:
        lines.append(f"... and {count - MOST_SHOWN:,} more (--json shows all)")
    lines.append(f"{count:,} figures differ, in {verified.hours:,} hours.")
    if is_recomputed:
        lines.append(
            "They come from what was observed and can't be computed: restore a backup (python -m sql restore FILE)."
        )
    else:
        lines.append("A backup is safe first (python -m sql backup FILE); then: python -m monitor verify --recompute")
    return "\n".join(lines)

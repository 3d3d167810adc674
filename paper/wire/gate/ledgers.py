"""Account books, from the core's: each row's change and the balance after it. Spot in milliseconds, contracts in seconds with
a fraction."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from paper.histories.accounts import ContractFill
from paper.ledger.books import Row
from paper.wire.gate.contracts import name_contract
from paper.wire.gate.request import Asked, fraction, milliseconds, plain
from paper.wire.gate.wallets import CROSS, EARN, FUTURES, ISOLATED, POOL, SPOT, STAKED

MOST_ROWS = 1000
NAMES = {  # by verb: what comes, what goes
    **dict.fromkeys(("deposit", "_credit"), ("deposit", "deposit_rej")),
    **dict.fromkeys(("withdraw", "send", "_end_withdrawal"), ("withdraw_rej", "withdraw")),
    "buy": ("order_buy", "order_buy"),
    "sell": ("order_sell", "order_sell"),
    "convert": ("cv_buy", "cv_sell"),
    "dust": ("dust_swap_gt_add", "dust_swap_dctd"),
    "pay": ("push_rcvd", "push_sent"),
    "hand": ("subaccount_trf", "subaccount_trf"),
    "borrow": ("borrow", "repay"),
    "repay": ("borrow", "repay"),
    "dividend": ("award", "award"),
    "airdrop": ("airdrop", "airdrop"),
    "rebate": ("referral_rebate", "referral_rebate"),
    "reward": ("interest_in", "interest_out"),
    "interest": ("interest_in", "interest_out"),
    "_settle": ("dual_settled", "dual_purchased"),
}
MOVES = {**dict.fromkeys(FUTURES, "perp"), **dict.fromkeys(EARN, "lending"), **dict.fromkeys(STAKED, "lending"),
         CROSS: "cross", ISOLATED: "margin", "options": "options", "bots": "ai"}  # fmt: skip
CONTRACT_NAMES = {"profit": "pnl", "commission": "fee", "funding": "fund"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of a book with its type."""

    row: Row
    change: Decimal
    type: str


def spot(asked: Asked) -> Any:
    """GET /spot/account_book: newest first; in a unified account it is the pool's."""
    since, until = asked.window()
    buckets = POOL if asked.account.is_unified else SPOT
    found = [entry for entry in _spot_entries(asked, buckets, since, until) if _is_wanted(asked, entry)]
    return [
        {
            "id": str(entry.row.number),
            "time": milliseconds(entry.row.at),
            "currency": entry.row.asset,
            "change": plain(entry.change),
            "balance": plain(entry.row.balance),
            "type": entry.type,
            "text": entry.row.about,
        }
        for entry in asked.page(found[::-1], most=MOST_ROWS)
    ]


def _is_wanted(asked: Asked, entry: Entry) -> bool:
    wanted = asked.parameters
    return wanted.get("currency", entry.row.asset) == entry.row.asset and wanted.get("type", entry.type) == entry.type


def _spot_entries(asked: Asked, buckets: Iterable[str], since: datetime, until: datetime) -> list[Entry]:
    """The rows with their types; the network's fee is part of the row of the withdrawal."""
    found: list[Entry] = []
    for row in _rows(asked, buckets, since, until):
        last = found[-1] if found else None
        if row.why == "fee" and last and (last.row.at, last.row.verb, last.row.asset) == (row.at, row.verb, row.asset):
            found[-1] = replace(last, row=replace(row, number=last.row.number), change=last.change + row.change)
        else:
            found.append(Entry(row=row, change=row.change, type=_spot_type(row)))
    return found


def _rows(asked: Asked, buckets: Iterable[str], since: datetime, until: datetime) -> list[Row]:
    rows = asked.venue.books.wallet(asked.account.name, buckets)
    return list(rows[bisect_left(rows, since, key=_time) : bisect_right(rows, until, key=_time)])


def _time(row: Row) -> datetime:
    return row.at


def _spot_type(row: Row) -> str:
    is_in = row.change >= 0
    if row.why == "commission":
        return "order_fee"
    if row.why in CONTRACT_NAMES:
        return "perp_settle_in" if is_in else "perp_settle_out"
    if row.verb in NAMES:
        return NAMES[row.verb][not is_in]
    if row.other[1] in MOVES:
        return f"{MOVES[row.other[1]]}_{'out' if is_in else 'in'}"
    return "other"


def futures(asked: Asked, settle: str) -> Any:
    """GET /futures/{settle}/account_book: newest first; in a unified account money comes and goes with each row."""
    since, until = asked.window(longest=timedelta(days=3650))
    rows = [row for row in _rows(asked, FUTURES, since, until) if row.asset.lower() == settle]
    found = [row for row in rows if asked.parameters.get("type", _contract_type(row)) == _contract_type(row)]
    fills = {(f.at, f.symbol, amount): f for f in asked.account.contract_fills for amount in (f.profit, -f.commission)}
    return [_booked(row, fills.get((row.at, row.about, row.change))) for row in asked.page(found[::-1], most=MOST_ROWS)]


def _booked(row: Row, fill: ContractFill | None) -> dict[str, Any]:
    """A row, which names the trade that it is of, and its order behind the contract."""
    contract = name_contract(row.about) if row.about else ""
    return {
        "time": fraction(row.at),
        "change": plain(row.change),
        "balance": plain(row.balance),
        "text": f"{contract}:{fill.order or fill.id}" if fill else contract,
        "type": _contract_type(row),
        "contract": contract,
        "trade_id": str(fill.id) if fill else "0" if contract else "",
        "id": str(row.number),
    }


def _contract_type(row: Row) -> str:
    return CONTRACT_NAMES.get(row.why, "dnw")

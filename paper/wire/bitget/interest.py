"""Interest of margin: what was charged, pair by pair for isolated margin."""

from typing import Any

from paper.histories.accounts import HistoryRow
from paper.wire.bitget.request import QUARTER, Asked, plain, stamp


def crossed(asked: Asked) -> Any:
    """GET /api/v2/margin/crossed/interest-history"""
    return _history(asked, "")


def isolated(asked: Asked) -> Any:
    """GET /api/v2/margin/isolated/interest-history, of one pair"""
    return _history(asked, asked.text("symbol"))


def _history(asked: Asked, pair: str) -> Any:
    since, until = asked.window(QUARTER, needed=("startTime",))
    coin = asked.parameters.get("coin", "")
    found = [
        row
        for row in asked.account.rows
        if row.history == "interest"
        and row.extra["pair"] == pair
        and since <= row.at <= until
        and coin in ("", row.asset)
    ]
    rows = asked.page(found, lambda row: int(row.id), most=500)
    first, last = (rows[index].id if rows else "" for index in (0, -1))
    return {"resultList": [_row(row) for row in rows], "maxId": first, "minId": last}


def _row(row: HistoryRow) -> dict[str, str]:
    told = {
        "interestId": row.id,
        "loanCoin": row.asset,
        "interestCoin": row.asset,
        "dailyInterestRate": "0",
        "interestAmount": plain(row.amount),
        "interstType": "scheduled",  # spelled so
        "cTime": stamp(row.at),
        "uTime": stamp(row.at),
    }
    return told | ({"symbol": row.extra["pair"]} if row.extra["pair"] else {})

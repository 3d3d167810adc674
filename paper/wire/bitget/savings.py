"""What savings paid, as their own records list it: flexible ones and fixed ones by themselves."""

from datetime import timedelta
from typing import Any

from paper.histories.accounts import HistoryRow
from paper.wire.bitget.request import Asked, plain, stamp

THREE_MONTHS = timedelta(days=92)
PRODUCTS = {"flexible": "flexible", "fixed": "locked"}  # by the period
PAID = "pay_interest"


def records(asked: Asked) -> Any:
    """GET /api/v2/earn/savings/records; what was paid in and out is left out"""
    product = PRODUCTS.get(asked.text("periodType"))
    if product is None:
        raise asked.illegal("periodType")
    since, until = asked.window(THREE_MONTHS)
    wanted = asked.parameters.get("orderType", PAID) == PAID
    found = [
        row
        for row in asked.account.rows
        if wanted and row.history == "reward" and row.extra["product"] == product and since <= row.at <= until
    ]
    rows = asked.page(found, lambda row: int(row.id), default=20)
    return {"resultList": [_row(row) for row in rows], "endId": rows[-1].id if rows else ""}


def _row(row: HistoryRow) -> dict[str, str]:
    return {
        "orderId": row.id,
        "coinName": row.asset,
        "settleCoinName": row.asset,
        "productType": "flexible" if row.extra["product"] == "flexible" else "fixed",
        "period": "",
        "productLevel": "normal",
        "amount": plain(row.amount),
        "ts": stamp(row.at),
        "orderType": PAID,
    }

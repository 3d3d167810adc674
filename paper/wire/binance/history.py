"""/sapi: deposits and withdrawals, with Binance's windows, pages and two ways of writing a time."""

from datetime import datetime, timedelta
from typing import Any

from paper.histories.accounts import Deposit, Withdrawal
from paper.wire.binance.request import Asked, milliseconds, plain
from paper.wire.refusal import Refusal

LONGEST_WINDOW = timedelta(days=90)
MOST_ROWS = 1000
OF_ONES_OWN = ("completeTime", "travelRuleStatus")
DEPOSIT_STATES = {"pending": 0, "credited": 1}
WITHDRAWAL_STATES = {"processing": 4, "completed": 6, "cancelled": 1, "rejected": 3}


def deposits(asked: Asked) -> Any:
    """GET /sapi/v1/capital/deposit/hisrec"""
    since, until = _window(asked)
    rows = asked.venue.histories.deposits(asked.account.name, since, until, asked.now)
    return _page(asked, [_deposit(d) for d in reversed(rows)])


def sub_deposits(asked: Asked) -> Any:
    """GET /sapi/v1/capital/deposit/subHisrec: a master does not see when a deposit was credited."""
    return [{name: row[name] for name in row if name not in OF_ONES_OWN} for row in deposits(asked)]


def _deposit(deposit: Deposit) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": deposit.id,
        "amount": plain(deposit.told()),
        "coin": deposit.asset,
        "network": deposit.asset,
        "status": DEPOSIT_STATES.get(deposit.status, deposit.status),
        "address": "paper",
        "addressTag": "",
        "txId": deposit.transaction,
        "insertTime": milliseconds(deposit.inserted_at),
        "transferType": 0,
        "confirmTimes": "1/1",
        "unlockConfirm": 1,
        "walletType": 0,
        "travelRuleStatus": 0,
    }
    if deposit.completed_at:
        row["completeTime"] = milliseconds(deposit.completed_at)
    return row


def withdrawals(asked: Asked) -> Any:
    """GET /sapi/v1/capital/withdraw/history"""
    since, until = _window(asked)
    rows = asked.venue.histories.withdrawals(asked.account.name, since, until)
    is_inside = bool(asked.account.tells_fee_inside)
    return _page(asked, [_withdrawal(w, is_inside=is_inside) for w in reversed(rows)])


def _withdrawal(withdrawal: Withdrawal, *, is_inside: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": withdrawal.id,
        "amount": plain(withdrawal.told(with_fee=is_inside)),
        "transactionFee": plain(withdrawal.fee),
        "coin": withdrawal.asset,
        "status": WITHDRAWAL_STATES.get(withdrawal.status, withdrawal.status),
        "address": "paper",
        "txId": withdrawal.transaction,
        "applyTime": _utc_text(withdrawal.applied_at),
        "network": withdrawal.asset,
        "transferType": 0,
        "info": "",
        "confirmNo": 1,
        "walletType": 0,
        "txKey": "",
    }
    if withdrawal.completed_at:
        row["completeTime"] = _utc_text(withdrawal.completed_at)
    return row


def _utc_text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _window(asked: Asked) -> tuple[datetime, datetime]:
    until = asked.time("endTime") or asked.now
    since = asked.time("startTime") or until - LONGEST_WINDOW
    if until - since > LONGEST_WINDOW:
        raise Refusal(-9000, "The interval between startTime and endTime can't exceed 90 days.")
    return since, until


def _page(asked: Asked, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    limit, offset = min(asked.number("limit", MOST_ROWS), MOST_ROWS), asked.number("offset", 0)
    return rows[offset : offset + limit]

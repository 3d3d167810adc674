"""/api/v3: deposits, withdrawals, transfers and small balances, with MEXC's windows and pages."""

from datetime import datetime, timedelta
from typing import Any

from paper.histories.accounts import Deposit, HistoryRow, Withdrawal
from paper.wire.mexc.request import Asked, milliseconds, plain
from paper.wire.refusal import Refusal

WINDOW, REACH = timedelta(days=7), timedelta(days=90)
HALF_YEAR, YEAR = timedelta(days=183), timedelta(days=365)
MOST_ROWS, MOST_TRANSFERS, MOST_SUBS, REBATES_A_PAGE = 1000, 100, 200, 10
DEPOSIT_STATES = {"pending": 4, "credited": 5}
WITHDRAWAL_STATES = {"processing": 4, "completed": 7, "cancelled": 9, "rejected": 8}
TOO_OLD = "start time cannot be earlier than 90 days"


def deposits(asked: Asked) -> Any:
    """GET /api/v3/capital/deposit/hisrec: rows without ids."""
    since, until = _window(asked)
    rows = [d for d in asked.account.deposits if since <= d.inserted_at <= until and d.shown_at <= asked.now]
    return [_deposit(d) for d in reversed(rows)][: asked.number("limit", MOST_ROWS)]


def _deposit(deposit: Deposit) -> dict[str, Any]:
    return {
        "amount": plain(deposit.told()),
        "coin": deposit.asset,
        "network": deposit.asset,
        "status": DEPOSIT_STATES.get(deposit.status, 4),
        "address": "paper",
        "txId": f"{deposit.transaction}:0" if deposit.transaction else "",
        "insertTime": milliseconds(deposit.inserted_at),
        "unlockConfirm": "1",
        "confirmTimes": "1",
        "memo": "",
    }


def withdrawals(asked: Asked) -> Any:
    """GET /api/v3/capital/withdraw/history: the fee is part of the amount, unless a story says otherwise."""
    since, until = _window(asked)
    rows = [w for w in asked.account.withdrawals if since <= w.applied_at <= until]
    return [_withdrawal(asked, w) for w in reversed(rows)][: asked.number("limit", MOST_ROWS)]


def _withdrawal(asked: Asked, withdrawal: Withdrawal) -> dict[str, Any]:
    return {
        "id": withdrawal.id,
        "withdrawOrderId": None,
        "txId": None,
        "coin": withdrawal.asset,
        "network": withdrawal.asset,
        "address": "paper",
        "amount": plain(withdrawal.told(with_fee=asked.account.tells_fee_inside is not False)),
        "transferType": 0,
        "status": WITHDRAWAL_STATES.get(withdrawal.status, 4),
        "transactionFee": plain(withdrawal.fee),
        "confirmNo": None,
        "applyTime": milliseconds(withdrawal.applied_at),
        "remark": "",
        "memo": "",
        "transHash": withdrawal.transaction or None,
        "updateTime": milliseconds(withdrawal.completed_at or withdrawal.applied_at),
        "coinId": f"coin-{withdrawal.asset}",
        "vcoinId": f"vcoin-{withdrawal.asset}",
    }


def internal(asked: Asked) -> Any:
    """GET /api/v3/capital/transfer/internal: to and from other users."""
    since, until = _window(asked)
    rows = [r for r in asked.account.rows if r.history == "pay" and since <= r.at <= until and r.shown_at <= asked.now]
    size, number = min(asked.number("limit", 10), MOST_TRANSFERS), max(1, asked.number("page", 1))
    found = [_internal(asked, row) for row in reversed(rows)]
    page = found[(number - 1) * size : number * size]
    return {"page": number, "totalRecords": len(found), "totalPageNum": -(-len(found) // size), "data": page}


def _internal(asked: Asked, row: HistoryRow) -> dict[str, Any]:
    own, other = str(asked.account.uid), "1****9"
    giver, taker = (own, other) if row.amount < 0 else (other, own)
    return {
        "tranId": row.id,
        "asset": row.asset,
        "amount": plain(abs(row.amount)),
        "toAccountType": "UID",
        "toAccount": taker,
        "fromAccount": giver,
        "status": "SUCCESS",
        "timestamp": milliseconds(row.at),
    }


def transfers(asked: Asked) -> Any:
    """GET /api/v3/capital/transfer: between spot and futures, in one direction."""
    source, target = asked.text("fromAccountType"), asked.text("toAccountType")
    since = asked.time("startTime") or asked.now - WINDOW
    if asked.now - since > HALF_YEAR or {source, target} != {"SPOT", "FUTURES"}:
        raise Refusal(700004, "fromAccountType, toAccountType or startTime is illegal")
    sign = 1 if target == "FUTURES" else -1
    found = [row for row in list_transfers(asked) if row.amount * sign > 0 and since <= row.at <= asked.now]
    size, number = min(asked.number("size", 10), MOST_TRANSFERS), max(1, asked.number("page", 1))
    rows = [
        {
            "tranId": row.id,
            "clientTranId": "",
            "asset": row.asset,
            "amount": plain(abs(row.amount)),
            "fromAccountType": source,
            "toAccountType": target,
            "fromSymbol": source,
            "toSymbol": target,
            "status": "SUCCESS",
            "timestamp": milliseconds(row.at),
        }
        for row in reversed(found)
    ]
    return {"rows": rows[(number - 1) * size : number * size], "total": len(rows)}


def list_transfers(asked: Asked) -> list[HistoryRow]:
    """What went from spot to futures (+) and back (-), oldest first."""
    return [r for r in asked.account.rows if r.history in ("usd_m", "coin_m") and r.extra["kind"] == "transfer"]


def sub_accounts(asked: Asked) -> Any:
    """GET /api/v3/sub-account/list, for a master's key."""
    _check_is_master(asked)
    names = [name for name, account in asked.venue.accounts.items() if account.master == asked.account.name]
    size, number = min(asked.number("limit", 10), MOST_SUBS), max(1, asked.number("page", 1))
    page = names[(number - 1) * size : number * size]
    return {"subAccounts": [{"subAccount": _name(name), "isFreeze": False, "createTime": 0} for name in page]}


def sub_transfers(asked: Asked) -> Any:
    """GET /api/v3/capital/sub-account/universalTransfer, for a master's key: an end that is not named is the master."""
    _check_is_master(asked)
    since, until = _window(asked)
    types = asked.text("fromAccountType"), asked.text("toAccountType")
    giver, taker = (asked.parameters.get(end) or _name(asked.account.name) for end in ("fromAccount", "toAccount"))
    rows = {
        row.id: row
        for account in asked.venue.accounts.values()
        if asked.account.name in (account.name, account.master)
        for row in account.rows
        if row.history == "transfer" and since <= row.at <= until and row.shown_at <= asked.now
    }
    items = [
        {
            "tranId": row.id,
            "fromAccount": giver,
            "toAccount": taker,
            "clientTranId": "",
            "asset": row.asset,
            "amount": plain(row.amount),
            "fromAccountType": "SPOT",
            "toAccountType": "SPOT",
            "status": "SUCCESS",
            "timestamp": milliseconds(row.at),
        }
        for row in reversed(list(rows.values()))
        if (_name(row.extra["giver"]), _name(row.extra["taker"])) == (giver, taker) and types == ("SPOT", "SPOT")
    ]
    size, number = min(asked.number("limit", 500), 500), max(1, asked.number("page", 1))
    return {"result": items[(number - 1) * size : number * size], "totalCount": len(items)}


def _name(name: object) -> str:
    return f"{name}@paper.example"


def _check_is_master(asked: Asked) -> None:
    if asked.account.master:
        raise Refusal(140002, "sub account is forbidden")


def small_balances(asked: Asked) -> Any:
    """GET /api/v3/capital/convert: what became MX; one entry a page unless told otherwise."""
    since, until = asked.time("startTime") or asked.now - REACH, asked.time("endTime") or asked.now
    dust = [one for one in asked.account.dust if since <= one.at <= until]
    groups = sorted({one.group for one in dust}, reverse=True)
    size, number = min(asked.number("limit", 1), MOST_TRANSFERS), max(1, asked.number("page", 1))
    entries = []
    for group in groups[(number - 1) * size : number * size]:
        parts = [one for one in dust if one.group == group]
        entries.append(
            {
                "totalConvert": plain(sum((one.got + one.charge for one in parts[1:]), parts[0].got + parts[0].charge)),
                "totalFee": plain(sum((one.charge for one in parts[1:]), parts[0].charge)),
                "convertTime": milliseconds(parts[0].at),
                "convertDetails": [
                    {
                        "id": f"dust{one.id}",
                        "convert": plain(one.got + one.charge),
                        "fee": plain(one.charge),
                        "amount": plain(one.amount),
                        "time": milliseconds(one.at),
                        "asset": one.asset,
                    }
                    for one in parts
                ],
            }
        )
    pages = -(-len(groups) // size) if groups else 0
    return {"data": entries, "totalRecords": len(groups), "page": number, "totalPageNum": pages}


def rebates(asked: Asked) -> Any:
    """GET /api/v3/rebate/detail: of the people who were invited, ten a page."""
    since, until = asked.time("startTime") or asked.now - YEAR, asked.time("endTime") or asked.now
    rows = [r for r in asked.account.rows if r.history == "rebate" and since <= r.at <= until]
    return _page_of_rebates(asked, [_rebate(row) for row in reversed(rows)])


def own_rebates(asked: Asked) -> Any:
    """GET /api/v3/rebate/detail/kickback: nobody here gets back of what it pays itself."""
    return _page_of_rebates(asked, [])


def _rebate(row: HistoryRow) -> dict[str, Any]:
    return {
        "asset": row.asset,
        "type": "spot",
        "rate": "0.3",
        "amount": plain(row.amount),
        "uid": "1",
        "account": "1****9",
        "tradeTime": milliseconds(row.at),
        "updateTime": milliseconds(row.at),
    }


def _page_of_rebates(asked: Asked, found: list[dict[str, Any]]) -> dict[str, Any]:
    number, pages = max(1, asked.number("page", 1)), -(-len(found) // REBATES_A_PAGE)
    page = found[(number - 1) * REBATES_A_PAGE : number * REBATES_A_PAGE]
    return {"page": number, "totalRecords": len(found), "totalPageNum": pages, "data": page}


def _window(asked: Asked) -> tuple[datetime, datetime]:
    until = asked.time("endTime") or asked.now
    since = asked.time("startTime") or until - WINDOW
    if asked.now - since > REACH + timedelta(minutes=1):
        raise Refusal(400, TOO_OLD)
    if until - since > WINDOW:
        raise Refusal(700004, "The interval between startTime and endTime can't exceed 7 days.")
    return since, until

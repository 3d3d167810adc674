"""/wallet and /flash_swap: deposits, withdrawals, what went to other users and inside the family, and converts."""

from typing import Any

from paper.histories.accounts import Conversion, Deposit, HistoryRow, Withdrawal
from paper.wire.gate.request import MONTH, Asked, milliseconds, plain, seconds

DEPOSITS = {"pending": "PEND", "credited": "DONE"}
WITHDRAWALS = {"processing": "PROCES", "completed": "DONE", "cancelled": "CANCEL", "rejected": "FAIL"}
OTHER_USER = 99_999_999


def deposits(asked: Asked) -> Any:
    """GET /wallet/deposits"""
    since, until = asked.window()
    rows = [d for d in asked.account.deposits if since <= d.inserted_at <= until and d.shown_at <= asked.now]
    return [_deposit(row) for row in asked.page(rows[::-1], most=500)]


def _deposit(deposit: Deposit) -> dict[str, str]:
    return {
        "id": f"d{deposit.id}",
        "currency": deposit.asset,
        "address": "paper",
        "amount": plain(deposit.told()),
        "txid": deposit.transaction,
        "chain": deposit.asset,
        "timestamp": seconds(deposit.completed_at or deposit.inserted_at),
        "status": DEPOSITS.get(deposit.status, "PEND"),
        "memo": "",
    }


def withdrawals(asked: Asked) -> Any:
    """GET /wallet/withdrawals: the fee is part of the amount, unless a story says otherwise."""
    since, until = asked.window()
    rows = [w for w in asked.account.withdrawals if since <= w.applied_at <= until]
    return [_withdrawal(asked, row) for row in asked.page(rows[::-1])]


def _withdrawal(asked: Asked, withdrawal: Withdrawal) -> dict[str, str]:
    row = {
        "id": f"w{withdrawal.id}",
        "currency": withdrawal.asset,
        "address": "paper",
        "amount": plain(withdrawal.told(with_fee=asked.account.tells_fee_inside is not False)),
        "fee": plain(withdrawal.fee),
        "txid": withdrawal.transaction if withdrawal.status == "completed" else "",
        "chain": withdrawal.asset,
        "timestamp": seconds(withdrawal.applied_at),
        "status": WITHDRAWALS.get(withdrawal.status, "REQUEST"),
        "withdraw_order_id": "",
        "memo": "",
    }
    return row | ({"timestamp2": seconds(withdrawal.completed_at)} if withdrawal.completed_at else {})


def pushes(asked: Asked) -> Any:
    """GET /wallet/push: to other users, or with transaction_type=deposit from them."""
    since, until = asked.window()
    is_in = asked.parameters.get("transaction_type", "withdraw") == "deposit"
    rows = [
        row
        for row in reversed(asked.account.rows)
        if row.history == "pay" and (row.amount > 0) == is_in and since <= row.at <= until and row.shown_at <= asked.now
    ]
    return [_push(asked, row) for row in asked.page(rows)]


def _push(asked: Asked, row: HistoryRow) -> dict[str, Any]:
    giver, taker = (OTHER_USER, asked.account.uid) if row.amount > 0 else (asked.account.uid, OTHER_USER)
    return {
        "id": int(row.id),
        "push_uid": giver,
        "receive_uid": taker,
        "currency": row.asset,
        "amount": plain(abs(row.amount)),
        "status": "RECEIVED",
        "create_time": int(row.at.timestamp()),
        "message": "",
        "transaction_type": "deposit" if row.amount > 0 else "withdraw",
    }


def sub_transfers(asked: Asked) -> Any:
    """GET /wallet/sub_account_transfers: of the whole family; `to` and `from` are the main account's words."""
    since, until = asked.window()
    accounts = asked.venue.accounts
    rows = {
        row.id: row
        for account in accounts.values()
        if asked.account.name in (account.name, account.master)
        for row in account.rows
        if row.history == "transfer" and since <= row.at <= until and row.shown_at <= asked.now
    }
    found = []
    for row in asked.page(list(rows.values())[::-1], most=500):
        giver, taker = accounts[str(row.extra["giver"])], accounts[str(row.extra["taker"])]
        is_to = not giver.master
        found.append(
            {
                "uid": str((giver if is_to else taker).uid),
                "timest": seconds(row.at),
                "source": "web",
                "client_order_id": f"paper{row.id}",
                "currency": row.asset,
                "sub_account": str((taker if is_to else giver).uid),
                "direction": "to" if is_to else "from",
                "amount": plain(row.amount),
                "sub_account_type": "spot",
                "status": "success",
            }
        )
    return found


def converts(asked: Asked) -> Any:
    """GET /flash_swap/orders: newest first, by pages alone; times are milliseconds."""
    return [_convert(asked, one) for one in asked.page(asked.account.conversions[::-1])]


def _convert(asked: Asked, one: Conversion) -> dict[str, Any]:
    return {
        "id": one.id,
        "create_time": milliseconds(one.at),
        "user_id": asked.account.uid,
        "sell_currency": one.paid,
        "sell_amount": plain(one.amount),
        "buy_currency": one.bought,
        "buy_amount": plain(one.got),
        "price": plain(one.got / one.amount),
        "status": 1,
    }


def interest(asked: Asked) -> Any:
    """GET /earn/uni/interest_records: what lent coins earned."""
    since, until = asked.window()
    rows = [r for r in reversed(asked.account.rows) if r.history == "reward" and since <= r.at <= until]
    return [
        {
            "status": 1,
            "currency": row.asset,
            "actual_rate": "0",
            "interest": plain(row.amount),
            "interest_status": "interest_dividend",
            "create_time": milliseconds(row.at),
        }
        for row in asked.page(rows, most=100)
    ]


def charges(asked: Asked) -> Any:
    """GET /unified/interest_records and /margin/uni/interest_records: interest on debts, by which of them it is of."""
    since, until = asked.window(longest=MONTH * 12)
    is_pool = asked.account.is_unified
    rows = [r for r in reversed(asked.account.rows) if r.history == "interest" and since <= r.at <= until]
    found = [row for row in rows if bool(row.extra.get("pair")) != is_pool]
    return [
        {
            "status": 1,
            "currency_pair": str(row.extra.get("pair", "")).replace("USDT", "_USDT"),
            "currency": row.asset,
            "actual_rate": "0",
            "interest": plain(row.amount),
            "type": "platform" if is_pool else "margin",
            "create_time": milliseconds(row.at),
        }
        for row in asked.page(found, most=100)
    ]

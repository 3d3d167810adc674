"""Deposits, withdrawals, transfers inside a family, converts and small balances, of both generations."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from paper.histories.accounts import Conversion, Deposit, Dust, HistoryRow, Withdrawal
from paper.wire.bitget.refusals import illegal
from paper.wire.bitget.request import MONTH, QUARTER, Asked, plain, stamp

BOTH_ENDS = ("startTime", "endTime")
DEPOSIT_STATES = {"pending": "pending", "credited": "success"}
WITHDRAWAL_STATES = {"processing": "pending", "completed": "success", "cancelled": "fail", "rejected": "reject"}
PRICE_STEP = Decimal("1e-8")


def deposits(asked: Asked) -> Any:
    """GET /api/v2/spot/wallet/deposit-records"""
    found = _deposits(asked, QUARTER)
    rows = asked.page(found, _number, default=20)
    return [_deposit(deposit) | _times(deposit.inserted_at, deposit.completed_at, "cTime", "uTime") for deposit in rows]


def unified_deposits(asked: Asked) -> Any:
    """GET /api/v3/account/deposit-records"""
    rows = asked.page(_deposits(asked, MONTH), _number, default=20, before="cursor")
    return [
        _renamed(_deposit(deposit)) | _times(deposit.inserted_at, deposit.completed_at, "createdTime", "updatedTime")
        for deposit in rows
    ]


def _deposits(asked: Asked, longest: timedelta) -> Iterable[Deposit]:
    since, until = asked.window(longest, needed=BOTH_ENDS)
    coin = asked.parameters.get("coin", "")
    return [
        deposit
        for deposit in asked.account.deposits
        if since <= deposit.inserted_at <= until and deposit.shown_at <= asked.now and coin in ("", deposit.asset)
    ]


def _number(flow: Deposit | Withdrawal) -> int:
    """A flow's id as Bitget writes it: figures alone."""
    return int(flow.id[1:])


def _times(asked_at: datetime, changed_at: datetime | None, first: str, last: str) -> dict[str, str]:
    """When it was seen, and when it last changed."""
    return {first: stamp(asked_at), last: stamp(changed_at or asked_at)}


def _way(flow: Deposit | Withdrawal) -> str:
    """Over the chain; or without a transaction inside the exchange, and then the order's id stands for one."""
    return "on_chain" if flow.transaction else "internal_transfer"


def _deposit(deposit: Deposit) -> dict[str, Any]:
    return {
        "orderId": str(_number(deposit)),
        "tradeId": deposit.transaction or str(_number(deposit)),
        "coin": deposit.asset,
        "type": "deposit",
        "size": plain(deposit.told()),
        "status": DEPOSIT_STATES.get(deposit.status, deposit.status),
        "toAddress": "paper",
        "dest": _way(deposit),
        "chain": deposit.asset,
        "fromAddress": None,
    }


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the unified account's history names it."""
    return {"recordId" if name == "tradeId" else name: value for name, value in row.items()}


def withdrawals(asked: Asked) -> Any:
    """GET /api/v2/spot/wallet/withdrawal-records"""
    rows = asked.page(_withdrawals(asked, QUARTER), _number, default=20)
    return [_withdrawal(asked, w) | _times(w.applied_at, w.completed_at, "cTime", "uTime") for w in rows]


def unified_withdrawals(asked: Asked) -> Any:
    """GET /api/v3/account/withdrawal-records"""
    rows = asked.page(_withdrawals(asked, MONTH), _number, default=20, before="cursor")
    return [
        _renamed(_withdrawal(asked, w))
        | {"fee": plain(w.fee)}  # positive here
        | _times(w.applied_at, w.completed_at, "createdTime", "updatedTime")
        for w in rows
    ]


def _withdrawals(asked: Asked, longest: timedelta) -> Iterable[Withdrawal]:
    since, until = asked.window(longest, needed=BOTH_ENDS)
    coin = asked.parameters.get("coin", "")
    return [w for w in asked.account.withdrawals if since <= w.applied_at <= until and coin in ("", w.asset)]


def _withdrawal(asked: Asked, withdrawal: Withdrawal) -> dict[str, Any]:
    """The fee is negative, and inside the size unless the story says that it is on top."""
    is_inside = asked.account.tells_fee_inside is not False
    return {
        "orderId": str(_number(withdrawal)),
        "tradeId": withdrawal.transaction or str(_number(withdrawal)),
        "coin": withdrawal.asset,
        "dest": _way(withdrawal),
        "clientOid": "",
        "type": "withdraw",
        "tag": "",
        "size": plain(withdrawal.told(with_fee=is_inside)),
        "fee": plain(-withdrawal.fee),
        "status": WITHDRAWAL_STATES.get(withdrawal.status, withdrawal.status),
        "toAddress": "paper",
        "fromAddress": "paper",
        "confirm": "1",
        "chain": withdrawal.asset,
    }


def sub_transfers(asked: Asked) -> Any:
    """GET /api/v2/spot/account/sub-main-trans-record"""
    rows = asked.page(_transfers(asked), _row_number)
    return [_transfer(asked, row) | {"size": plain(row.amount), "ts": stamp(row.at)} for row in rows]


def unified_sub_transfers(asked: Asked) -> Any:
    """GET /api/v3/account/sub-transfer-record"""
    rows = asked.page(_transfers(asked), _row_number, before="cursor")
    told = [
        _transfer(asked, row)
        | {"amount": plain(row.amount), "oldTransferId": row.id}
        | _times(row.at, row.at, "createdTime", "updatedTime")
        for row in rows
    ]
    return {"list": told, "cursor": rows[-1].id if rows else ""}


def _transfers(asked: Asked) -> list[HistoryRow]:
    """What the account, or a sub-account of it, gave (by default) or got inside the family."""
    since, until = asked.window(QUARTER)
    role = asked.parameters.get("role") or "initiator"
    if role not in ("initiator", "receiver"):
        raise illegal("role")
    uid, side = asked.parameters.get("subUid", ""), "giver" if role == "initiator" else "taker"
    family = [a for a in asked.venue.accounts.values() if a is asked.account or a.master == asked.account.name]
    of = next((a for a in family if str(a.uid) == uid), None) if uid else asked.account
    if of is None:
        raise illegal("subUid")
    return [
        row
        for row in of.rows
        if row.history == "transfer"
        and row.extra[side] == of.name
        and since <= row.at <= until
        and row.shown_at <= asked.now
    ]


def _row_number(row: HistoryRow) -> int:
    return int(row.id)


def _transfer(asked: Asked, row: HistoryRow) -> dict[str, str]:
    giver, taker = (asked.venue.accounts[row.extra[side]] for side in ("giver", "taker"))
    return {
        "coin": row.asset,
        "status": "Successful",
        "toType": "unified" if taker.is_unified else "spot",
        "fromType": "unified" if giver.is_unified else "spot",
        "clientOid": row.id,
        "transferId": row.id,
        "fromUserId": str(giver.uid),
        "toUserId": str(taker.uid),
    }


def converts(asked: Asked) -> Any:
    """GET /api/v2/convert/convert-record"""
    rows = _converts(asked, "idLessThan", 20)
    told = [
        _convert(row) | {"id": str(row.id), "cnvtPrice": _price(row), "fee": "0", "ts": stamp(row.at)} for row in rows
    ]
    return {"dataList": told, "endId": str(rows[-1].id) if rows else ""}


def unified_converts(asked: Asked) -> Any:
    """GET /api/v3/account/convert-records: without ids"""
    rows = _converts(asked, "cursor", 100)
    told = [_convert(row) | {"price": _price(row), "ts": stamp(row.at)} for row in rows]
    return {"list": told, "cursor": str(rows[-1].id) if rows else ""}


def _converts(asked: Asked, before: str, default: int) -> list[Conversion]:
    since, until = asked.window(QUARTER, needed=BOTH_ENDS if before == "idLessThan" else ())
    found = [row for row in asked.account.conversions if since <= row.at <= until]
    return asked.page(found, lambda row: row.id, before=before, default=default)


def _convert(row: Conversion) -> dict[str, str]:
    return {
        "fromCoin": row.paid,
        "fromCoinSize": plain(row.amount),
        "toCoin": row.bought,
        "toCoinSize": plain(row.got),
    }


def _price(row: Conversion) -> str:
    return plain((row.got / row.amount).quantize(PRICE_STEP))


def small_balances(asked: Asked) -> Any:
    """GET /api/v2/convert/bgb-convert-records: a row a coin, and its fee taken off"""
    since, until = asked.window(QUARTER)
    found = [row for row in asked.account.dust if since <= row.at <= until]
    rows = asked.page(found, lambda row: row.id, default=20)
    fees = [[{"feeCoin": "BNB", "fee": plain(row.charge)}] for row in rows]
    return [_small(row) | {"feeDetail": fee, "ctime": stamp(row.at)} for row, fee in zip(rows, fees, strict=True)]


def unified_small_balances(asked: Asked) -> Any:
    """GET /api/v3/convert/small-assets-history: of the last 90 days, 30 at once"""
    since, until = asked.window(MONTH, reach=QUARTER)
    found = [row for row in asked.account.dust if since <= row.at <= until]
    rows = asked.page(found, lambda row: row.id, default=20, before="cursor")
    told = [
        _small(row) | {"feeDetail": {"feeCoin": "BNB", "fee": plain(row.charge)}, "createdTime": stamp(row.at)}
        for row in rows
    ]
    return {"list": told, "cursor": str(rows[-1].id) if rows else ""}


def _small(row: Dust) -> dict[str, Any]:
    return {
        "orderId": str(row.id),
        "fromCoin": row.asset,
        "fromAmount": plain(row.amount),
        "fromCoinPrice": plain(((row.got + row.charge) / row.amount).quantize(PRICE_STEP) if row.amount else row.got),
        "toCoin": "BNB",
        "toAmount": plain(row.got),
        "toCoinPrice": "1",
        "status": "success",
    }

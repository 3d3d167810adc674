"""/sapi: fiat orders and payments, P2P, Pay, and transfers inside a family, with Binance's windows and pages."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from paper.accounts import HistoryRow
from paper.wire.refusals import Refusal
from paper.wire.request import Asked, milliseconds, plain

MONTH, QUARTER, WEEK = timedelta(days=30), timedelta(days=90), timedelta(days=7)
HALF_YEAR = timedelta(days=183)
NO_SUB = Refusal(-12022, "This account has no sub-accounts and is none.")
NO_SUBS = Refusal(-8012, "Sub-account function is not enabled.")
FIAT_STATES = {
    "started": "Processing",
    "completed": "Successful",
    "failed": "Failed",
    "refunded": "Refunded",
    "expired": "Expired",
}
P2P_STATES = {"started": "TRADING", "completed": "COMPLETED", "cancelled": "CANCELLED"}


def told_rows(asked: Asked, history: str, since: datetime, until: datetime) -> list[HistoryRow]:
    """The rows of a history in [since, until] that it tells by now, oldest first."""
    return [
        row
        for row in asked.account.rows
        if row.history == history and since <= row.at <= until and row.shown_at <= asked.now
    ]


def window(
    asked: Asked,
    longest: timedelta,
    start: str = "startTime",
    end: str = "endTime",
    *,
    kept: timedelta | None = None,
) -> tuple[datetime, datetime]:
    """The range asked for; the last `longest` without one. Raises Refusal when it is longer, or older than `kept`."""
    until = asked.time(end) or asked.now
    since = asked.time(start) or until - longest
    if until - since > longest:
        raise Refusal(-1127, f"More than {longest.days} days between {start} and {end}.")
    if kept and since < asked.now - kept:
        raise Refusal(-1127, f"{start} is more than {kept.days} days ago.")
    return since, until


def page(asked: Asked, rows: list[Any], size: str, most: int, number: str = "page") -> list[Any]:
    """One page of rows, by number from 1 and size."""
    rows_each, index = min(asked.number(size, most), most), asked.number(number, 1)
    return rows[(index - 1) * rows_each : index * rows_each]


def _envelope(rows: list[Any], total: int) -> dict[str, Any]:
    return {"code": "000000", "message": "success", "data": rows, "total": total, "success": True}


def fiat_orders(asked: Asked) -> Any:
    """GET /sapi/v1/fiat/orders"""
    since, until = window(asked, MONTH, "beginTime", "endTime")
    direction = asked.number("transactionType", 0)
    rows = [row for row in told_rows(asked, "fiat order", since, until) if row.told["is_out"] == bool(direction)]
    told = [
        {
            "orderNo": row.id,
            "fiatCurrency": row.asset,
            "indicatedAmount": plain(row.amount + row.told["fee"]),
            "amount": plain(row.amount),
            "totalFee": plain(row.told["fee"]),
            "method": "BankAccount",
            "status": FIAT_STATES.get(row.status, row.status),
            "createTime": milliseconds(row.at),
            "updateTime": milliseconds(row.changed_at),
        }
        for row in reversed(rows)
    ]
    return _envelope(page(asked, told, "rows", 500), len(told))


def fiat_payments(asked: Asked) -> Any:
    """GET /sapi/v1/fiat/payments"""
    since, until = window(asked, MONTH, "beginTime", "endTime")
    direction = asked.number("transactionType", 0)
    rows = [row for row in told_rows(asked, "fiat payment", since, until) if row.told["is_out"] == bool(direction)]
    told = [_payment(row, is_sale=bool(direction)) for row in reversed(rows)]
    return _envelope(page(asked, told, "rows", 500), len(told))


def _payment(row: HistoryRow, *, is_sale: bool) -> dict[str, Any]:
    """The source is the bank's money, of a sale as well; how it was paid is told of purchases only."""
    told = {
        "orderNo": row.id,
        "sourceAmount": plain(row.told["money"]),
        "fiatCurrency": row.told["currency"],
        "obtainAmount": plain(row.amount),
        "cryptoCurrency": row.asset,
        "totalFee": plain(row.told["fee"]),
        "price": plain((row.told["money"] / row.amount).quantize(Decimal("1e-8"))),
        "status": "Completed",
        "createTime": milliseconds(row.at),
        "updateTime": milliseconds(row.changed_at),
    }
    return told if is_sale else told | {"paymentMethod": "Cash Balance" if row.told["is_cash"] else "Card"}


def p2p_orders(asked: Asked) -> Any:
    """GET /sapi/v1/c2c/orderMatch/listUserOrderHistory"""
    since, until = window(asked, MONTH, "startTimestamp", "endTimestamp", kept=HALF_YEAR)
    wanted = asked.parameters.get("tradeType", "")
    rows = told_rows(asked, "p2p", since, until)
    told = [
        {
            "orderNumber": row.id,
            "advNo": "1",
            "tradeType": "SELL" if row.told["is_out"] else "BUY",
            "asset": row.asset,
            "fiat": "TRY",
            "fiatSymbol": "₺",
            "amount": plain(row.amount),
            "totalPrice": "0",
            "unitPrice": "0",
            "orderStatus": P2P_STATES.get(row.status, row.status),
            "createTime": milliseconds(row.at),
            "commission": plain(row.told["fee"]),
            "counterPartNickName": "pa**",
            "payMethodName": "BANK",
            "additionalKycVerify": 0,
            "advertisementRole": "MAKER",
        }
        for row in reversed(rows)
        if wanted in ("", "SELL" if row.told["is_out"] else "BUY")
    ]
    return _envelope(page(asked, told, "rows", 100), len(told))


def pay_transactions(asked: Asked) -> Any:
    """GET /sapi/v1/pay/transactions: the newest hundred, and no pages."""
    since, until = window(asked, QUARTER)
    told = [
        {
            "orderType": row.told["style"],
            "transactionId": row.id,
            "transactionTime": milliseconds(row.at),
            "amount": plain(row.amount),
            "currency": row.asset,
            "walletType": _pay_wallet(row),
            "walletTypes": [_pay_wallet(row)],
            "totalPaymentFee": plain(row.told["fee"]),
            "fundsDetail": [_fund(row)],
            "payerInfo": {"name": "paper", "type": "USER", "binanceId": "1"},
            "receiverInfo": {
                "name": "paper",
                "type": "USER",
                "email": "paper",
                "binanceId": "1",
                "accountId": "1",
                "countryCode": "",
                "phoneNumber": "",
                "mobileCode": "",
                "extend": {"institutionName": "", "cardNumber": "", "digitalWalletId": ""},
            },
        }
        for row in reversed(told_rows(asked, "pay", since, until))
    ]
    rows = told[: min(asked.number("limit", 100), 100)]
    return {"code": "000000", "message": "success", "data": rows, "success": True}


def _pay_wallet(row: HistoryRow) -> int:
    """The number of what was paid from: a card, or the funding wallet."""
    return 4 if row.told["is_card"] else 1


def _fund(row: HistoryRow) -> dict[str, Any]:
    amount = plain(abs(row.amount))
    return {"currency": row.asset, "amount": amount, "walletAssetCost": {str(_pay_wallet(row)): amount}}


def sub_transfers(asked: Asked) -> Any:
    """GET /sapi/v1/sub-account/transfer/subUserHistory, for a sub-account's own key."""
    if not asked.account.master:
        raise NO_SUB
    since, until = window(asked, MONTH)
    side = "taker" if asked.number("type", 2) == 1 else "giver"
    rows = [row for row in told_rows(asked, "transfer", since, until) if row.told[side] == asked.account.name]
    told = [
        {
            "counterParty": "master",
            "email": email(asked.account.master),
            "type": asked.number("type", 2),
            "asset": row.asset,
            "qty": plain(row.amount),
            "fromAccountType": "SPOT",
            "toAccountType": "SPOT",
            "status": "SUCCESS",
            "tranId": int(row.id),
            "time": milliseconds(row.at),
        }
        for row in reversed(rows)
    ]
    return told[: min(asked.number("limit", 500), 500)]


def email(name: str) -> str:
    """The address of an account."""
    return f"{name}@paper.example"


def sub_accounts(asked: Asked) -> Any:
    """GET /sapi/v1/sub-account/list, for a master's key."""
    told = [
        {
            "subUserId": account.uid,
            "email": email(account.name),
            "remark": "",
            "isFreeze": False,
            "createTime": milliseconds(account.created_at),
            "isManagedSubAccount": False,
            "isAssetManagementSubAccount": False,
        }
        for account in asked.venue.accounts.values()
        if account.master == asked.account.name
    ]
    if not told:
        raise NO_SUBS
    return {"subAccounts": page(asked, told, "limit", 200)}


def universal_transfers(asked: Asked) -> Any:
    """GET /sapi/v1/sub-account/universalTransfer, for a master's key: what one address sent or got; by default sent, its own."""
    since, until = window(asked, WEEK)
    taker = asked.parameters.get("toEmail")
    giver = asked.parameters.get("fromEmail") or ("" if taker else email(asked.account.name))
    family = [a for a in asked.venue.accounts.values() if asked.account.name in (a.name, a.master)]
    if len(family) == 1:
        raise NO_SUBS
    rows = {
        row.id: row
        for account in family
        for row in account.rows
        if row.history == "transfer"
        and since <= row.at <= until
        and row.shown_at <= asked.now
        and giver in ("", email(str(row.told["giver"])))
        and taker in (None, "", email(str(row.told["taker"])))
    }
    told = [
        {
            "tranId": int(row.id),
            "fromEmail": email(str(row.told["giver"])),
            "toEmail": email(str(row.told["taker"])),
            "asset": row.asset,
            "amount": plain(row.amount),
            "createTimeStamp": milliseconds(row.at),
            "fromAccountType": "SPOT",
            "toAccountType": "SPOT",
            "status": "SUCCESS",
        }
        for row in rows.values()
    ]
    return {"result": page(asked, told, "limit", 500), "totalCount": len(told)}

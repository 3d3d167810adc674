"""/sapi: fiat orders and payments, P2P, Pay, and transfers inside a family, with Binance's windows and pages."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from paper.histories.accounts import HistoryRow
from paper.wire.binance.request import Asked, milliseconds, plain
from paper.wire.refusal import Refusal

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


def shown_rows(asked: Asked, history: str, since: datetime, until: datetime) -> list[HistoryRow]:
    """The rows of a history in [since, until] that it shows by now, oldest first."""
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
    reach: timedelta | None = None,
) -> tuple[datetime, datetime]:
    """The range asked for; the last `longest` without one. Raises Refusal when it is longer, or goes back further than `reach`."""
    until = asked.time(end) or asked.now
    since = asked.time(start) or until - longest
    if until - since > longest:
        raise Refusal(-1127, f"More than {longest.days} days between {start} and {end}.")
    if reach and since < asked.now - reach:
        raise Refusal(-1127, f"{start} is more than {reach.days} days ago.")
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
    rows = [row for row in shown_rows(asked, "fiat order", since, until) if row.extra["is_out"] == bool(direction)]
    items = [
        {
            "orderNo": row.id,
            "fiatCurrency": row.asset,
            "indicatedAmount": plain(row.amount + row.extra["fee"]),
            "amount": plain(row.amount),
            "totalFee": plain(row.extra["fee"]),
            "method": "BankAccount",
            "status": FIAT_STATES.get(row.status, row.status),
            "createTime": milliseconds(row.at),
            "updateTime": milliseconds(row.changed_at),
        }
        for row in reversed(rows)
    ]
    return _envelope(page(asked, items, "rows", 500), len(items))


def fiat_payments(asked: Asked) -> Any:
    """GET /sapi/v1/fiat/payments"""
    since, until = window(asked, MONTH, "beginTime", "endTime")
    direction = asked.number("transactionType", 0)
    rows = [row for row in shown_rows(asked, "fiat payment", since, until) if row.extra["is_out"] == bool(direction)]
    items = [_payment(row, is_sale=bool(direction)) for row in reversed(rows)]
    return _envelope(page(asked, items, "rows", 500), len(items))


def _payment(row: HistoryRow, *, is_sale: bool) -> dict[str, Any]:
    """The source is the bank's money, of a sale as well; how it was paid is there for purchases only."""
    payment = {
        "orderNo": row.id,
        "sourceAmount": plain(row.extra["money"]),
        "fiatCurrency": row.extra["currency"],
        "obtainAmount": plain(row.amount),
        "cryptoCurrency": row.asset,
        "totalFee": plain(row.extra["fee"]),
        "price": plain((row.extra["money"] / row.amount).quantize(Decimal("1e-8"))),
        "status": "Completed",
        "createTime": milliseconds(row.at),
        "updateTime": milliseconds(row.changed_at),
    }
    return payment if is_sale else payment | {"paymentMethod": "Cash Balance" if row.extra["is_cash"] else "Card"}


def p2p_orders(asked: Asked) -> Any:
    """GET /sapi/v1/c2c/orderMatch/listUserOrderHistory"""
    since, until = window(asked, MONTH, "startTimestamp", "endTimestamp", reach=HALF_YEAR)
    wanted = asked.parameters.get("tradeType", "")
    rows = shown_rows(asked, "p2p", since, until)
    items = [
        {
            "orderNumber": row.id,
            "advNo": "1",
            "tradeType": "SELL" if row.extra["is_out"] else "BUY",
            "asset": row.asset,
            "fiat": "TRY",
            "fiatSymbol": "₺",
            "amount": plain(row.amount),
            "totalPrice": "0",
            "unitPrice": "0",
            "orderStatus": P2P_STATES.get(row.status, row.status),
            "createTime": milliseconds(row.at),
            "commission": plain(row.extra["fee"]),
            "counterPartNickName": "pa**",
            "payMethodName": "BANK",
            "additionalKycVerify": 0,
            "advertisementRole": "MAKER",
        }
        for row in reversed(rows)
        if wanted in ("", "SELL" if row.extra["is_out"] else "BUY")
    ]
    return _envelope(page(asked, items, "rows", 100), len(items))


def pay_transactions(asked: Asked) -> Any:
    """GET /sapi/v1/pay/transactions: the newest hundred, and no pages."""
    since, until = window(asked, QUARTER)
    items = [
        {
            "orderType": row.extra["style"],
            "transactionId": row.id,
            "transactionTime": milliseconds(row.at),
            "amount": plain(row.amount),
            "currency": row.asset,
            "walletType": _pay_wallet(row),
            "walletTypes": [_pay_wallet(row)],
            "totalPaymentFee": plain(row.extra["fee"]),
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
        for row in reversed(shown_rows(asked, "pay", since, until))
    ]
    rows = items[: min(asked.number("limit", 100), 100)]
    return {"code": "000000", "message": "success", "data": rows, "success": True}


def _pay_wallet(row: HistoryRow) -> int:
    """The number of what was paid from: a card, or the funding wallet."""
    return 4 if row.extra["is_card"] else 1


def _fund(row: HistoryRow) -> dict[str, Any]:
    amount = plain(abs(row.amount))
    return {"currency": row.asset, "amount": amount, "walletAssetCost": {str(_pay_wallet(row)): amount}}


def sub_transfers(asked: Asked) -> Any:
    """GET /sapi/v1/sub-account/transfer/subUserHistory, for a sub-account's own key."""
    if not asked.account.master:
        raise NO_SUB
    since, until = window(asked, MONTH)
    side = "taker" if asked.number("type", 2) == 1 else "giver"
    rows = [row for row in shown_rows(asked, "transfer", since, until) if row.extra[side] == asked.account.name]
    items = [
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
    return items[: min(asked.number("limit", 500), 500)]


def email(name: str) -> str:
    """The address of an account."""
    return f"{name}@paper.example"


def sub_accounts(asked: Asked) -> Any:
    """GET /sapi/v1/sub-account/list, for a master's key."""
    items = [
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
    if not items:
        raise NO_SUBS
    return {"subAccounts": page(asked, items, "limit", 200)}


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
        and giver in ("", email(str(row.extra["giver"])))
        and taker in (None, "", email(str(row.extra["taker"])))
    }
    items = [
        {
            "tranId": int(row.id),
            "fromEmail": email(str(row.extra["giver"])),
            "toEmail": email(str(row.extra["taker"])),
            "asset": row.asset,
            "amount": plain(row.amount),
            "createTimeStamp": milliseconds(row.at),
            "fromAccountType": "SPOT",
            "toAccountType": "SPOT",
            "status": "SUCCESS",
        }
        for row in rows.values()
    ]
    return {"result": page(asked, items, "limit", 500), "totalCount": len(items)}

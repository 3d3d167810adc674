"""Ledgers: spot, futures, margin, and the unified account's. In each, balance = the balance before + amount + fee."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from paper.histories.accounts import ContractFill
from paper.ledger.books import Row
from paper.stories.margin import find_isolated_pair
from paper.wire.bitget.kinds import TRADED, futures_type, margin_type, spot_kind, unified_category, unified_type
from paper.wire.bitget.refusals import illegal
from paper.wire.bitget.request import MONTH, QUARTER, Asked, plain, stamp
from paper.wire.bitget.symbols import CATEGORIES, is_settled_in, read_product, wire_name
from paper.wire.bitget.unified import CHARGED, POOL
from paper.wire.bitget.wallets import CROSSED, FUNDING, FUTURES, ISOLATED, SPOT

ZERO = Decimal(0)
CHARGES = ("commission", "fee")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A row of a ledger: what moved, and the fee that was taken with it."""

    row: Row
    amount: Decimal
    fee: Decimal
    balance: Decimal
    fill: ContractFill | None = None

    @property
    def number(self) -> int:
        """Its id."""
        return self.row.number


def _bills(asked: Asked, buckets: Iterable[str], window: tuple[datetime, datetime]) -> list[Bill]:
    """A wallet's ledger in a window, of the coin that is asked for, each fee in the row of what it was taken of."""
    found: list[Bill] = []
    for row in _rows(asked, buckets, window):
        last = found[-1] if found else None
        if row.why in CHARGES and last and _is_of(row, last):
            found[-1] = replace(last, fee=row.change, balance=row.balance)
        elif row.why == "commission" and row.other[0] == "house" and _is_contract(row):
            found.append(Bill(row=row, amount=ZERO, fee=row.change, balance=row.balance))
        else:
            found.append(Bill(row=row, amount=row.change, fee=ZERO, balance=row.balance))
    since, until = window
    fills = {(f.at, f.symbol, f.commission): f for f in asked.account.contract_fills if since <= f.at <= until}
    keys = [(bill.row.at, bill.row.about, -bill.fee) if _is_contract(bill.row) else None for bill in found]
    return [replace(bill, fill=fills.get(key) if key else None) for bill, key in zip(found, keys, strict=True)]


def _rows(asked: Asked, buckets: Iterable[str], window: tuple[datetime, datetime]) -> list[Row]:
    rows, coin = asked.venue.books.wallet(asked.account.name, buckets), asked.parameters.get("coin", "")
    first, last = bisect_left(rows, window[0], key=_time), bisect_right(rows, window[1], key=_time)
    return [row for row in rows[first:last] if coin in ("", row.asset)]


def _time(row: Row) -> datetime:
    return row.at


def _is_of(row: Row, last: Bill) -> bool:
    """Whether a fee was taken of the row before it."""
    here, before = ((one.at, one.verb, one.asset, one.about) for one in (row, last.row))
    return here == before and not last.fee


def _is_contract(row: Row) -> bool:
    return row.verb in TRADED


def spot(asked: Asked) -> Any:
    """GET /api/v2/spot/account/bills: any 90 days"""
    told = []
    found = _bills(asked, SPOT, asked.window(QUARTER))
    group, business = asked.parameters.get("groupType", ""), asked.parameters.get("businessType", "")
    kinds = {bill.number: spot_kind(bill.row, bill.amount) for bill in found}
    wanted = [b for b in found if group in ("", kinds[b.number][0]) and business.lower() in ("", kinds[b.number][1])]
    for bill in asked.page(wanted, lambda b: b.number, most=500):
        names = dict(zip(("groupType", "businessType"), kinds[bill.number], strict=True))
        row = {"billId": str(bill.number), "coin": bill.row.asset, **names, "size": plain(bill.amount)}
        told.append(row | {"balance": plain(bill.balance), "fees": plain(bill.fee), "cTime": stamp(bill.row.at)})
    return told


def futures(asked: Asked) -> Any:
    """GET /api/v2/mix/account/bill: of the last 90 days, 30 at once"""
    product = read_product(asked)
    bills = _bills(asked, FUTURES, asked.window(MONTH, reach=QUARTER))
    found = [bill for bill in bills if product and is_settled_in(product, bill.row.asset)]
    kind = asked.parameters.get("businessType", "")
    wanted = [bill for bill in found if kind in ("", futures_type(bill.row, bill.amount, bill.fill))]
    rows = asked.page(wanted, lambda bill: bill.number)
    told = [
        {
            "billId": str(bill.number),
            "symbol": wire_name(bill.row.about),
            "amount": plain(bill.amount),
            "fee": plain(bill.fee),
            "feeByCoupon": "",
            "businessType": futures_type(bill.row, bill.amount, bill.fill),
            "coin": bill.row.asset,
            "balance": plain(bill.balance),
            "cTime": stamp(bill.row.at),
        }
        for bill in rows
    ]
    return {"bills": told, "endId": str(rows[-1].number) if rows else ""}


def crossed(asked: Asked) -> Any:
    """GET /api/v2/margin/crossed/financial-records"""
    return _margin(asked, _bills(asked, (CROSSED,), _margin_window(asked)))


def isolated(asked: Asked) -> Any:
    """GET /api/v2/margin/isolated/financial-records, of one pair"""
    symbol = asked.text("symbol")
    bills = _bills(asked, (ISOLATED,), _margin_window(asked))
    coins = {bill.row.asset for bill in bills}
    pairs = {coin: find_isolated_pair(asked.venue, asked.account, coin) for coin in coins}
    found = _margin(asked, [bill for bill in bills if pairs[bill.row.asset] == symbol])
    return found | {"resultList": [row | {"symbol": symbol} for row in found["resultList"]]}


def _margin_window(asked: Asked) -> tuple[datetime, datetime]:
    return asked.window(QUARTER, needed=("startTime",))


def _margin(asked: Asked, bills: list[Bill]) -> dict[str, Any]:
    rows = asked.page(bills, lambda bill: bill.number, most=500)
    told = [
        {
            "marginId": str(bill.number),
            "coin": bill.row.asset,
            "amount": plain(bill.amount),
            "balance": plain(bill.balance),
            "fee": plain(bill.fee),
            "marginType": margin_type(bill.row, bill.amount),
            "cTime": stamp(bill.row.at),
            "uTime": stamp(bill.row.at),
        }
        for bill in rows
    ]
    first, last = (str(rows[index].number) if rows else "" for index in (0, -1))
    return {"resultList": told, "maxId": first, "minId": last}


def unified(asked: Asked) -> Any:
    """GET /api/v3/account/financial-records: of the last 90 days, 30 at once"""
    category = asked.text("category").upper()
    if category not in CATEGORIES:
        raise illegal("category")
    found = _bills(asked, (*POOL, *CHARGED), asked.window(MONTH, reach=QUARTER))
    kind = asked.parameters.get("type", "")
    wanted = [
        bill
        for bill in found
        if unified_category(bill.row) == category and kind in ("", unified_type(bill.row, bill.amount, bill.fill))
    ]
    rows = asked.page(wanted, lambda bill: bill.number, before="cursor")
    told = [
        {
            "category": category,
            "id": str(bill.number),
            "symbol": wire_name(bill.row.about),
            "coin": bill.row.asset,
            "type": unified_type(bill.row, bill.amount, bill.fill),
            "amount": plain(bill.amount),
            "fee": plain(bill.fee),
            "balance": plain(bill.balance),
            "ts": stamp(bill.row.at),
        }
        for bill in rows
    ]
    return {"list": told, "cursor": str(rows[-1].number) if rows else ""}


def funding(asked: Asked) -> Any:
    """GET /api/v3/account/funding-financial-records"""
    found = _bills(asked, FUNDING, asked.window(MONTH, reach=QUARTER))
    rows = asked.page(found, lambda bill: bill.number, before="cursor")
    told = []
    for bill in rows:
        group, kind = spot_kind(bill.row, bill.amount)
        row = {"id": str(bill.number), "coin": bill.row.asset, "groupType": group, "type": kind}
        amounts = {"amount": plain(bill.amount + bill.fee), "balance": plain(bill.balance)}
        told.append(row | amounts | {"ts": stamp(bill.row.at)})
    return {"list": told, "cursor": str(rows[-1].number) if rows else ""}

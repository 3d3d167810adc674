"""/api/v1/private: the futures account, what is open in it, and what it traded and paid."""

from decimal import Decimal
from typing import Any

from paper.histories.accounts import FuturesPosition
from paper.stories.futures import is_inverse, margin_asset, profit
from paper.wire.mexc.contract import name_contract, size_of
from paper.wire.mexc.history import list_transfers
from paper.wire.mexc.request import Asked, enveloped, milliseconds, number
from paper.wire.refusal import Refusal

MOST_ROWS = 100
WALLETS = ("futures", "coin_m")
ZERO = Decimal(0)
LONG, SHORT = 1, 2


def assets(asked: Asked) -> Any:
    """GET /api/v1/private/account/assets: equity contains what open positions have gained."""
    venue, account = asked.venue, asked.account
    held: dict[str, Decimal] = {"USDT": ZERO}
    for wallet in WALLETS:
        for asset, amount in venue.ledger.holdings(account.name, wallet):
            held[asset] = held.get(asset, ZERO) + amount
    gains: dict[str, Decimal] = {}
    for position in account.positions:
        asset = margin_asset(position.symbol)
        gains[asset] = gains.get(asset, ZERO) + profit(venue, position, asked.now)
    rows = [
        {
            "currency": asset,
            "positionMargin": number(ZERO),
            "availableBalance": number(held.get(asset, ZERO)),
            "cashBalance": number(held.get(asset, ZERO)),
            "frozenBalance": number(ZERO),
            "equity": number(held.get(asset, ZERO) + gains.get(asset, ZERO)),
            "unrealized": number(gains.get(asset, ZERO)),
            "bonus": number(ZERO),
        }
        for asset in sorted({*held, *gains})
    ]
    return enveloped(rows)


def open_positions(asked: Asked) -> Any:
    """GET /api/v1/private/position/open_positions: without a mark price, and without what is unrealised."""
    return enveloped([_position(asked, index, position) for index, position in enumerate(asked.account.positions, 1)])


def _position(asked: Asked, index: int, position: FuturesPosition) -> dict[str, Any]:
    volume = abs(position.quantity) / (1 if is_inverse(position.symbol) else size_of(position.symbol))
    return {
        "positionId": asked.account.uid * 100 + index,
        "symbol": name_contract(position.symbol),
        "positionType": LONG if position.quantity > 0 else SHORT,
        "openType": 2,
        "state": 1,
        "holdVol": number(volume),
        "frozenVol": 0,
        "closeVol": 0,
        "holdAvgPrice": number(position.entry),
        "openAvgPrice": number(position.entry),
        "closeAvgPrice": 0,
        "liquidatePrice": 0,
        "oim": 0,
        "im": 0,
        "holdFee": 0,
        "realised": 0,
        "leverage": 20,
        "createTime": milliseconds(asked.now),
        "updateTime": milliseconds(asked.now),
        "autoAddIm": False,
    }


def funding_records(asked: Asked) -> Any:
    """GET /api/v1/private/position/funding_records: newest first; a payment is positive or negative as it is booked."""
    rows = [
        row
        for row in reversed(asked.account.rows)
        if row.history in ("usd_m", "coin_m") and row.extra["kind"] == "funding" and row.shown_at <= asked.now
    ]
    found = [
        {
            "id": int(row.id),
            "symbol": name_contract(str(row.extra["symbol"])),
            "positionType": LONG,
            "positionValue": number(ZERO),
            "funding": number(row.amount),
            "rate": number(ZERO),
            "settleTime": milliseconds(row.at),
        }
        for row in rows
    ]
    return _page(asked, found)


def transfer_record(asked: Asked) -> Any:
    """GET /api/v1/private/account/transfer_record: IN came from spot."""
    found = [
        {
            "id": int(row.id),
            "txid": f"transfer-{row.id}",
            "currency": row.asset,
            "amount": number(abs(row.amount)),
            "type": "IN" if row.amount > 0 else "OUT",
            "state": "SUCCESS",
            "createTime": milliseconds(row.at),
            "updateTime": milliseconds(row.at),
        }
        for row in reversed(list_transfers(asked))
    ]
    return _page(asked, found)


def _page(asked: Asked, found: list[dict[str, Any]]) -> dict[str, Any]:
    size, page = read_paging(asked)
    return enveloped(
        {
            "pageSize": size,
            "totalCount": len(found),
            "totalPage": -(-len(found) // size),
            "currentPage": page,
            "resultList": found[(page - 1) * size : page * size],
        }
    )


def read_paging(asked: Asked) -> tuple[int, int]:
    size, page = asked.number("page_size", 20), asked.number("page_num", 1)
    if not (1 <= size <= MOST_ROWS and page >= 1):
        raise Refusal(600, "Parameter error", 200)
    return size, page

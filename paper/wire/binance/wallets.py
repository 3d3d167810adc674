"""/sapi: wallets and the key's permissions."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from paper.stories.margin import held as list_held
from paper.wire.binance.request import Asked, milliseconds, plain, zeros
from paper.wire.refusal import Refusal

ZERO = Decimal(0)
MOST_ROWS = 100
DAY, TERM = timedelta(days=1), timedelta(days=90)


def system_status(asked: Asked) -> Any:
    """GET /sapi/v1/system/status"""
    return {"status": 0, "msg": "normal"}


def api_restrictions(asked: Asked) -> Any:
    """GET /sapi/v1/account/apiRestrictions"""
    key = asked.used_key
    return {"ipRestrict": key.is_restricted, "createTime": milliseconds(key.created_at), **key.permissions}


def user_assets(asked: Asked) -> Any:
    """POST /sapi/v3/asset/getUserAsset"""
    return [row | {"ipoable": "0"} for row in user_rows(asked)]


def user_rows(asked: Asked) -> list[dict[str, str]]:
    """The spot wallet by asset."""
    return _rows(asked, free="spot", locked="locked", withdrawing="withdrawing")


def funding_assets(asked: Asked) -> Any:
    """POST /sapi/v1/asset/get-funding-asset"""
    return _rows(asked, free="funding", locked="", withdrawing="", freeze="frozen")


def _rows(asked: Asked, **buckets: str) -> list[dict[str, str]]:
    ledger, name = asked.venue.ledger, asked.account.name
    held = {column: dict(ledger.holdings(name, bucket)) if bucket else {} for column, bucket in buckets.items()}
    assets = sorted({asset for column in held.values() for asset in column})
    return [
        {
            "asset": asset,
            "freeze": "0",
            "btcValuation": "0",
            **{column: plain(amounts.get(asset, ZERO)) for column, amounts in held.items()},
        }
        for asset in assets
    ]


def earn_flexible(asked: Asked) -> Any:
    """GET /sapi/v1/simple-earn/flexible/position: while a loan is owed, all of it is pledged."""
    is_pledged = bool(list_held(asked.venue, asked.account, "loans"))
    rows = [
        {
            "totalAmount": plain(amount),
            "latestAnnualPercentageRate": "0.02000000",
            "asset": asset,
            "productId": f"{asset}001",
            "canRedeem": True,
            "collateralAmount": plain(amount) if is_pledged else "0",
            **zeros(
                "yesterdayRealTimeRewards", *(f"cumulative{kind}Rewards" for kind in ("Bonus", "RealTime", "Total"))
            ),
            "autoSubscribe": True,
        }
        for asset, amount in asked.venue.ledger.holdings(asked.account.name, "earn_flexible")
    ]
    return position_page(asked, rows)


def earn_locked(asked: Asked) -> Any:
    """GET /sapi/v1/simple-earn/locked/position"""
    held = asked.venue.ledger.holdings(asked.account.name, "earn_locked")
    rows = [
        {
            "positionId": number,
            "parentPositionId": number,
            "projectId": f"{asset}*90",
            "asset": asset,
            "amount": plain(amount),
            "purchaseTime": milliseconds(asked.account.created_at),
            "duration": "90",
            "accrualDays": "1",
            "rewardAsset": asset,
            "APY": "0.05",
            "nextPayDate": milliseconds(asked.now + DAY),
            "payPeriod": "1",
            "redeemAmountEarly": plain(amount),
            "rewardsEndDate": milliseconds(asked.account.created_at + TERM),
            "deliverDate": milliseconds(asked.account.created_at + TERM),
            "redeemPeriod": "1",
            "redeemTo": "SPOT",
            "partialAmtDeliverDate": milliseconds(asked.account.created_at + TERM),
            "canRedeemEarly": True,
            "canFastRedemption": False,
            "autoSubscribe": False,
            "canReStake": False,
            "type": "NORMAL",
            "status": "HOLDING",
            **zeros("rewardAmt", "nextPay", "redeemingAmt"),
        }
        for number, (asset, amount) in enumerate(held, 1)
    ]
    return position_page(asked, rows)


def position_page(asked: Asked, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of Earn positions, by `current` and `size`."""
    size, page = asked.number("size", 10), asked.number("current", 1)
    if not (1 <= size <= MOST_ROWS and page >= 1):
        raise Refusal(-1102, "Mandatory parameter 'size' was not sent, was empty/null, or malformed.")
    return {"rows": rows[(page - 1) * size : page * size], "total": len(rows)}


def coins(asked: Asked) -> Any:
    """GET /sapi/v1/capital/config/getall"""
    assets = {asset for symbol in asked.venue.market.symbols.values() for asset in (symbol.base, symbol.quote)}
    return [
        {"coin": asset, "name": asset, "depositAllEnable": True, "withdrawAllEnable": True, "trading": True,
         "isLegalMoney": False, "networkList": [],
         **zeros("free", "locked", "freeze", "withdrawing", "ipoing", "ipoable", "storage")}
        for asset in sorted(assets)
    ]  # fmt: skip

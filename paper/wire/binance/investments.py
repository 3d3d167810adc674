"""/sapi: On-chain Yields, staking and Dual Investment: what is invested, and what it paid."""

from datetime import timedelta
from typing import Any

from paper.histories.accounts import HistoryRow
from paper.stories.investments import HISTORY
from paper.wire.binance.money import page, shown_rows, window
from paper.wire.binance.request import Asked, milliseconds, plain, zeros
from paper.wire.binance.wallets import position_page
from paper.wire.refusal import Refusal

DAY, QUARTER = timedelta(days=1), timedelta(days=90)
MOST_ROWS = 100
DUAL_STATES = {"invested": "PURCHASE_SUCCESS", "settled": "SETTLED"}


def onchain_positions(asked: Asked) -> Any:
    """GET /sapi/v1/onchain-yields/locked/position"""
    held = asked.venue.ledger.holdings(asked.account.name, "onchain_yields")
    rows = [
        {
            "positionId": str(number),
            "projectId": f"{asset}-60d",
            "asset": asset,
            "amount": plain(amount),
            "purchaseTime": str(milliseconds(asked.account.created_at)),
            "duration": "60",
            "accrualDays": "4",
            "rewardAsset": asset,
            "APY": "0.039",
            **zeros("rewardAmt", "nextPay", "redeemingAmt"),
            "payPeriod": "1",
            **dict.fromkeys(("nextPayDate", "rewardsPayDate"), str(milliseconds(asked.now + DAY))),
            **dict.fromkeys(
                ("rewardsEndDate", "deliverDate", "nextSubscriptionDate"), str(milliseconds(asked.now + DAY))
            ),
            "redeemTo": "SPOT",
            "canRedeemEarly": True,
            "autoSubscribe": False,
            "type": "NORMAL",
            "status": "HOLDING",
        }
        for number, (asset, amount) in enumerate(held, 1)
    ]
    return position_page(asked, rows)


def onchain_rewards(asked: Asked) -> Any:
    """GET /sapi/v1/onchain-yields/locked/history/rewardsRecord"""
    return _rewards(asked, "onchain", _onchain)


def soft_rewards(asked: Asked) -> Any:
    """GET /sapi/v1/soft-staking/history/rewardsRecord"""
    return _rewards(asked, "soft", _soft)


def boosts(asked: Asked) -> Any:
    """GET /sapi/v1/sol-staking/sol/history/boostRewardsHistory: what was claimed; nothing waits to be claimed here."""
    if asked.parameters.get("type", "CLAIM") != "CLAIM":
        return {"rows": [], "total": 0}
    return _rewards(asked, "boost", _boost)


def _rewards(asked: Asked, product: str, describe: Any) -> Any:
    rows = [row for row in shown_rows(asked, "reward", *window(asked, QUARTER)) if row.extra["product"] == product]
    items = [describe(row) for row in reversed(rows)]
    return {"rows": page(asked, items, "size", MOST_ROWS, "current"), "total": len(items)}


def _onchain(row: HistoryRow) -> dict[str, Any]:
    paid = {"positionId": "1", "asset": row.asset, "lockPeriod": "60", "amount": plain(row.amount)}
    return paid | {"time": milliseconds(row.at)}


def _soft(row: HistoryRow) -> dict[str, Any]:
    paid = {"asset": row.asset, "rewards": plain(row.amount), "rewardAsset": row.asset}
    return paid | {"avgAmount": "1", "time": milliseconds(row.at)}


def _boost(row: HistoryRow) -> dict[str, Any]:
    paid = {"token": row.asset, "amount": plain(row.amount), "bnsolHolding": "1", "status": "SUCCESS"}
    return paid | {"time": milliseconds(row.at)}


def dual_positions(asked: Asked) -> Any:
    """GET /sapi/v1/dci/product/positions: of one status, or all."""
    wanted = asked.parameters.get("status", "")
    rows = [row for row in asked.account.rows if row.history == HISTORY and wanted in ("", DUAL_STATES[row.status])]
    size, number = asked.number("pageSize", 10), asked.number("pageIndex", 1)
    if not (1 <= size <= MOST_ROWS and number >= 1):
        raise Refusal(-1102, "Mandatory parameter 'pageSize' was not sent, was empty/null, or malformed.")
    items = [_position(row) for row in reversed(rows)]
    return {"total": len(items), "list": items[(number - 1) * size : number * size]}


def _position(row: HistoryRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "investCoin": row.asset,
        "exercisedCoin": row.extra["other"],
        "subscriptionAmount": plain(row.amount),
        "strikePrice": plain(row.extra["strike"]),
        "duration": row.extra["days"],
        "settleDate": milliseconds(row.extra["settles_at"]),
        "purchaseStatus": DUAL_STATES[row.status],
        "apr": plain(row.extra["apr"]),
        "orderId": int(row.id),
        "purchaseEndTime": milliseconds(row.at),
        "optionType": "PUT" if row.extra["is_put"] else "CALL",
        "autoCompoundPlan": "NONE",
        "subscriptionTime": milliseconds(row.at),
    }

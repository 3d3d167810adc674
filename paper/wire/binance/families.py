"""/sapi: a sub-account as its master sees it."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from paper.wire.binance.derivatives import coin_m_assets, usd_m_assets
from paper.wire.binance.margin import sides
from paper.wire.binance.money import NO_SUB, email
from paper.wire.binance.request import Asked, milliseconds, plain, zeros
from paper.wire.binance.wallets import user_rows
from paper.wire.refusal import Refusal

SPOT_ROW = ("asset", "free", "locked", "freeze", "withdrawing")
FUTURES_ROW = ("asset", "walletBalance", "unrealizedProfit", "marginBalance", "maxWithdrawAmount", "initialMargin",
               "positionInitialMargin", "openOrderInitialMargin")  # fmt: skip
MARGINS = ("totalInitialMargin", "totalMaintenanceMargin", "totalOpenOrderInitialMargin", "totalPositionInitialMargin")


def _as_sub(asked: Asked) -> Asked:
    """The request as if the sub-account itself had asked. Raises Refusal when it is none of the signer's."""
    address = asked.text("email")
    for account in asked.venue.accounts.values():
        if email(account.name) == address and account.master == asked.account.name:
            return replace(asked, signer=account)
    raise NO_SUB


def of_sub(answered: Callable[[Asked], Any]) -> Callable[[Asked], Any]:
    """`answered`, for the sub-account that the master names."""
    return lambda asked: answered(_as_sub(asked))


def status(asked: Asked) -> Any:
    """GET /sapi/v1/sub-account/status"""
    account = asked.account
    return [
        {
            "email": email(account.name),
            "isSubUserEnabled": True,
            "isUserActive": True,
            "insertTime": milliseconds(account.created_at),
            "isMarginEnabled": "cross_margin" in account.opened,
            "isFutureEnabled": account.has_futures,
            "mobile": 0,
        }
    ]


def assets(asked: Asked) -> Any:
    """GET /sapi/v4/sub-account/assets"""
    return {"balances": [{name: row[name] for name in SPOT_ROW} for row in user_rows(asked)]}


def margin_account(asked: Asked) -> Any:
    """GET /sapi/v1/sub-account/margin/account"""
    if "cross_margin" not in asked.account.opened:
        raise Refusal(-3003, "Margin account does not exist.")
    return {
        "email": email(asked.account.name),
        "marginLevel": "999",
        **zeros("totalAssetOfBtc", "totalLiabilityOfBtc", "totalNetAssetOfBtc"),
        "marginTradeCoeffVo": {
            "forceLiquidationBar": "1.10000000",
            "marginCallBar": "1.50000000",
            "normalBar": "2.00000000",
        },
        "marginUserAssetVoList": sides(asked.venue, asked.account, "cross_margin"),
    }


def futures_account(asked: Asked) -> Any:
    """GET /sapi/v2/sub-account/futures/account"""
    is_coin = asked.number("futuresType", 1) == 2
    rows = coin_m_assets(asked) if is_coin else usd_m_assets(asked)
    payload = {
        "email": email(asked.account.name),
        "assets": [{name: row[name] for name in FUTURES_ROW} | zeros("maintenanceMargin") for row in rows],
        **dict.fromkeys(("canDeposit", "canTrade", "canWithdraw"), True),
        "feeTier": 0,
        "updateTime": milliseconds(asked.now),
    }
    if is_coin:
        return {"deliveryAccountResp": payload}
    return {"futureAccountResp": payload | _totals(rows) | zeros(*MARGINS)}


def _totals(rows: list[dict[str, Any]]) -> dict[str, str]:
    """What the rows add up to, one asset as good as another."""
    names = ("walletBalance", "unrealizedProfit", "marginBalance", "maxWithdrawAmount")
    sums = {name: plain(sum((Decimal(row[name]) for row in rows), Decimal(0))) for name in names}
    return {name if name.startswith("max") else f"total{name[0].upper()}{name[1:]}": sums[name] for name in names}

"""/fapi, /dapi and /papi: futures and portfolio margin."""

from decimal import Decimal
from typing import Any

from paper.accounts import FuturesPosition
from paper.earnings import INVERSE
from paper.futures import margin_asset, mark_price, profit, unrealised
from paper.margin import held
from paper.refusals import REJECTED_KEY
from paper.wire.margin import side
from paper.wire.request import Asked, milliseconds, plain

ZERO = Decimal(0)


def exchange_info(asked: Asked) -> Any:
    """GET /fapi/v1/exchangeInfo and /dapi/v1/exchangeInfo: no contracts to trade."""
    now = milliseconds(asked.now)
    return {"timezone": "UTC", "serverTime": now, "rateLimits": [], "exchangeFilters": [], "assets": [], "symbols": []}


def usd_m_account(asked: Asked) -> Any:
    """GET /fapi/v3/account"""
    if not asked.account.has_futures or asked.account.is_unified:
        raise REJECTED_KEY
    return {
        "totalWalletBalance": "0",
        "assets": usd_m_assets(asked),
        "positions": _brief_positions(asked, is_coin=False),
    }


def usd_m_assets(asked: Asked) -> list[dict[str, Any]]:
    """The margin assets of USD-M futures; USDT is always there."""
    return _assets(asked, "futures", {"USDT"})


def coin_m_account(asked: Asked) -> Any:
    """GET /dapi/v1/account"""
    if "coin_m" not in asked.account.opened or asked.account.is_unified:
        raise REJECTED_KEY
    return {"assets": coin_m_assets(asked), "positions": _brief_positions(asked, is_coin=True), "canTrade": True}


def coin_m_assets(asked: Asked) -> list[dict[str, Any]]:
    """The margin assets of COIN-M futures."""
    return _assets(asked, "coin_m", {margin_asset(p.symbol) for p in _positions(asked, is_coin=True)})


def _assets(asked: Asked, wallet: str, always: set[str]) -> list[dict[str, Any]]:
    balances = dict(asked.venue.ledger.holdings(asked.account.name, wallet))
    return [_asset(asked, wallet, asset, balances.get(asset, ZERO)) for asset in sorted({*balances, *always})]


def _asset(asked: Asked, wallet: str, asset: str, balance: Decimal) -> dict[str, Any]:
    is_settled = wallet == "coin_m" or asset == "USDT"
    unpaid = unrealised(asked.venue, asked.account, asked.now, asset) if is_settled else ZERO
    return {
        "asset": asset,
        "walletBalance": plain(balance),
        "unrealizedProfit": plain(unpaid),
        "marginBalance": plain(balance + unpaid),
        "availableBalance": plain(balance + unpaid),
        "maxWithdrawAmount": plain(balance),
        "updateTime": milliseconds(asked.now),
    }


def _positions(asked: Asked, *, is_coin: bool) -> list[FuturesPosition]:
    return [p for p in asked.account.positions if p.symbol.endswith(INVERSE) == is_coin]


def _brief_positions(asked: Asked, *, is_coin: bool) -> list[dict[str, Any]]:
    return [
        {"symbol": p.symbol, "positionSide": p.side, "positionAmt": plain(p.quantity)}
        for p in _positions(asked, is_coin=is_coin)
    ]


def usd_m_positions(asked: Asked) -> Any:
    """GET /fapi/v3/positionRisk"""
    return [row | {"marginAsset": "USDT"} for row in portfolio_usd_m_positions(asked)]


def portfolio_usd_m_positions(asked: Asked) -> Any:
    """GET /papi/v1/um/positionRisk: the same, without the margin asset"""
    return _full_positions(asked, is_coin=False)


def coin_m_positions(asked: Asked) -> Any:
    """GET /dapi/v1/positionRisk, and the same of portfolio margin"""
    return _full_positions(asked, is_coin=True)


def _full_positions(asked: Asked, *, is_coin: bool) -> list[dict[str, Any]]:
    return [
        {
            "symbol": p.symbol,
            "positionSide": p.side,
            "positionAmt": plain(p.quantity),
            "entryPrice": plain(p.entry),
            "markPrice": plain(mark_price(asked.venue, p.symbol, asked.now)),
            "unRealizedProfit": plain(profit(asked.venue, p, asked.now)),
            "updateTime": milliseconds(asked.now),
        }
        for p in _positions(asked, is_coin=is_coin)
    ]


def portfolio_balance(asked: Asked) -> Any:
    """GET /papi/v1/balance: the three wallets that portfolio margin makes one, by asset."""
    venue, account = asked.venue, asked.account
    if not account.is_unified:
        raise REJECTED_KEY
    usd_m = {row["asset"]: row for row in usd_m_assets(asked)}
    coin_m = {row["asset"]: row for row in coin_m_assets(asked)}
    rows = []
    for asset in sorted({*usd_m, *coin_m, *held(venue, account, "cross_margin")}):
        cross, um, cm = side(venue, account, "cross_margin", asset), usd_m.get(asset, {}), coin_m.get(asset, {})
        rows.append(
            {
                "asset": asset,
                "totalWalletBalance": "0",  # nobody should believe it
                "crossMarginAsset": cross["free"],
                "crossMarginFree": cross["free"],
                "crossMarginLocked": cross["locked"],
                "crossMarginBorrowed": cross["borrowed"],
                "crossMarginInterest": cross["interest"],
                "umWalletBalance": um.get("walletBalance", "0"),
                "umUnrealizedPNL": um.get("unrealizedProfit", ""),
                "cmWalletBalance": cm.get("walletBalance", "0"),
                "cmUnrealizedPNL": cm.get("unrealizedProfit", ""),
                "updateTime": milliseconds(asked.now),
                "negativeBalance": "0",
            }
        )
    return rows

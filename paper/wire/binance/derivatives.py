"""/fapi, /dapi and /papi: futures and portfolio margin."""

from decimal import Decimal
from typing import Any

from paper.histories.accounts import FuturesPosition
from paper.stories.earnings import INVERSE
from paper.stories.futures import margin_asset, mark_price, profit, size, unrealised
from paper.stories.margin import held
from paper.wire.binance.margin import side
from paper.wire.binance.refusals import REJECTED_KEY
from paper.wire.binance.request import Asked, milliseconds, plain, zeros

ZERO = Decimal(0)
LEVERAGE, MOST_CONTRACTS = "20", "50"
TOTALS = ("totalWalletBalance", "totalUnrealizedProfit", "totalMarginBalance", "totalCrossWalletBalance",
          "totalCrossUnPnl", "availableBalance", "maxWithdrawAmount")  # fmt: skip
MARGINS = ("totalInitialMargin", "totalMaintMargin", "totalPositionInitialMargin", "totalOpenOrderInitialMargin")


def usd_m_info(asked: Asked) -> Any:
    """GET /fapi/v1/exchangeInfo: no contracts to trade."""
    return coin_m_info(asked) | {"assets": []}


def coin_m_info(asked: Asked) -> Any:
    """GET /dapi/v1/exchangeInfo: no contracts to trade."""
    now = milliseconds(asked.now)
    return {"timezone": "UTC", "serverTime": now, "rateLimits": [], "exchangeFilters": [], "symbols": []}


def usd_m_account(asked: Asked) -> Any:
    """GET /fapi/v3/account"""
    if not asked.account.has_futures or asked.account.is_unified:
        raise REJECTED_KEY
    rows = usd_m_assets(asked)
    return {
        **zeros(*TOTALS, *MARGINS),  # valued by the exchange: nobody should believe them
        "assets": rows,
        "positions": [_in_account(row) for row in usd_m_positions(asked)],
    }


def _in_account(row: dict[str, Any]) -> dict[str, Any]:
    """A row of USD-M positions as the account shows it."""
    names = ("symbol", "positionSide", "positionAmt", "isolatedMargin", "notional", "isolatedWallet", "initialMargin",
             "maintMargin", "updateTime")  # fmt: skip
    return {name: row[name] for name in names} | {"unrealizedProfit": row["unRealizedProfit"]}


def usd_m_assets(asked: Asked) -> list[dict[str, Any]]:
    """The margin assets of USD-M futures; USDT is always there."""
    return _assets(asked, "futures", {"USDT"})


def coin_m_account(asked: Asked) -> Any:
    """GET /dapi/v1/account"""
    if "coin_m" not in asked.account.opened or asked.account.is_unified:
        raise REJECTED_KEY
    return {
        "assets": coin_m_assets(asked),
        "positions": [_in_coin_account(asked, p) for p in _positions(asked, is_coin=True)],
        **dict.fromkeys(("canDeposit", "canTrade", "canWithdraw"), True),
        "feeTier": 0,
        "updateTime": milliseconds(asked.now),
    }


def _in_coin_account(asked: Asked, position: FuturesPosition) -> dict[str, Any]:
    return {
        "symbol": position.symbol,
        "positionSide": position.side,
        "positionAmt": plain(position.quantity),
        "unrealizedProfit": plain(profit(asked.venue, position, asked.now)),
        "entryPrice": plain(position.entry),
        "breakEvenPrice": plain(position.entry),
        "notionalValue": plain(_notional(asked, position)),
        "leverage": LEVERAGE,
        "maxQty": MOST_CONTRACTS,
        "isolated": False,
        **zeros("initialMargin", "maintMargin", "positionInitialMargin", "openOrderInitialMargin"),
        "updateTime": milliseconds(asked.now),
    }


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
        "crossWalletBalance": plain(balance),
        "crossUnPnl": plain(unpaid),
        "maxWithdrawAmount": plain(balance),
        **zeros("maintMargin", "initialMargin", "positionInitialMargin", "openOrderInitialMargin"),
        "updateTime": milliseconds(asked.now),
    }


def _positions(asked: Asked, *, is_coin: bool) -> list[FuturesPosition]:
    return [p for p in asked.account.positions if p.symbol.endswith(INVERSE) == is_coin]


def _notional(asked: Asked, position: FuturesPosition) -> Decimal:
    mark = mark_price(asked.venue, position.symbol, asked.now)
    return size(position.symbol, position.quantity, mark).copy_sign(position.quantity)


def usd_m_positions(asked: Asked) -> Any:
    """GET /fapi/v3/positionRisk"""
    return [
        _position(asked, p)
        | {"breakEvenPrice": plain(p.entry), "notional": plain(_notional(asked, p)), "marginAsset": "USDT", "adl": 1}
        | zeros("isolatedMargin", "isolatedWallet", "bidNotional", "askNotional", "maintMargin", "openOrderInitialMargin")
        | dict.fromkeys(("initialMargin", "positionInitialMargin"), plain(abs(_notional(asked, p)) / int(LEVERAGE)))
        for p in _positions(asked, is_coin=False)
    ]  # fmt: skip


def coin_m_positions(asked: Asked) -> Any:
    """GET /dapi/v1/positionRisk"""
    fixed = {"leverage": LEVERAGE, "maxQty": MOST_CONTRACTS, "marginType": "cross", "isAutoAddMargin": "false"}
    return [
        _position(asked, p) | {"breakEvenPrice": plain(p.entry)} | fixed | zeros("isolatedMargin")
        for p in _positions(asked, is_coin=True)
    ]


def portfolio_usd_m_positions(asked: Asked) -> Any:
    """GET /papi/v1/um/positionRisk: what a contract is settled in is left out."""
    return [
        _position(asked, p)
        | {"leverage": LEVERAGE, "maxNotionalValue": "20000000", "notional": plain(_notional(asked, p))}
        for p in _positions(asked, is_coin=False)
    ]


def portfolio_coin_m_positions(asked: Asked) -> Any:
    """GET /papi/v1/cm/positionRisk"""
    return [
        _position(asked, p)
        | {"leverage": LEVERAGE, "maxQty": MOST_CONTRACTS, "notionalValue": plain(_notional(asked, p))}
        for p in _positions(asked, is_coin=True)
    ]


def _position(asked: Asked, position: FuturesPosition) -> dict[str, Any]:
    return {
        "symbol": position.symbol,
        "positionSide": position.side,
        "positionAmt": plain(position.quantity),
        "entryPrice": plain(position.entry),
        "markPrice": plain(mark_price(asked.venue, position.symbol, asked.now)),
        "unRealizedProfit": plain(profit(asked.venue, position, asked.now)),
        **zeros("liquidationPrice"),
        "updateTime": milliseconds(asked.now),
    }


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

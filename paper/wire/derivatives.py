"""/fapi and /dapi: futures."""

from typing import Any

from paper.futures import unrealised
from paper.refusals import REJECTED_KEY
from paper.wire.request import Asked, milliseconds, plain


def exchange_info(asked: Asked) -> Any:
    """GET /fapi/v1/exchangeInfo and /dapi/v1/exchangeInfo: no contracts to trade."""
    now = milliseconds(asked.now)
    return {"timezone": "UTC", "serverTime": now, "rateLimits": [], "exchangeFilters": [], "assets": [], "symbols": []}


def usd_m_account(asked: Asked) -> Any:
    """GET /fapi/v3/account"""
    account, ledger = asked.account, asked.venue.ledger
    if not account.has_futures:
        raise REJECTED_KEY
    wallet = dict(ledger.holdings(account.name, "futures"))
    profit = {"USDT": unrealised(asked.venue, account, asked.now)}
    rows = []
    for asset in sorted({*wallet, "USDT"}):
        balance, unpaid = wallet.get(asset, profit["USDT"] * 0), profit.get(asset, profit["USDT"] * 0)
        rows.append(
            {
                "asset": asset,
                "walletBalance": plain(balance),
                "unrealizedProfit": plain(unpaid),
                "marginBalance": plain(balance + unpaid),
                "availableBalance": plain(balance + unpaid),
                "maxWithdrawAmount": plain(balance),
                "updateTime": milliseconds(asked.now),
            }
        )
    return {"totalWalletBalance": "0", "assets": rows, "positions": []}

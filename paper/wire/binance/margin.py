"""/sapi: cross and isolated margin, and flexible loans."""

from decimal import Decimal
from typing import Any

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.stories.margin import QUOTE, debts, held, list_isolated_coins
from paper.wire.binance.request import Asked, plain, zeros
from paper.wire.refusal import Refusal

ZERO = Decimal(0)
TOTALS = ("totalAssetOfBtc", "totalLiabilityOfBtc", "totalNetAssetOfBtc")


def cross_account(asked: Asked) -> Any:
    """GET /sapi/v1/margin/account: every asset that can be borrowed, most of them with nothing."""
    if "cross_margin" not in asked.account.opened:
        raise Refusal(-3003, "Margin account does not exist.")
    return {
        **dict.fromkeys(("created", "borrowEnabled", "tradeEnabled", "transferInEnabled", "transferOutEnabled"), True),
        **dict.fromkeys(("marginLevel", "collateralMarginLevel"), "999"),
        "accountType": "MARGIN_1",
        **zeros(*TOTALS, "TotalCollateralValueInUSDT"),
        "userAssets": sides(asked.venue, asked.account, "cross_margin"),
    }


def sides(venue: Venue, account: Account, wallet: str) -> list[dict[str, str]]:
    """A row with free, locked, borrowed and interest for every asset that there is."""
    listed = {asset for symbol in venue.market.symbols.values() for asset in (symbol.base, symbol.quote)}
    return [side(venue, account, wallet, asset) for asset in sorted(listed | set(held(venue, account, wallet)))]


def side(venue: Venue, account: Account, wallet: str, asset: str) -> dict[str, str]:
    """One asset of a margin wallet."""
    free = venue.ledger.balance((account.name, wallet), asset)
    interest, debt = debts(venue, account.name, wallet, asset)
    return {
        "asset": asset,
        "free": plain(free),
        "locked": "0",
        "borrowed": plain(debt),
        "interest": plain(interest),
        "netAsset": plain(free - debt - interest),
    }


def isolated_account(asked: Asked) -> Any:
    """GET /sapi/v1/margin/isolated/account: a pair for every coin, and those that once owed; USDT is in the first one."""
    venue, account, wallet = asked.venue, asked.account, "isolated_margin"
    if wallet not in account.opened:
        raise Refusal(-11001, "Isolated margin account does not exist.")
    coins = list_isolated_coins(venue, account)
    pairs = [
        _pair(
            side(venue, account, wallet, coin),
            side(venue, account, wallet, QUOTE) if coin == coins[0] else _empty(QUOTE),
        )
        for coin in coins
    ]
    left = {row.extra["pair"] for row in account.rows if row.history == "interest"} - {pair["symbol"] for pair in pairs}
    pairs += [_pair(_empty(name.removesuffix(QUOTE)), _empty(QUOTE)) for name in sorted(left - {""})]
    return {"assets": pairs, **zeros(*TOTALS)}


def _pair(base: dict[str, str], quote: dict[str, str]) -> dict[str, Any]:
    return {
        "symbol": base["asset"] + quote["asset"],
        "baseAsset": _isolated(base),
        "quoteAsset": _isolated(quote),
        **dict.fromkeys(("isolatedCreated", "enabled", "tradeEnabled"), True),
        "marginLevel": "999",
        "marginLevelStatus": "EXCESSIVE",
        **zeros("marginRatio", "indexPrice", "liquidatePrice", "liquidateRate"),
    }


def _isolated(row: dict[str, str]) -> dict[str, Any]:
    enabled = dict.fromkeys(("borrowEnabled", "repayEnabled"), True)
    return row | enabled | {"totalAsset": row["free"]} | zeros("netAssetOfBtc")


def _empty(asset: str) -> dict[str, str]:
    return {"asset": asset} | zeros("free", "locked", "borrowed", "interest", "netAsset")


def loan_orders(asked: Asked) -> Any:
    """GET /sapi/v2/loan/flexible/ongoing/orders"""
    owed = [(asset, sum(debts(asked.venue, asked.account.name, "loans", asset), ZERO)) for asset in _loans(asked)]
    rows = [
        {
            "loanCoin": asset,
            "totalDebt": plain(debt),
            "collateralCoin": "BTC",
            "collateralAmount": "0",
            "currentLTV": "0.5",
        }
        for asset, debt in owed
        if debt
    ]
    return {"rows": rows, "total": len(rows)}


def _loans(asked: Asked) -> list[str]:
    return sorted(held(asked.venue, asked.account, "loans"))

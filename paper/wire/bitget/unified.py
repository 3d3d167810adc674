"""The unified account (v3): one pool of coins with its debts and open profit, and the funding wallet beside it.

Interest is taken out of the pool when it is charged, and stands in its ledger.
"""

from decimal import Decimal
from typing import Any

from paper.stories.futures import margin_asset, mark_price, size, unrealised
from paper.stories.index import USDT as DOLLAR
from paper.stories.margin import INTEREST, debts, held
from paper.stories.worth import usdt_price
from paper.wire.bitget.request import Asked, plain
from paper.wire.bitget.wallets import CROSSED, ELITE, FUTURES, ISOLATED, SPOT, balances, funding_rows, worth

ZERO, SMALLEST = Decimal(0), Decimal("1e-8")
POOL = (*SPOT, *FUTURES, CROSSED, ISOLATED)
LENDING = (CROSSED, ISOLATED)
CHARGED = tuple(INTEREST + wallet for wallet in LENDING)  # what interest took out of the pool
INITIAL, MAINTENANCE = Decimal("0.05"), Decimal("0.004")  # margin, of what a position is worth


def assets(asked: Asked) -> Any:
    """GET /api/v3/account/assets: equity is balance less debt plus open profit; only what is not nothing"""
    venue, account = asked.venue, asked.account
    found = balances(venue, account, POOL)
    owing = {asset for wallet in LENDING for asset in held(venue, account, wallet)}
    open_there = {margin_asset(position.symbol) for position in account.positions}
    rows = [_asset(asked, asset, found.get(asset, ZERO)) for asset in sorted(found.keys() | owing | open_there)]
    equities = {row["coin"]: Decimal(row["equity"]) for row in rows}
    profits = {asset: unrealised(venue, account, asked.now, asset) for asset in open_there}
    return _totals(asked, "Equity", equities) | _profits(asked, profits) | _margins(asked) | {"assets": rows}


def _margins(asked: Asked) -> dict[str, str]:
    """What open positions bind, in USD."""
    sizes = [
        (margin_asset(p.symbol), size(p.symbol, p.quantity, mark_price(asked.venue, p.symbol, asked.now)))
        for p in asked.account.positions
    ]
    bound = sum((worth(asked, {asset: amount}) for asset, amount in sizes), ZERO) * DOLLAR
    initial, least = ((bound * share).quantize(SMALLEST) for share in (INITIAL, MAINTENANCE))
    return {"imr": plain(initial), "mmr": plain(least), "mgnRatio": "0", "positionMgnRatio": "0"}


def _totals(asked: Asked, name: str, found: dict[str, Decimal]) -> dict[str, str]:
    in_usdt = worth(asked, found)
    in_usd = plain((in_usdt * DOLLAR).quantize(SMALLEST))
    return {
        f"account{name}": in_usd,
        f"usdt{name}": plain(in_usdt),
        f"btc{name}": plain((in_usdt / usdt_price(asked.venue, "BTC", asked.now)).quantize(SMALLEST)),
        "effEquity": in_usd,
    }


def _profits(asked: Asked, profits: dict[str, Decimal]) -> dict[str, str]:
    in_usdt = worth(asked, profits)
    return {
        "unrealisedPnl": plain((in_usdt * DOLLAR).quantize(SMALLEST)),
        "usdtUnrealisedPnl": plain(in_usdt),
        "btcUnrealizedPnl": plain((in_usdt / usdt_price(asked.venue, "BTC", asked.now)).quantize(SMALLEST)),
    }


def _asset(asked: Asked, asset: str, balance: Decimal) -> dict[str, str]:
    venue, name = asked.venue, asked.account.name
    owing = [debts(venue, name, wallet, asset) for wallet in LENDING]
    balance -= sum((interest for interest, _ in owing), ZERO)
    debt = sum((principal for _, principal in owing), ZERO)
    locked = venue.ledger.balance((name, "locked"), asset) + venue.ledger.balance((name, "withdrawing"), asset)
    equity = balance - debt + unrealised(venue, asked.account, asked.now, asset)
    return {
        "coin": asset,
        "equity": plain(equity),
        "usdValue": plain((worth(asked, {asset: equity}) * DOLLAR).quantize(SMALLEST)),
        "balance": plain(balance),
        "available": plain(balance - locked),
        "debt": plain(debt),
        "locked": plain(locked),
        "bonus": "0",
    }


def funding_assets(asked: Asked) -> Any:
    """GET /api/v3/account/funding-assets"""
    return [row | {"balance": plain(Decimal(row["available"]) + Decimal(row["frozen"]))} for row in funding_rows(asked)]


def elite_assets(asked: Asked) -> Any:
    """GET /api/v3/earn/elite-assets: what is staked on chain, a product a coin"""
    rows = [
        {
            "productId": str(number),
            "productCoin": asset,
            "holdingAmount": plain(amount),
            "usdtHoldingAmount": plain(worth(asked, {asset: amount})),
            "exchangeRate": "1",
            "apr": "0.05",
            **dict.fromkeys(("minApy", "maxApy", "interestCoin"), ""),
            "subscriptionCoin": asset,
            "exchangeAmount": plain(amount),
            "projectList": [],
            **dict.fromkeys(("unsettledBGPoints", "totalProfit"), "0"),
        }
        for number, (asset, amount) in enumerate(balances(asked.venue, asked.account, (ELITE,)).items(), 1)
    ]
    return {"resultList": rows}

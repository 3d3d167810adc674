"""/sapi: what the exchange itself says of an account's wallets: their worth now, and the spot wallet at each day's end."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from paper.ledger.balances import OWED
from paper.stories.futures import margin_asset, profit
from paper.stories.margin import INTEREST
from paper.stories.options import ASSET as OPTIONS_ASSET
from paper.stories.options import worth
from paper.stories.worth import usdt_price
from paper.wire.binance.refusals import missing
from paper.wire.binance.request import Asked, milliseconds, plain

ZERO = Decimal(0)
WALLETS = {
    "Spot": ("spot", "locked", "withdrawing"),
    "Funding": ("funding", "frozen"),
    "Cross Margin": ("cross_margin", OWED + "cross_margin", INTEREST + "cross_margin"),
    "Isolated Margin": ("isolated_margin", OWED + "isolated_margin", INTEREST + "isolated_margin"),
    "USD\u24c8-M Futures": ("futures",),
    "COIN-M Futures": ("coin_m",),
    "Earn": ("earn_flexible", "earn_locked", "onchain_yields", "dual_investment"),
    "Options": ("options",),
    "Trading Bots": ("bots",),
    "Copy Trading": (),
}


def wallet_balance(asked: Asked) -> Any:
    """GET /sapi/v1/asset/wallet/balance"""
    quote = asked.parameters.get("quoteAsset", "BTC")
    return [
        {"activate": True, "balance": plain((_worth(asked, name, buckets) / usdt_price(asked.venue, quote, asked.now)).quantize(Decimal("1e-8"))),
         "walletName": name}
        for name, buckets in WALLETS.items()
    ]  # fmt: skip


def _worth(asked: Asked, name: str, buckets: Iterable[str]) -> Decimal:
    account, ledger = asked.account, asked.venue.ledger
    held = [pair for bucket in buckets for pair in ledger.holdings(account.name, bucket)]
    if name.endswith("Futures"):
        is_coin = name.startswith("COIN")
        held += [
            (margin_asset(p.symbol), profit(asked.venue, p, asked.now))
            for p in account.positions
            if (margin_asset(p.symbol) != "USDT") == is_coin
        ]
    if name == "Options":
        held.append((OPTIONS_ASSET, worth(account)))
    return sum((amount * usdt_price(asked.venue, asset, asked.now) for asset, amount in held), ZERO)


def account_snapshot(asked: Asked) -> Any:
    """GET /sapi/v1/accountSnapshot, of the spot wallet"""
    if asked.text("type") != "SPOT":
        raise missing("type")
    since, until = asked.time("startTime"), asked.time("endTime")
    items = [
        {
            "type": "spot",
            "updateTime": milliseconds(at),
            "data": {
                "totalAssetOfBtc": "0",
                "balances": [
                    {"asset": asset, "free": plain(free), "locked": plain(locked)}
                    for asset, (free, locked) in sorted(balances.items())
                ],
            },
        }
        for at, balances in asked.venue.histories.day_ends(asked.account.name)
        if (since is None or at >= since) and (until is None or at <= until)
    ]
    return {"code": 200, "msg": "", "snapshotVos": items[-asked.number("limit", 7) :]}

"""The wallets of a classic account, and those that both systems have: funding, bots, Earn, loans; and Bitget's own totals."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.ledger.balances import OWED
from paper.stories.futures import margin_asset, profit, unrealised
from paper.stories.margin import INTEREST, QUOTE, debts, held, list_isolated_coins
from paper.stories.spot import frozen
from paper.stories.worth import usdt_price
from paper.wire.bitget.refusals import illegal
from paper.wire.bitget.request import Asked, plain, stamp
from paper.wire.bitget.symbols import COINS, LINEAR, OTHER_LINEAR, is_settled_in, read_product

ZERO, CENT = Decimal(0), Decimal("1e-8")
SPOT, FUNDING, FUTURES = ("spot", "locked", "withdrawing"), ("funding", "frozen"), ("futures", "coin_m")
CROSSED, ISOLATED, LOANS = "cross_margin", "isolated_margin", "loans"
EARN = ("earn_flexible", "earn_locked", "onchain_yields", "dual_investment")
ELITE = "onchain_yields"  # of Earn, and listed by itself for unified accounts
BOTS = ("bots",)
ALWAYS = {LINEAR: {"USDT"}, OTHER_LINEAR: {"USDC"}, COINS: set[str]()}  # margin that is shown without any


def with_debts(wallet: str) -> tuple[str, ...]:
    """A wallet's bucket and those of its debts."""
    return wallet, OWED + wallet, INTEREST + wallet


TOTALS = {
    "spot": SPOT,
    "futures": FUTURES,
    "funding": FUNDING,
    "earn": EARN,
    "bots": BOTS,
    "margin": (*with_debts(CROSSED), *with_debts(ISOLATED)),
}


def balances(venue: Venue, account: Account, buckets: Iterable[str]) -> dict[str, Decimal]:
    """What is in some buckets together, by asset and by its name."""
    found: dict[str, Decimal] = {}
    for bucket in buckets:
        for asset, amount in venue.ledger.holdings(account.name, bucket):
            found[asset] = found.get(asset, ZERO) + amount
    return dict(sorted(found.items()))


def worth(asked: Asked, found: dict[str, Decimal]) -> Decimal:
    """What balances are worth in USDT."""
    prices = ((amount, usdt_price(asked.venue, asset, asked.now)) for asset, amount in found.items())
    return sum((amount * price for amount, price in prices), ZERO).quantize(CENT)


def spot_assets(asked: Asked) -> Any:
    """GET /api/v2/spot/account/assets: what is held, or with assetType=all every coin"""
    ledger, name = asked.venue.ledger, asked.account.name
    found = balances(asked.venue, asked.account, SPOT)
    if asked.parameters.get("assetType") == "all":
        listed = {asset for symbol in asked.venue.market.symbols.values() for asset in (symbol.base, symbol.quote)}
        found = dict.fromkeys(sorted(listed - found.keys()), ZERO) | found
    wanted = asked.parameters.get("coin", "")
    return [
        {
            "coin": asset,
            "available": plain(ledger.balance((name, "spot"), asset)),
            "frozen": plain(ledger.balance((name, "locked"), asset) + ledger.balance((name, "withdrawing"), asset)),
            "locked": "0",
            "limitAvailable": "0",
            "uTime": stamp(asked.now),
        }
        for asset in sorted(found)
        if wanted in ("", asset)
    ]


def funding_rows(asked: Asked) -> list[dict[str, str]]:
    """The funding wallet by coin."""
    ledger, name = asked.venue.ledger, asked.account.name
    return [
        {
            "coin": asset,
            "available": plain(ledger.balance((name, "funding"), asset)),
            "frozen": plain(ledger.balance((name, "frozen"), asset)),
        }
        for asset in balances(asked.venue, asked.account, FUNDING)
    ]


def funding_assets(asked: Asked) -> Any:
    """GET /api/v2/account/funding-assets"""
    held_there = balances(asked.venue, asked.account, FUNDING)
    rows = funding_rows(asked)
    return [row | {"usdtValue": plain(worth(asked, {row["coin"]: held_there[row["coin"]]}))} for row in rows]


def futures_accounts(asked: Asked) -> Any:
    """GET /api/v2/mix/account/accounts: equity contains the open profit"""
    product = read_product(asked)
    if not product:
        return []
    found = balances(asked.venue, asked.account, FUTURES)
    settled = {margin_asset(position.symbol) for position in asked.account.positions}
    coins = {asset for asset in found.keys() | settled if is_settled_in(product, asset)} | ALWAYS[product]
    return [_futures_account(asked, asset, found.get(asset, ZERO)) for asset in sorted(coins)]


def _futures_account(asked: Asked, asset: str, balance: Decimal) -> dict[str, Any]:
    profit_there = unrealised(asked.venue, asked.account, asked.now, asset)
    equity = balance + profit_there
    in_usdt = worth(asked, {asset: equity})
    return {
        "marginCoin": asset,
        "locked": "0",
        **dict.fromkeys(("available", "crossedMaxAvailable", "isolatedMaxAvailable"), plain(balance)),
        "maxTransferOut": plain(balance),
        "accountEquity": plain(equity),
        "usdtEquity": plain(in_usdt),
        "btcEquity": plain((in_usdt / usdt_price(asked.venue, "BTC", asked.now)).quantize(CENT)),
        "crossedRiskRate": "0",
        "unrealizedPL": plain(profit_there),
        "coupon": "0",
        **dict.fromkeys(("crossedUnrealizedPL", "isolatedUnrealizedPL"), None),
    }


def crossed_assets(asked: Asked) -> Any:
    """GET /api/v2/margin/crossed/account/assets"""
    wanted = asked.parameters.get("coin", "")
    coins = sorted(held(asked.venue, asked.account, CROSSED))
    return [margin_row(asked, CROSSED, asset) for asset in coins if wanted in ("", asset)]


def isolated_assets(asked: Asked) -> Any:
    """GET /api/v2/margin/isolated/account/assets: two rows a pair; the first pair has the USDT of all"""
    if not held(asked.venue, asked.account, ISOLATED):
        return []
    wanted, first = asked.parameters.get("symbol", ""), list_isolated_coins(asked.venue, asked.account)[0]
    empty = margin_row(asked, "", QUOTE)
    rows = [
        row | {"symbol": coin + QUOTE}
        for coin in list_isolated_coins(asked.venue, asked.account)
        for row in (
            margin_row(asked, ISOLATED, coin),
            margin_row(asked, ISOLATED, QUOTE) if coin == first else empty,
        )
    ]
    return [row for row in rows if wanted in ("", row["symbol"])]


def margin_row(asked: Asked, wallet: str, asset: str) -> dict[str, str]:
    """One coin of a margin wallet."""
    free = asked.venue.ledger.balance((asked.account.name, wallet), asset)
    interest, debt = debts(asked.venue, asked.account.name, wallet, asset)
    locked = frozen(asked.venue, asked.account, wallet, asset)
    return {
        "coin": asset,
        "totalAmount": plain(free),
        "available": plain(free - locked),
        "frozen": plain(locked),
        "borrow": plain(debt),
        "interest": plain(interest),
        "net": plain(free - debt - interest),
        "coupon": "0",
        "cTime": stamp(asked.account.created_at),
        "uTime": stamp(asked.now),
    }


def bot_assets(asked: Asked) -> Any:
    """GET /api/v2/account/bot-assets: bots of the spot market; those of futures have nothing"""
    if asked.parameters.get("accountType", "") not in ("", "futures", "spot"):
        raise illegal("accountType")
    if asked.parameters.get("accountType") == "futures":
        return []
    return [
        {
            "coin": asset,
            "available": plain(amount),
            "equity": plain(amount),
            "bonus": "0",
            "frozen": "0",
            "usdtValue": plain(worth(asked, {asset: amount})),
        }
        for asset, amount in balances(asked.venue, asked.account, BOTS).items()
    ]


def earn_assets(asked: Asked) -> Any:
    """GET /api/v2/earn/account/assets: one amount a coin, of all products but those that another path lists"""
    wanted = asked.parameters.get("coin", "")
    buckets = [bucket for bucket in EARN if not (asked.account.is_unified and bucket == ELITE)]
    found = balances(asked.venue, asked.account, buckets)
    return [{"coin": asset, "amount": plain(amount)} for asset, amount in found.items() if wanted in ("", asset)]


def loan_debts(asked: Asked) -> Any:
    """GET /api/v2/earn/loan/debts, /api/v3/loan/debts"""
    owed = {asset: sum(debts(asked.venue, asked.account.name, LOANS, asset), ZERO) for asset in _lent(asked)}
    rows = [
        {"coin": asset, "amount": plain(debt), "amountUsdt": plain(worth(asked, {asset: debt}))}
        for asset, debt in owed.items()
        if debt
    ]
    return {"pledgeInfos": [], "loanInfos": rows}


def loan_orders(asked: Asked) -> Any:
    """GET /api/v2/earn/loan/ongoing-orders"""
    rows = []
    for number, asset in enumerate(_lent(asked), 1):
        interest, debt = debts(asked.venue, asked.account.name, LOANS, asset)
        row = {"orderId": str(number), "loanCoin": asset, "loanAmount": plain(debt), "interestAmount": plain(interest)}
        rates = dict.fromkeys(("hourInterestRate", "pledgeRate", "supRate", "forceRate"), "0")
        pledge = {"pledgeCoin": "BTC", "pledgeAmount": "0", "borrowTime": stamp(asked.account.created_at)}
        rows += [row | rates | pledge | {"expireTime": ""}] if debt or interest else []
    return rows


def _lent(asked: Asked) -> list[str]:
    return sorted(held(asked.venue, asked.account, LOANS))


def totals(asked: Asked) -> Any:
    """GET /api/v2/account/all-account-balance"""
    return [
        {"accountType": name, "usdtBalance": plain(_total(asked, name, buckets))} for name, buckets in TOTALS.items()
    ]


def _total(asked: Asked, name: str, buckets: tuple[str, ...]) -> Decimal:
    found = balances(asked.venue, asked.account, buckets)
    if name == "futures":
        for position in asked.account.positions:
            asset = margin_asset(position.symbol)
            found[asset] = found.get(asset, ZERO) + profit(asked.venue, position, asked.now)
    return worth(asked, found)

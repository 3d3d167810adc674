"""The other wallets: isolated and cross margin, Earn and loans, the unified pool, and Gate's own totals."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.ledger.balances import OWED
from paper.stories.futures import margin_asset, profit
from paper.stories.margin import INTEREST, debts, find_isolated_pair, held, list_isolated_coins
from paper.stories.worth import usdt_price
from paper.wire.gate.request import Asked, milliseconds, plain

ZERO, CENT = Decimal(0), Decimal("1e-8")
FREE, LOCKED = ("spot", "funding"), ("locked", "withdrawing", "frozen")
SPOT = (*FREE, *LOCKED)
FUTURES = ("futures", "coin_m")
CROSS, ISOLATED, LOANS = "cross_margin", "isolated_margin", "loans"
POOL = (*SPOT, *FUTURES, CROSS)  # what a unified account holds as one
EARN = ("earn_flexible",)
STAKED = ("earn_locked", "onchain_yields", "dual_investment")
TOTALS = {"spot": SPOT, "margin": (ISOLATED,), "cross_margin": (CROSS,), "futures": FUTURES, "options": ("options",),
          "finance": (*EARN, *STAKED), "quant": ("bots",)}  # fmt: skip


def sums(venue: Venue, account: Account, buckets: Iterable[str]) -> dict[str, Decimal]:
    """What is in some buckets together, by asset."""
    found: dict[str, Decimal] = {}
    for bucket in buckets:
        for asset, amount in venue.ledger.holdings(account.name, bucket):
            found[asset] = found.get(asset, ZERO) + amount
    return found


def profits(asked: Asked) -> dict[str, Decimal]:
    """What open contracts have gained, by the coin that they are settled in."""
    found: dict[str, Decimal] = {}
    for position in asked.account.positions:
        asset = margin_asset(position.symbol)
        found[asset] = found.get(asset, ZERO) + profit(asked.venue, position, asked.now)
    return found


def isolated(asked: Asked) -> Any:
    """GET /margin/accounts: by pair; what was borrowed is part of what is available."""
    venue, account = asked.venue, asked.account
    pairs = {find_isolated_pair(venue, account, coin) for coin in held(venue, account, ISOLATED)}
    found = []
    for symbol in sorted(pairs):
        base, quote = symbol.removesuffix("USDT"), "USDT"
        has_quote = list_isolated_coins(venue, account)[0] == base
        sides = {"base": _side(asked, base), "quote": _side(asked, quote if has_quote else "", quote)}
        found.append({"currency_pair": f"{base}_{quote}", "locked": False, "risk": "9999", **sides})
    return found


def _side(asked: Asked, asset: str, name: str = "") -> dict[str, str]:
    interest, debt = debts(asked.venue, asked.account.name, ISOLATED, asset)
    amount = asked.venue.ledger.balance((asked.account.name, ISOLATED), asset)
    figures = {"available": amount, "locked": ZERO, "borrowed": debt, "interest": interest}
    return {"currency": name or asset, **{word: plain(figure) for word, figure in figures.items()}}


def cross(asked: Asked) -> Any:
    """GET /margin/cross/accounts: the older cross margin."""
    balances = {}
    for asset in sorted(held(asked.venue, asked.account, CROSS)):
        interest, debt = debts(asked.venue, asked.account.name, CROSS, asset)
        amount = asked.venue.ledger.balance((asked.account.name, CROSS), asset)
        figures = {"available": amount, "freeze": ZERO, "borrowed": debt, "interest": interest, "negative_liab": ZERO}
        balances[asset] = {word: plain(figure) for word, figure in figures.items()}
    return {"user_id": asked.account.uid, "locked": False, "balances": {} if asked.account.is_unified else balances}


def unified(asked: Asked) -> Any:
    """GET /unified/accounts: the pool of spot, contracts and cross margin; equity has debts and open profit in it."""
    held_here, gains = sums(asked.venue, asked.account, POOL), profits(asked)
    owed = {asset: _owed(asked, asset) for asset in held(asked.venue, asked.account, CROSS)}
    balances, total = {}, ZERO
    for asset in sorted({*held_here, *gains, *owed}):
        amount, debt = held_here.get(asset, ZERO) + gains.get(asset, ZERO), owed.get(asset, ZERO)
        negative = max(-amount, ZERO)
        equity = amount - debt
        frozen = sums(asked.venue, asked.account, LOCKED).get(asset, ZERO)
        total += equity * usdt_price(asked.venue, asset, asked.now)
        figures = {
            "available": max(amount - frozen, ZERO),
            "freeze": frozen,
            "borrowed": debt,
            "negative_liab": negative,
            "futures_pos_liab": ZERO,
            "equity": equity,
            "total_freeze": frozen,
            "total_liab": debt + negative,
            "spot_in_use": ZERO,
        }
        balances[asset] = {word: plain(figure) for word, figure in figures.items()}
    return {
        "user_id": asked.account.uid,
        "locked": False,
        "balances": balances,
        "unified_account_total_equity": plain(total.quantize(CENT)),
        "spot_hedge": False,
    }


def _owed(asked: Asked, asset: str) -> Decimal:
    return sum(debts(asked.venue, asked.account.name, CROSS, asset), ZERO)


def lends(asked: Asked) -> Any:
    """GET /earn/uni/lends"""
    rows = [
        {
            "currency": asset,
            "current_amount": plain(amount),
            "amount": plain(amount),
            "lent_amount": plain(amount),
            "frozen_amount": "0",
            "min_rate": "0.00001",
            "interest_status": "interest_dividend",
            "reinvest_left_amount": "0",
            "create_time": milliseconds(asked.account.created_at),
            "update_time": milliseconds(asked.account.created_at),
        }
        for asset, amount in sorted(sums(asked.venue, asked.account, EARN).items())
    ]
    return asked.page(rows, most=100)


def staked(asked: Asked) -> Any:
    """GET /earn/staking/assets"""
    return [
        {
            "pid": number,
            "mortgage_coin": asset,
            "mortgage_amount": plain(amount),
            "createStamp": milliseconds(asked.account.created_at) // 1000,
            "freeze_amount": "0",
            "move_income": "0",
            "type": 1,
            "status": 1,
        }
        for number, (asset, amount) in enumerate(sorted(sums(asked.venue, asked.account, STAKED).items()), 1)
    ]


def nothing(asked: Asked) -> Any:
    """A list of what no story can have."""
    return []


def loans(asked: Asked) -> Any:
    """GET /loan/collateral/orders: one order a coin; what is pledged is in Earn."""
    rows = []
    for number, asset in enumerate(sorted(held(asked.venue, asked.account, LOANS)), 1):
        interest, debt = debts(asked.venue, asked.account.name, LOANS, asset)
        rows.append(
            {
                "order_id": number,
                "collateral_currency": "BTC",
                "borrow_currency": asset,
                "collateral_amount": "0",
                "borrow_amount": plain(debt),
                "repaid_amount": "0",
                "status": "lent",
                "borrow_time": milliseconds(asked.account.created_at) // 1000,
                "left_repay_total": plain(debt + interest),
                "left_repay_interest": plain(interest),
            }
        )
    return asked.page(rows)


def total(asked: Asked) -> Any:
    """GET /wallet/total_balance: what each part is worth; contracts without their open profit, which stands beside."""
    details = {}
    gained = sum((gain * usdt_price(asked.venue, asset, asked.now) for asset, gain in profits(asked).items()), ZERO)
    for name, buckets in TOTALS.items():
        wallets = [bucket for bucket in buckets if bucket in (ISOLATED, CROSS)]
        owed = [OWED + bucket for bucket in wallets] + [INTEREST + bucket for bucket in wallets]
        amount = _worth(asked, [*buckets, *owed])
        part = {"currency": "USDT", "amount": plain(amount.quantize(CENT))}
        details[name] = part | ({"unrealised_pnl": plain(gained.quantize(CENT))} if name == "futures" else {})
    whole = sum((Decimal(part["amount"]) for part in details.values()), ZERO)
    return {"details": details, "total": {"currency": "USDT", "amount": plain(whole), "unrealised_pnl": plain(gained)}}


def _worth(asked: Asked, buckets: Iterable[str]) -> Decimal:
    found = sums(asked.venue, asked.account, buckets)
    return sum((amount * usdt_price(asked.venue, asset, asked.now) for asset, amount in found.items()), ZERO)

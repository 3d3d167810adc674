"""Whether something moved between an account's wallets while they were read, one call each.

Such moves go through spot or funding, the hubs. So a reading is whole when the hubs held the same before and after it.
Spot also changes by trades, and an account that trades without a pause never stands still: then its reading is whole
when the next one finds every wallet but spot as it was, because a move would have changed one of those.
"""

from collections.abc import Iterable

from finance.observed import WalletReading

TRADING = "spot"
Held = tuple[str, str, frozenset[tuple[object, ...]]]


def hold_the_same(before: Iterable[WalletReading], after: Iterable[WalletReading]) -> bool:
    """Whether two looks at the same wallets saw the same, but for the profit of open positions."""
    return [_held(wallet) for wallet in before] == [_held(wallet) for wallet in after]


def stand_still(before: Iterable[WalletReading], after: Iterable[WalletReading]) -> bool:
    """Whether two readings of all wallets differ in nothing but trades in spot."""
    both = ([wallet for wallet in reading if wallet.wallet != TRADING] for reading in (before, after))
    return hold_the_same(*both)


def _held(wallet: WalletReading) -> Held:
    held = frozenset((b.asset, b.quantity - b.unrealised, b.locked, b.owed) for b in wallet.balances)
    return (wallet.wallet, str(wallet.state), held)

"""Isolated margin, and the cross margin of classic accounts: what is there, less what is borrowed of it and its interest.

`available` has in it what was borrowed. An isolated pair has two coins; the same coin lies in many pairs.
"""

from collections.abc import Iterable

from finance.decimals import ZERO, exact
from finance.observed import Balance, add_up
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, an_object, asset, refuse_duplicates, text

ISOLATED = "isolated_margin"
CROSS = "cross_margin"
SIDES = ("base", "quote")


def read_isolated(answer: object) -> tuple[Balance, ...]:
    """Balances of isolated margin, added up over the pairs."""
    pairs = a_list(answer)
    refuse_duplicates((text(pair, "currency_pair") for pair in pairs), "pair")
    return _held(add_up(_read_side(pair, side) for pair in pairs for side in SIDES))


@exact
def _read_side(pair: Row, side: str) -> Balance:
    row = pair.get(side)
    if not isinstance(row, dict):
        raise Malformed(f"{side} is missing")
    return Balance(
        asset=asset(row, "currency"),
        free=amount(row, "available"),
        locked=amount(row, "locked"),
        owed=amount(row, "borrowed") + amount(row, "interest", default=ZERO),
    )


def read_cross(answer: object) -> tuple[Balance, ...]:
    """Balances of the cross margin that a unified account replaces."""
    coins = an_object(answer, "balances")["balances"]
    if not isinstance(coins, dict) or not all(isinstance(row, dict) for row in coins.values()):
        raise Malformed("balances are not a list by coin")
    return _held(_read_coin(coin, row) for coin, row in coins.items())


@exact
def _read_coin(coin: str, row: Row) -> Balance:
    return Balance(
        asset=asset({"coin": coin}, "coin"),
        free=amount(row, "available"),
        locked=amount(row, "freeze"),
        owed=amount(row, "borrowed") + amount(row, "interest", default=ZERO),
    )


def _held(balances: Iterable[Balance]) -> tuple[Balance, ...]:
    return tuple(balance for balance in balances if balance.free or balance.locked or balance.owed)

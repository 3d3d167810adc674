"""Gate's names of pairs, coins and contracts, and ours.

BTC_USDT             a pair; ours is BTCUSDT
USDT_TRX             a coin on a chain, as some deposits name it: USDT
BTC_USDT             a linear contract, named so here as well
BTC_USD              an inverse one, settled in BTC; ours is BTCUSD_PERP, by which everybody knows it as inverse
BTC_USDT_20261225    one that is delivered
"""

from collections.abc import Iterable

from finance.prices import name_pair

INVERSE, INVERSE_QUOTE = "_PERP", "USD"
JOINED = "_"


def split_pair(name: str) -> tuple[str, str] | None:
    """Base and quote of a pair as the exchange names it; None if it is no such name."""
    base, _, quote = name.partition(JOINED)
    return (base, quote) if base and quote and JOINED not in quote else None


def name_symbols(names: Iterable[str]) -> dict[str, str]:
    """The exchange's name of each pair by ours; of two that would be called alike (A_BC, AB_C) neither."""
    found: dict[str, str] = {}
    alike: set[str] = set()
    for name in names:
        if (sides := split_pair(name)) is None:
            continue
        symbol = name_pair(*sides)
        if found.setdefault(symbol, name) != name:
            alike.add(symbol)
    return {symbol: name for symbol, name in found.items() if symbol not in alike}


def name_coin(name: str) -> str:
    """A coin without the chain that some rows name with it."""
    coin, _, _ = name.partition(JOINED)
    return coin or name


def name_contract(contract: str, settle: str) -> str:
    """Our name of a contract that is settled in `settle`."""
    if contract == f"{settle}{JOINED}{INVERSE_QUOTE}":
        return f"{settle}{INVERSE_QUOTE}{INVERSE}"
    return contract


def exchange_contract(symbol: str) -> str:
    """The exchange's name of a contract."""
    if not symbol.endswith(INVERSE):
        return symbol
    return symbol.removesuffix(INVERSE).removesuffix(INVERSE_QUOTE) + JOINED + INVERSE_QUOTE


def settled_in(symbol: str) -> str:
    """What a contract is settled in, by our name of it."""
    base, _, rest = symbol.partition(JOINED)
    return base.removesuffix(INVERSE_QUOTE) if symbol.endswith(INVERSE) else rest.partition(JOINED)[0]


def is_delivered(symbol: str) -> bool:
    """Whether a contract is one that is delivered at a date."""
    return symbol.count(JOINED) > 1

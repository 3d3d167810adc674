"""What is on its way between a portfolio's accounts while they are read, and what it is worth."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from finance.attribution.together import Held
from finance.decimals import ZERO, exact
from finance.moments import minute_of
from finance.portfolios import Transfer, quantities_in_transit
from monitor.accounts.store.portfolios import load_exchanges
from monitor.market.known_prices import Fetched, find_prices
from sql.rows import Db

Moments = Mapping[int, datetime]  # when each account of a portfolio's hour was read


@exact
def value_transit(
    db: Db, fetched: Fetched | None, transfers: Sequence[Transfer], readings: Sequence[Moments]
) -> list[list[Held]]:
    """What is on its way at each of the `readings`; what nothing prices counts as nothing, as in the accounts' NAVs.

    Raises PricesNeeded, once for all of them; without `fetched` all that is known is stored.
    """
    underway = [
        [
            (asset, minute_of(max(moments.values())), quantity)
            for asset, quantity in quantities_in_transit(transfers, moments)
        ]
        for moments in readings
    ]
    keys = {(asset, minute) for found in underway for asset, minute, _ in found}
    if not keys:
        return [[] for _ in readings]
    known = fetched or Fetched(exchange="", others=load_exchanges(db), asked=frozenset(keys))
    prices = find_prices(db, known, keys)
    return [
        [
            Held(asset, quantity, quantity * prices[asset, at].value if (asset, at) in prices else ZERO)
            for asset, at, quantity in found
        ]
        for found in underway
    ]

"""Whose history is derived, and what of the exchange's records that needs: prices of past minutes, and fills.

What the database lacks is asked for, all at once, by raising `PricesNeeded`: the caller fetches it and starts the
transaction again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from finance.decimals import ONE
from finance.exposure import Exposure, list_untold
from finance.flow_values import Basis, KnownPrice
from finance.ledger_entries import LedgerEntry
from finance.prices import VALUATION_ASSET
from finance.records import ContractFill, ContractQuery
from monitor.database import Db
from monitor.ledger.store.contract_fills import record_contract_fills
from monitor.market.first_trades import FirstTradeKey
from monitor.market.store.minute_prices import load_minute_prices, record_minute_prices

PriceKey = tuple[str, datetime]  # asset, or contract to be marked, and minute
KnownPrices = dict[PriceKey, KnownPrice]
FillsKey = tuple[int, ContractQuery]  # whose, and which


class PricesNeeded(Exception):
    """Prices of past minutes, and fills, that must be fetched before the derivation can go on."""

    def __init__(
        self,
        keys: set[PriceKey],
        fills: frozenset[FillsKey] = frozenset(),
        first_trades: frozenset[FirstTradeKey] = frozenset(),
    ) -> None:
        super().__init__(f"{len(keys)} minute prices, fills of {len(fills)} contracts")
        self.keys = keys
        self.fills = fills
        self.first_trades = first_trades


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose history is derived, and at which exchange's prices."""

    account_id: int
    exchange: str
    fetched: dict[PriceKey, KnownPrice | None]  # what was fetched for PricesNeeded; None: no such price exists
    fills: dict[FillsKey, tuple[ContractFill, ...]] = field(default_factory=dict)  # the same; none: they are not told
    first_trades: dict[FirstTradeKey, datetime | None] = field(default_factory=dict)  # the same; None: nobody can tell


def find_prices(db: Db, scope: Scope, keys: set[PriceKey]) -> KnownPrices:
    """Those of the minute prices `keys` that exist. Raises PricesNeeded for those nobody has looked up yet."""
    found = load_minute_prices(db, scope.exchange, keys)
    found |= {(a, m): KnownPrice(value=ONE, route=VALUATION_ASSET) for a, m in keys if a == VALUATION_ASSET}
    missing = keys - found.keys()
    unasked = missing - scope.fetched.keys()
    if unasked:
        raise PricesNeeded(unasked)
    fresh = {key: price for key in missing if (price := scope.fetched[key]) is not None}
    record_minute_prices(db, scope.exchange, fresh)
    return found | fresh


def find_fills(
    db: Db, scope: Scope, bases: Iterable[tuple[Basis, Iterable[LedgerEntry]]]
) -> dict[FillsKey, tuple[ContractFill, ...]]:
    """The fills that tell how large positions were at flows, where nothing else does, as far as the exchange tells them.

    Raises PricesNeeded for those nobody has asked for yet.
    """
    wanted = {
        (exposure.account_id, query)
        for basis, entries in bases
        for exposure in basis.exposures
        for entry in entries
        for query in list_untold(exposure, entry.second)
    }
    unasked = wanted - scope.fills.keys()
    if unasked:
        raise PricesNeeded(set(), frozenset(unasked))
    found = {key: scope.fills[key] for key in wanted}
    for (account_id, _), fills in found.items():
        record_contract_fills(db, account_id, fills)
    return found


def with_fills(basis: Basis, found: Mapping[FillsKey, tuple[ContractFill, ...]]) -> Basis:
    """`basis`, whose exposures know the fills that were `found` for them as well."""
    return replace(basis, exposures=tuple(add_fills(exposure, found) for exposure in basis.exposures))


def add_fills(exposure: Exposure, found: Mapping[FillsKey, tuple[ContractFill, ...]]) -> Exposure:
    """The same, knowing the fills that were `found` for it as well."""
    span = (exposure.account_id, exposure.since)
    fresh = [fill for (account_id, q), fills in found.items() if (account_id, q.since) == span for fill in fills]
    known = {(fill.symbol, fill.exchange_id): fill for fill in (*exposure.fills, *fresh)}
    return replace(exposure, fills=tuple(sorted(known.values(), key=lambda fill: fill.occurred_at)))

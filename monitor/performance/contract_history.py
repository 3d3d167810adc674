"""What happened to an account's contracts, hour by hour: what its trades in them are booked from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from finance.attribution.explanation import Change, Explanation, Part
from finance.contract_book import ContractBook
from finance.contract_hours import NEAR, Booked, ContractHour, Reading
from finance.contract_trades import ContractTrade
from finance.contracts import InverseSizes
from finance.decimals import ONE
from finance.prices import VALUATION_ASSET
from finance.records import IncomeKind
from finance.trades import Trade
from monitor.accounts.store.portfolios import load_exchange
from monitor.exchanges.adapters import load_adapter
from monitor.ledger.store.fills_and_income import load_contract_fills
from monitor.ledger.store.standings import load_standings
from monitor.performance.store.contracts import (
    NamedBooking,
    has_contracts,
    load_named_bookings,
    load_readings,
)
from sql.rows import Db


class ContractHistory:
    """An account's contracts from the valued hour `start` on, stretch after stretch; nothing where there never were any."""

    def __init__(self, db: Db, account_id: int, start: datetime, through: datetime | None = None) -> None:
        """`through`: what happened before it is counted at `start`; None: up to its reading."""
        self._db, self._account_id = db, account_id
        self._settles: set[str] = set()
        self._reading: Reading | None = None
        if has_contracts(db, account_id):
            reading = load_readings(db, account_id, [start])[start]
            self._reading = replace(reading, through=through or reading.through)
            self._settles = {one.settle for one in reading.positions.values()}

    @property
    def exists(self) -> bool:
        """Whether there is anything to make trades of."""
        return self._reading is not None

    def begin(self, prices: Mapping[str, Decimal]) -> ContractBook | None:
        """The book of a history that begins at the start, at these prices; None where there is nothing to make trades of."""
        return None if self._reading is None else ContractBook(self._sizes, self._reading, begins_at=prices)

    def go_on(self, open_trades: Iterable[Trade]) -> ContractBook | None:
        """The book that goes on from the trades that are open now."""
        ours = [one for one in open_trades if isinstance(one, ContractTrade)]
        self._settles |= {one.contract.settle for one in ours}
        return None if self._reading is None else ContractBook(self._sizes, self._reading, ours)

    @property
    def _sizes(self) -> InverseSizes:
        exchange = load_exchange(self._db, self._account_id)
        assert exchange  # only an account has contracts
        return load_adapter(exchange).inverse_sizes

    def load(self, stretch: Sequence[Explanation]) -> list[ContractHour | None]:
        """Each of the explained hours that follow."""
        if self._reading is None:
            return [None] * len(stretch)
        asked = self._db, self._account_id, self._reading.taken_at
        found = load_readings(self._db, self._account_id, [one.hour for one in stretch])
        readings = [replace(found[one.hour], through=one.through) for one in stretch]
        fills = [one for one in load_contract_fills(*asked, stretch[-1].through + NEAR) if one.settle]
        names = load_named_bookings(*asked, stretch[-1].through)
        self._settles |= {fill.settle for fill in fills}
        hours: list[ContractHour | None] = []
        for one, before, after in zip(stretch, [self._reading, *readings], readings, strict=False):
            near = [fill for fill in fills if before.taken_at <= fill.occurred_at < after.through + NEAR]
            hours.append(
                ContractHour(
                    reading=after,
                    fills=near,
                    booked=[name for change in one.changes for name in _name(change, names)],
                    prices=self._find_prices(one),
                    made=one.parts[Part.POSITIONS],
                )
            )
        self._reading = readings[-1]
        return hours

    def _find_prices(self, one: Explanation) -> Mapping[str, Decimal]:
        """What contracts settle in, as the explanation values it."""
        prices = {VALUATION_ASSET: ONE} | {asset.asset: asset.price for asset in one.assets}
        if self._settles - {""} <= prices.keys():
            return prices
        return {**load_standings(self._db, self._account_id, [one.hour])[one.hour].prices, **prices}


def _name(change: Change, names: Mapping[str, NamedBooking]) -> Iterable[Booked]:
    named = names.get(change.row)
    if named and change.at:
        yield Booked(
            at=change.at,
            symbol=named.symbol,
            kind=IncomeKind(change.kind),
            asset=change.asset,
            amount=change.quantity,
            row=change.row,
            fill=named.fill,
        )

"""The minute prices that hours are booked with: those that are stored, and which are to be asked for first."""

from collections.abc import Collection
from decimal import Decimal

from finance.attribution.booked import Minute
from monitor.market.known_prices import Fetched, PricesWished
from monitor.market.store.prices import load_minute_prices
from sql.rows import Db


class MinutesAsked:
    """What work has asked for; without `fetched` it asks for nothing, and goes on with what is stored."""

    def __init__(self, fetched: Fetched | None = None) -> None:
        self.lacking: set[Minute] = set()  # neither stored nor asked for
        self._fetched = fetched

    def load(self, db: Db, exchange: str, keys: Collection[Minute]) -> dict[Minute, Decimal]:
        """Those of the prices that are stored."""
        found = {key: price.value for key, price in load_minute_prices(db, [exchange], keys).items()}
        if self._fetched:
            self.lacking |= set(keys) - found.keys() - self._fetched.asked - self._fetched.wished
        return found

    def ask(self) -> None:
        """Raises PricesWished for what is lacking."""
        if self.lacking:
            raise PricesWished(self.lacking)

"""Two years of four traders, one on each exchange: thousands of fills, most of them from flat to flat within days.

On two days of five each of them trades, in one hour; the hour's end is read, and one other hour of every day.
"""

from collections.abc import Iterable
from decimal import Decimal

from tests.soak.year_incidents import INCIDENTS, late_fills, write
from tests.soak.year_story import Writer, Year

COINS = {"SOLUSDT": 30, "ADAUSDT": 9000, "LINKUSDT": 300, "BNBUSDT": 9}  # and how many tenths are bought at most
PAID_IN = {"one": "BNBUSDT"}  # what fees are paid in is no trade of its own
COMMISSION = Decimal("0.001")
BUSY, ENDS, WHOLE = 0.4, 0.55, 0.7  # how often a day is traded, what is held is sold, and sold as a whole


class Trader(Writer):
    """Draws the life of traders."""

    head = ("deposit 200000 USDT", "deposit 2 BTC", "deposit 40 ETH", "transfer 20000 USDT from spot to futures")

    def __init__(self, seed: int, days: int) -> None:
        super().__init__(seed, days)
        self._held: dict[tuple[str, str], Decimal] = {}
        self.say("one", 40, "bnbfees on")

    def live_days(self, quiet: Iterable[int]) -> None:
        """Nothing is traded on `quiet` days, nor on most others."""
        idle = {day for day in range(self.year.days) if self._chance.random() >= BUSY}
        super().live_days({*quiet, *idle})

    def live_hour(self, name: str, hour: int) -> None:
        """A few orders, and now and then something else."""
        minutes = sorted(self.draw_minute(hour) for _ in range(self._chance.randint(4, 9)))
        for minute in minutes:
            self.say(name, minute, self._order(name))
        if self._chance.random() < 0.3:
            super().live_hour(name, hour)

    def _order(self, name: str) -> str:
        symbol = self._chance.choice([one for one in COINS if one != PAID_IN.get(name)])
        held = self._held.get((name, symbol), Decimal(0))
        if held and self._chance.random() < ENDS:
            part = held if self._chance.random() < WHOLE else (held / 2).quantize(Decimal("0.1"))
            self._held[name, symbol] = held - part
            if part:
                return f"sell {part} {symbol}"
        bought = Decimal(self._chance.randint(COINS[symbol] // 5, COINS[symbol])) / 10
        kept = bought if name in PAID_IN else bought - bought * COMMISSION
        self._held[name, symbol] = self._held.get((name, symbol), Decimal(0)) + kept
        return f"buy {bought} {symbol}"


def write_traders(seed: int, days: int) -> Year:
    """The same for the same seed."""
    return write(Trader(seed, days), (*INCIDENTS, late_fills))

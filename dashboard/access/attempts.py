"""Wrong passwords by address: after a few of them an address waits, longer each time, and never for long.

Who is signed in stays so, whoever tries what. A try that is refused makes no wait longer, so a stranger with the owner's
address (behind a proxy that names nobody) delays a login, and does not prevent it for good.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from serving.addresses import find_house

FREE = 5  # wrong tries before the first wait
FIRST_WAIT, LONGEST_WAIT = 15.0, 300.0  # seconds; each further wrong try doubles it
FORGOTTEN_AFTER = timedelta(hours=1)
MOST_KNOWN = 1_000  # addresses; the one that was quiet for longest is forgotten first


@dataclass(slots=True)
class _Failures:
    count: int
    last_at: datetime

    def wait(self, now: datetime) -> float:
        if self.count < FREE:
            return 0.0
        seconds: float = min(FIRST_WAIT * 2.0 ** min(self.count - FREE, 10), LONGEST_WAIT)
        return max(0.0, seconds - (now - self.last_at).total_seconds())


class Attempts:
    """The wrong tries of late; one that has begun counts as wrong until it succeeds, so that none run side by side."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Failures] = OrderedDict()

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._known)

    def wait(self, address: str, now: datetime) -> float:
        """Seconds until this address may try again; 0 if it may now."""
        known = self._known.get(find_house(address))
        return known.wait(now) if known else 0.0

    def begin(self, address: str, now: datetime) -> None:
        """Count a try."""
        house = find_house(address)
        known = self._known.pop(house, None)
        is_recent = known is not None and now - known.last_at < FORGOTTEN_AFTER
        self._known[house] = _Failures(count=known.count + 1 if known and is_recent else 1, last_at=now)
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    def succeed(self, address: str) -> None:
        """Forget the address's wrong tries."""
        self._known.pop(find_house(address), None)

"""Bad days of an exchange, drawn from a seed: any call may be throttled, fail, hang, be cut or answer a web page.

Now and then an endpoint fails for so many calls that no retry helps: then the hour has to be marked.
"""

import random
from collections import Counter
from typing import Any

from paper.faults import Faults

SHARE = 0.02  # of the calls that fail
BAD: tuple[dict[str, Any], ...] = (
    {"status": 429, "body": '{"code": -1003, "msg": "Too many requests."}', "headers": {"Retry-After": "1"}},
    {"status": 500, "body": "oops"},
    {"status": 502, "body": "<html>bad gateway</html>"},
    {"status": 503, "body": '{"code": -1008, "msg": "Server is currently overloaded."}'},
    {"status": 200, "body": "<html>maintenance</html>"},
    {"status": 200, "body": '[{"asset": "BTC", "fr'},
    {"status": 200, "body": ""},
    {"kind": "truncate"},
    {"kind": "reset"},
    {"kind": "close"},
)
DOWN: dict[str, Any] = {"status": 500, "body": "oops"}
STORMS = 0.004  # of the calls begin one
STORM_CALLS = 9  # of that endpoint
HANG: dict[str, Any] = {"kind": "hang", "seconds": 6.0}  # longer than a call may take
HANGS = 0.02  # of the faults


class Weather(Faults):
    """Faults by chance; each path has its own, so that the order of calls at once does not change them."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.struck = 0
        self._seed = seed
        self._storms: Counter[str] = Counter()
        self._chances: dict[str, random.Random] = {}

    def pick(self, exchange: str, path: str, sent: str) -> dict[str, Any] | None:
        """The fault that strikes a call, if one does."""
        chance = self._chances.setdefault(path, random.Random(f"{self._seed} {path}"))
        if chance.random() < STORMS:
            self._storms[path] = STORM_CALLS
        if not self._storms[path] and chance.random() >= SHARE:
            return None
        self.struck += 1
        if self._storms[path]:
            self._storms[path] -= 1
            return DOWN
        return HANG if chance.random() < HANGS else chance.choice(BAD)

"""Bad days of an exchange, drawn from a seed: any call may be throttled, fail, hang, be cut or answer a web page."""

import random
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
HANG: dict[str, Any] = {"kind": "hang", "seconds": 3.0}  # longer than a call may take
HANGS = 0.03  # of the faults


class Weather(Faults):
    """Faults by chance, the same for every run with a seed."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.struck = 0
        self._chance = random.Random(seed)

    def pick(self, path: str) -> dict[str, Any] | None:
        """The fault that strikes a call, if one does; klines that the onlooker reads are spared by `clear`."""
        if self._chance.random() >= SHARE:
            return None
        self.struck += 1
        return HANG if self._chance.random() < HANGS else self._chance.choice(BAD)

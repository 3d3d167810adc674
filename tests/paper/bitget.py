"""The life of an account at the paper exchange's Bitget, and a client written after the documentation alone: it signs by itself."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.venue import RunningVenue

KEY, SECRET, PASSPHRASE = (
    "key-of-ann-at-bitget-0123456789",
    "secret-of-ann-9876543210",
    "open-sesame",
)
CLIENT = httpx.Client(timeout=10)
CREDENTIALS = f"key {KEY} secret {SECRET} passphrase {PASSPHRASE}"


def sign(secret: str, text: str) -> str:
    """The signature of stamp, method, path, query and body in a row."""
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def ask(venue: RunningVenue, path: str, asked: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
    """A signed GET; `headers` (access_sign ...) replace what would be sent."""
    query = urlencode(sorted((name, str(value)) for name, value in (asked or {}).items()))
    decoded = "&".join(f"{name}={value}" for name, value in sorted((asked or {}).items()))
    stamp = headers.pop("access_timestamp", str(ms(venue.now())))
    sent = {
        "ACCESS-KEY": KEY,
        "ACCESS-SIGN": sign(SECRET, f"{stamp}GET{path}{'?' + decoded if decoded else ''}"),
        "ACCESS-TIMESTAMP": stamp,
        "ACCESS-PASSPHRASE": PASSPHRASE,
    }
    sent |= {name.upper().replace("_", "-"): value for name, value in headers.items()}
    return CLIENT.get(f"{venue.urls['bitget']}{path}{'?' + query if query else ''}", headers=sent)


def read(venue: RunningVenue, path: str, **asked: Any) -> Any:
    """The data of an answer."""
    answer = ask(venue, path, asked)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (200, "00000"), told
    return told["data"]


def ms(moment: datetime) -> int:
    """A time in milliseconds."""
    return int(moment.timestamp() * 1000)


LIFE = """
+0m deposit 20000 USDT
+1m deposit 0.5 ETH credited after 3m
+2m buy for 6000 BTCUSDT
+3m sell 0.01 BTCUSDT
+4m transfer 500 USDT from spot to funding
+5m transfer 3000 USDT from spot to futures
+6m transfer 2000 USDT from spot to cross_margin
+7m borrow 0.2 ETH on cross_margin
+8m sell 0.1 ETHUSDT on cross_margin
+9m charge 0.0001 ETH on cross_margin
+10m transfer 0.01 BTC from spot to isolated_margin
+11m transfer 700 USDT from spot to earn_flexible
+12m transfer 300 USDT from spot to bots
+13m long 0.02 BTCUSDT
+14m funding pay 1.25 USDT BTCUSDT
+15m close 0.01 BTCUSDT
+16m withdraw 100 USDT fee 1.5 completed after 5m
+17m lock 50 USDT
+18m convert 200 USDT to SOL
+19m send 250 USDT to Bob fee 1 arriving after 20m
+20m transfer 0.02 BTC from spot to coin_m
+21m short 3 BTCUSD_PERP
"""
BOB = "+0m account Bob key key-of-bob-0123456789 secret secret-of-bob\n"
AGE = timedelta(hours=2)


def story(system: str) -> str:
    """The life of an account of a system."""
    return f"{BOB}+0m account Ann on bitget {system} {CREDENTIALS}\n{LIFE}"

"""Who is asking: the key, the HMAC-SHA512 over what was sent, the time; and what the key may do."""

import hashlib
import hmac
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.gate.request import Asked, milliseconds
from paper.wire.refusal import Refusal
from paper.wire.request import Sent

KEY, SIGNATURE, STAMP = "key", "sign", "timestamp"
TOLERANCE_SECONDS, MOST_DIGITS = 60, 12
RIGHTS = ("wallet", "spot", "futures", "delivery", "earn", "options", "account", "unified", "loan", "margin")
WRITES = "_write"  # how the flag of a story ends that lets the key write there
SHOWN_OF_A_KEY = 12


def identify(venue: Venue, sent: Sent, now: datetime) -> Account:
    """The account that signed the request. Raises Refusal as Gate does."""
    for name in (KEY, SIGNATURE, STAMP):
        if not sent.headers.get(name):
            raise Refusal("MISSING_REQUIRED_HEADER", f"Missing required header: {name.upper()}", 401)
    stamp = sent.headers[STAMP]
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= MOST_DIGITS):
        raise Refusal("REQUEST_EXPIRED", "Timestamp is not a number", 403)
    if abs(int(stamp) - now.timestamp()) > TOLERANCE_SECONDS:
        raise Refusal(
            "REQUEST_EXPIRED", f"gap between request Timestamp and server time exceeds {TOLERANCE_SECONDS}", 403
        )
    account = venue.account_of_key(sent.headers[KEY], "gate")
    if account is None or account.revoked:
        raise Refusal("INVALID_KEY", "Invalid key provided", 401)
    if not hmac.compare_digest(sign(account.secret, stamp, sent).encode(), sent.headers[SIGNATURE].encode()):
        raise Refusal("INVALID_SIGNATURE", "Signature mismatch", 401)
    return account


def sign(secret: str, stamp: str, sent: Sent) -> str:
    """The signature of a request: over the query's decoded text in the order it was sent."""
    body = hashlib.sha512(sent.body.encode()).hexdigest()
    text = "\n".join((sent.method, sent.path, unquote_plus(sent.query), body, stamp))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()


def list_rights(account: Account) -> list[str]:
    """What the account's key may use at all: as a reading key, and what the story permitted or forbade."""
    rights = dict.fromkeys(("", *RIGHTS), True) | account.permissions
    return [right for right, may in rights.items() if may and not right.endswith(WRITES)]


def detail(asked: Asked) -> Any:
    """GET /account/detail"""
    account = asked.account
    return {
        "user_id": account.uid,
        "ip_whitelist": [],
        "currency_pairs": [],
        "key": {"mode": 2 if account.is_unified else 1},
        "tier": 0,
        "copy_trading_role": 0,
    }


def main_keys(asked: Asked) -> Any:
    """GET /account/main_keys: the key that asks, of which the end is hidden."""
    account = asked.account
    perms = [
        {"name": right, "read_only": not account.permissions.get(right + WRITES, False)}
        for right in list_rights(account)
        if right
    ]
    key = {
        "state": 1,
        "mode": 2 if account.is_unified else 1,
        "name": "paper",
        "user_id": account.uid,
        "perms": perms,
        "ip_whitelist": [],
        "currency_pairs": [],
        "key": account.key[:SHOWN_OF_A_KEY] + "*****",
        "created_at": milliseconds(account.created_at) // 1000,
        "updated_at": milliseconds(account.created_at) // 1000,
        "last_access": milliseconds(asked.now) // 1000,
    }
    return [key]


def mode(asked: Asked) -> Any:
    """GET /unified/unified_mode"""
    return {"mode": asked.account.system, "settings": {"spot_hedge": False, "usdt_futures": True, "options": False}}

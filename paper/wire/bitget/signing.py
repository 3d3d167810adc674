"""Who is asking: key, passphrase, and the HMAC over stamp, method, path, sorted query and body. And what the key may do."""

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import parse_qsl

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.bitget.refusals import (
    BAD_KEY,
    BAD_PASSPHRASE,
    BAD_SIGNATURE,
    BAD_STAMP,
    KEY_IS_GONE,
    NO_KEY,
    NO_PASSPHRASE,
    NO_SIGNATURE,
    STALE,
)
from paper.wire.request import Sent

KEY, SIGNATURE, STAMP, PASSPHRASE = "access-key", "access-sign", "access-timestamp", "access-passphrase"
LONGEST_MS = 30_000
MOST_DIGITS = 18
READING = ("coor", "cpor", "stor", "smor", "ttor", "wtor", "taxr", "chor", "p2pr", "pllr")
UNIFIED = ("uta_mgt", "uta_trade")  # the same names for reading and writing: permType says which
OLDER = "v2"  # that of one that forbids a unified account what of the older generation it may use
WRITES = "write"  # the flag of a story that lets the key of a unified account write


def identify(venue: Venue, sent: Sent, now: datetime) -> Account:
    """The account that signed the request. Raises Refusal as Bitget does."""
    told = {name: sent.headers.get(name, "") for name in (KEY, SIGNATURE, STAMP, PASSPHRASE)}
    for name, refusal in ((KEY, NO_KEY), (SIGNATURE, NO_SIGNATURE), (PASSPHRASE, NO_PASSPHRASE)):
        if not told[name]:
            raise refusal
    _check_stamp(told[STAMP], now)
    account = venue.account_of_key(told[KEY], "bitget")
    if account is None:
        raise BAD_KEY
    if account.revoked:
        raise KEY_IS_GONE
    if not hmac.compare_digest(account.passphrase.encode(), told[PASSPHRASE].encode()):
        raise BAD_PASSPHRASE
    expected = sign(account.secret, told[STAMP], sent)
    if not hmac.compare_digest(expected.encode(), told[SIGNATURE].encode()):
        raise BAD_SIGNATURE
    return account


def sign(secret: str, stamp: str, sent: Sent) -> str:
    """The signature of a request: over the query's decoded text, sorted by names."""
    query = "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(sent.query, keep_blank_values=True)))
    text = f"{stamp}{sent.method}{sent.path}{'?' + query if query else ''}{sent.body}"
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _check_stamp(text: str, now: datetime) -> None:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise BAD_STAMP
    if abs(int(text) - int(now.timestamp() * 1000)) > LONGEST_MS:
        raise STALE


def list_rights(account: Account) -> list[str]:
    """The rights of the account's key: those of a reading key, and what the story permitted or forbade."""
    usual = {"classic": READING, "unified": UNIFIED}.get(account.system, (*READING, *UNIFIED))
    rights = dict.fromkeys(usual, True) | account.permissions
    return [right for right, may in rights.items() if may and right not in (WRITES, OLDER)]

"""Who is asking: the key, the HMAC-SHA256 over exactly what was sent, and the time window."""

import hashlib
import hmac
import re
from datetime import datetime
from urllib.parse import parse_qsl

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.binance.refusals import BAD_KEY_FORMAT, BAD_SIGNATURE, REJECTED_KEY, bad_timestamp, illegal, missing
from paper.wire.refusal import Refusal

DEFAULT_WINDOW, LONGEST_WINDOW = 5_000, 60_000
MOST_AHEAD = 1_000
MOST_DIGITS = 20
KEY_HEADER = "x-mbx-apikey"
PERCENT_ENCODED = re.compile(r"([A-Za-z0-9\-._~!'()*+=&]|%[0-9A-Fa-f]{2})*", re.ASCII)

READ_ONLY = {
    "enableReading": True,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
    "enableMargin": False,
    "enableFutures": False,
    "permitsUniversalTransfer": False,
    "enableVanillaOptions": False,
    "enableFixApiTrade": False,
    "enableFixReadOnly": False,
    "enableSpotAndMarginTrading": False,
    "enablePortfolioMarginTrading": False,
}


def identify(venue: Venue, headers: dict[str, str], query: str, body: str, now: datetime) -> Account:
    """The account that signed the request. Raises Refusal as Binance does."""
    account = find_account(venue, headers)
    parameters = dict(parse_qsl(query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True))
    _check_time(parameters, now)
    if not parameters.get("signature"):
        raise missing("signature")
    signed = _without_signature(query) + _without_signature(body)
    if not PERCENT_ENCODED.fullmatch(signed):  # since 2026-01-15, whatever the signature
        raise BAD_SIGNATURE
    expected = hmac.new(account.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), parameters["signature"].encode()):
        raise BAD_SIGNATURE
    return account


def find_account(venue: Venue, headers: dict[str, str]) -> Account:
    """The account of the key alone."""
    key = headers.get(KEY_HEADER, "")
    if not key:
        raise BAD_KEY_FORMAT
    account = venue.account_of_key(key, "binance")
    if account is None or account.revoked or not list_permissions(account)["enableReading"]:
        raise REJECTED_KEY
    return account


def list_permissions(account: Account) -> dict[str, bool]:
    """The flags of the account's key: those of a reading key, and what the story permitted or forbade."""
    return READ_ONLY | account.permissions


def _without_signature(text: str) -> str:
    return "&".join(part for part in text.split("&") if part and not part.startswith("signature="))


def _check_time(parameters: dict[str, str], now: datetime) -> None:
    if "timestamp" not in parameters:
        raise missing("timestamp")
    stamp, window = (_number(parameters, "timestamp", 0), _number(parameters, "recvWindow", DEFAULT_WINDOW))
    if window > LONGEST_WINDOW:
        raise Refusal(-1131, "recvWindow must be less than 60000")
    server = int(now.timestamp() * 1000)
    if stamp >= server + MOST_AHEAD:
        raise bad_timestamp(ahead=True)
    if server - stamp > window:
        raise bad_timestamp(ahead=False)


def _number(parameters: dict[str, str], name: str, default: int) -> int:
    text = parameters.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise illegal(name)
    return int(text)

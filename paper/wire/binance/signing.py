"""Who is asking: the key, what proves it (an HMAC-SHA256 or an Ed25519 signature of exactly what was sent), and the time."""

import binascii
import hashlib
import hmac
import re
from base64 import b64decode
from datetime import datetime, timedelta
from decimal import Decimal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.market.klines import EPOCH
from paper.wire.binance.refusals import (
    BAD_KEY_FORMAT,
    BAD_SIGNATURE,
    LONG_WINDOW,
    REJECTED_KEY,
    bad_timestamp,
    illegal,
    missing,
)
from paper.wire.binance.request import MICROSECONDS_FROM, Wanted
from paper.wire.request import Sent

DEFAULT_WINDOW, LONGEST_WINDOW = "5000", 60_000
MOST_AHEAD = 1_000_000  # microseconds
MICROSECOND = timedelta(microseconds=1)
STAMP = re.compile(r"[0-9]{1,20}", re.ASCII)
WINDOW = re.compile(r"[0-9]{1,20}(\.[0-9]{1,3})?", re.ASCII)
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


def read_http(sent: Sent) -> Wanted:
    """What is asked over HTTP: signed is the query, then the body, as they came, without the signature."""
    payload = _without_signature(sent.query) + _without_signature(sent.body)
    return Wanted(
        key=sent.headers.get(KEY_HEADER, ""),
        pairs=tuple(sent.pairs()),
        payload=payload,
        is_encoded=bool(PERCENT_ENCODED.fullmatch(payload)),  # since 2026-01-15, whatever the signature
    )


def identify(venue: Venue, wanted: Wanted, now: datetime) -> Account:
    """The account that signed what is wanted. Raises Refusal as Binance does."""
    account = find_account(venue, wanted.key)
    _check_time(wanted.parameters, now)
    if wanted.is_trusted:
        return account
    if not (signature := wanted.parameters.get("signature")):
        raise missing("signature")
    if not wanted.is_encoded or not _is_signed(account, wanted, signature):
        raise BAD_SIGNATURE
    return account


def _is_signed(account: Account, wanted: Wanted, signature: str) -> bool:
    payload = wanted.payload.encode()
    if public := account.public_keys.get(wanted.key):
        return _is_signed_by(public, payload, signature)
    expected = hmac.new(account.secret.encode(), payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.lower().encode())


def _is_signed_by(public: bytes, payload: bytes, signature: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(b64decode(signature, validate=True), payload)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def find_account(venue: Venue, key: str) -> Account:
    """The account of the key alone."""
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
    if not STAMP.fullmatch(parameters["timestamp"]):
        raise illegal("timestamp")
    if not WINDOW.fullmatch(text := parameters.get("recvWindow", DEFAULT_WINDOW)):
        raise illegal("recvWindow")
    if (window := Decimal(text)) > LONGEST_WINDOW:
        raise LONG_WINDOW
    stamp = int(parameters["timestamp"])
    late = (now - EPOCH) // MICROSECOND - (stamp if stamp >= MICROSECONDS_FROM else stamp * 1_000)
    if -late >= MOST_AHEAD:
        raise bad_timestamp(ahead=True)
    if late > window * 1_000:
        raise bad_timestamp(ahead=False)

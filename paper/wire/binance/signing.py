"""Who is asking: the key, what proves it (an HMAC-SHA256 or an Ed25519 signature of exactly what was sent), and the time."""

import re
from datetime import datetime, timedelta
from decimal import Decimal

from paper.engine.venue import Venue
from paper.market.klines import EPOCH
from paper.users.api_keys import is_signed_by_key, is_signed_by_secret
from paper.wire.binance.refusals import (
    BAD_KEY_FORMAT,
    BAD_SIGNATURE,
    LONG_WINDOW,
    REJECTED_KEY,
    bad_timestamp,
    illegal,
    missing,
)
from paper.wire.binance.request import MICROSECONDS_FROM, KeyInUse, Wanted
from paper.wire.request import Sent

DEFAULT_WINDOW, LONGEST_WINDOW = "5000", 60_000
MOST_AHEAD = 1_000_000  # microseconds
MICROSECOND = timedelta(microseconds=1)
STAMP = re.compile(r"[0-9]{1,20}", re.ASCII)
WINDOW = re.compile(r"[0-9]{1,20}(\.[0-9]{1,3})?", re.ASCII)
KEY_HEADER = "x-mbx-apikey"
PERCENT_ENCODED = re.compile(r"([A-Za-z0-9\-._~!'()*+=&]|%[0-9A-Fa-f]{2})*", re.ASCII)

TRADING_RIGHT = "enableSpotAndMarginTrading"
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
        address=sent.address,
        pairs=tuple(sent.pairs()),
        payload=payload,
        is_encoded=bool(PERCENT_ENCODED.fullmatch(payload)),  # since 2026-01-15, whatever the signature
    )


def identify(venue: Venue, wanted: Wanted, now: datetime) -> KeyInUse:
    """The key that signed what is wanted. Raises Refusal as Binance does."""
    key = find_key(venue, wanted.key, wanted.address)
    _check_time(wanted.parameters, now)
    if wanted.is_trusted:
        return key
    if not (signature := wanted.parameters.get("signature")):
        raise missing("signature")
    if not wanted.is_encoded or not _is_signed(key, wanted, signature):
        raise BAD_SIGNATURE
    if key.users:
        venue.note_use(key.users, now)
    return key


def _is_signed(key: KeyInUse, wanted: Wanted, signature: str) -> bool:
    payload = wanted.payload.encode()
    if key.public_key:
        return is_signed_by_key(key.public_key, payload, signature)
    return is_signed_by_secret(key.secret, payload, signature)


def find_key(venue: Venue, key: str, address: str) -> KeyInUse:
    """A key that is good now for who asks from an address. Raises Refusal."""
    if not key:
        raise BAD_KEY_FORMAT
    found = _find_users_key(venue, key, address) or _find_accounts_key(venue, key)
    if found is None or not found.permissions["enableReading"]:
        raise REJECTED_KEY
    return found


def _find_accounts_key(venue: Venue, key: str) -> KeyInUse | None:
    """The key of an account that a story opened: its flags are those of a reading key, and what the story permitted."""
    account = venue.account_of_key(key, "binance")
    if account is None or account.revoked:
        return None
    return KeyInUse(
        key=key,
        account=account,
        permissions=READ_ONLY | account.permissions,
        secret=account.secret,
        public_key=account.public_keys.get(key, b""),
        created_at=account.created_at,
    )


def _find_users_key(venue: Venue, key: str, address: str) -> KeyInUse | None:
    """The key that a user made, if it may be used from where he asks."""
    found = venue.key_ring.find(key, address) if venue.key_ring else None
    if venue.key_ring is None or found is None:
        return None
    return KeyInUse(
        key=key,
        account=venue.accounts[str(found.user)],
        permissions=READ_ONLY | {TRADING_RIGHT: found.may_trade},
        secret=venue.key_ring.secret(found),
        public_key=found.public_key,
        is_restricted=bool(found.addresses),
        created_at=found.created_at,
        users=found,
    )


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
    late = (now - EPOCH) // MICROSECOND - read_stamp(parameters)
    if -late >= MOST_AHEAD:
        raise bad_timestamp(ahead=True)
    if late > window * 1_000:
        raise bad_timestamp(ahead=False)


def read_stamp(parameters: dict[str, str]) -> int:
    """When something was asked, in microseconds, of parameters that were found good."""
    stamp = int(parameters["timestamp"])
    return stamp if stamp >= MICROSECONDS_FROM else stamp * 1_000


def require_later(parameters: dict[str, str], moment: datetime) -> None:
    """Raise Refusal where something was asked before a moment, to the millisecond."""
    if read_stamp(parameters) // 1_000 < (moment - EPOCH) // MICROSECOND // 1_000:
        raise bad_timestamp(ahead=False)

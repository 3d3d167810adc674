"""Who is asking: the key, the HMAC-SHA256 of its family, the time window, and the key's rights."""

import hashlib
import hmac
from datetime import datetime
from urllib.parse import parse_qsl

from paper.engine.venue import Venue
from paper.histories.accounts import Account
from paper.wire.refusal import Refusal
from paper.wire.request import Sent

API_KEY, CONTRACT_KEY = "x-mexc-apikey", "apikey"
CONTRACT = "/api/v1/"
DEFAULT_WINDOW, LONGEST_WINDOW, MOST_AHEAD, CONTRACT_WINDOW = 5_000, 60_000, 1_000, 10_000
READING = (
    "SPOT_ACCOUNT_READ",
    "SPOT_DEAL_READ",
    "SPOT_WITHDRAW_READ",
    "SPOT_TRANSFER_READ",
    "CONTRACT_ACCOUNT_READ",
    "CONTRACT_DEAL_READ",
)
OF_CONTRACTS = "CONTRACT_"
MOST_DIGITS = 18


def identify(venue: Venue, sent: Sent, now: datetime) -> Account:
    """The account that signed. Raises Refusal."""
    is_contract = sent.path.startswith(CONTRACT)
    return _sign_contract(venue, sent, now) if is_contract else _sign_spot(venue, sent, now)


def check_right(account: Account, right: str) -> None:
    """Raise Refusal where the account's key has no `right`; without one nothing is needed."""
    if not right or right in list_rights(account):
        return
    if right.startswith(OF_CONTRACTS):
        raise Refusal(701, "Lack of permission", 200)
    raise Refusal(700007, "No permission to access the endpoint.", 403)


def list_rights(account: Account) -> list[str]:
    """The rights of the account's key: those of a reading key, and what the story permitted or forbade."""
    flags = dict.fromkeys(READING, True) | account.permissions
    return [name for name, is_on in flags.items() if is_on]


def _sign_spot(venue: Venue, sent: Sent, now: datetime) -> Account:
    account = _find(venue, sent, API_KEY)
    if account is None:
        raise Refusal(10072, "Api key info invalid")
    signed, _, rest = sent.query.rpartition("signature=")
    parameters = dict(parse_qsl(sent.query, keep_blank_values=True))
    if not signed or "&" in rest:
        raise Refusal(700004, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.")
    expected = hmac.new(account.secret.encode(), signed.rstrip("&").encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), rest.encode()):
        raise Refusal(700002, "Signature for this request is not valid.")
    stamp, window = _number(parameters, "timestamp"), _number(parameters, "recvWindow", DEFAULT_WINDOW)
    if window > LONGEST_WINDOW:
        raise Refusal(700005, "recvWindow must less than 60000")
    server = int(now.timestamp() * 1000)
    if not (stamp < server + MOST_AHEAD and server - stamp <= window):
        raise Refusal(700003, "Timestamp for this request is outside of the recvWindow.")
    return account


def _sign_contract(venue: Venue, sent: Sent, now: datetime) -> Account:
    account = _find(venue, sent, CONTRACT_KEY)
    if account is None:
        raise Refusal(402, "Api key expired" if sent.headers.get(CONTRACT_KEY) else "Unauthorized", 200)
    stamp = sent.headers.get("request-time", "")
    signed = f"{account.key}{stamp}{sent.body or sent.query}"
    expected = hmac.new(account.secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), sent.headers.get("signature", "").encode()):
        raise Refusal(602, "Confirming signature failed", 200)
    server = int(now.timestamp() * 1000)
    if abs(server - _number({"request-time": stamp}, "request-time")) > CONTRACT_WINDOW:
        raise Refusal(513, "Request timeout, the request time is outside of the window", 200)
    return account


def _find(venue: Venue, sent: Sent, header: str) -> Account | None:
    account = venue.account_of_key(sent.headers.get(header, ""), "mexc")
    return None if account is None or account.revoked else account


def _number(parameters: dict[str, str], name: str, default: int | None = None) -> int:
    text = parameters.get(name, "" if default is None else str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise Refusal(700004, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    return int(text)

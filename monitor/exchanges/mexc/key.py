"""What is asked about a key and its account: its number, what the key may do, and how long it lives.

Only rights that are known to read nothing but data are harmless; any other name is a dangerous permission.
"""

from datetime import datetime, timedelta

from monitor.exchanges.contract import Permissions
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, a_moment, an_object, optional_text, text
from monitor.exchanges.mexc.dialect import spot

UID = spot("uid")
INFO = spot("apiKeyInfo")
READING = frozenset(
    {
        "SPOT_ACCOUNT_READ",
        "SPOT_DEAL_READ",
        "SPOT_WITHDRAW_READ",
        "SPOT_TRANSFER_READ",
        "CONTRACT_ACCOUNT_READ",
        "CONTRACT_DEAL_READ",
    }
)
LIFE = timedelta(days=90)  # of a key that no address is bound to


async def fetch_uid(connection: Connection) -> str:
    """The account's number."""
    return await connection.call(
        UID, "Reading the account's number", lambda answer: text(an_object(answer, "uid"), "uid")
    )


async def fetch_permissions(connection: Connection) -> Permissions:
    """What the key may do. The exchange is asked about the key by the key itself, which is shown nowhere."""
    return await connection.call(
        INFO,
        "Reading the key's permissions",
        lambda answer: read_info(answer, connection.now()),
        accessKey=connection.key.value,
    )


def read_info(answer: object, now: datetime) -> Permissions:
    """The rights of a key, with those that do more than read, and its end: the exchange's own count of days comes first."""
    fields = an_object(answer, "permissions")
    names = [name.strip() for name in text(fields, "permissions").split(",") if name.strip()]
    addresses = optional_text(fields, "ipWhiteList")
    created, left = a_moment(fields, "createTime"), optional_text(fields, "remainingValidity")
    if left and not (left.isascii() and left.isdigit() and len(left) <= 4):
        raise Malformed("remainingValidity is not a number of days")
    expires = now + timedelta(days=int(left)) if left else None if addresses else created + LIFE
    return Permissions(
        may_read=bool(READING & {*names}),
        dangerous=tuple(name for name in names if name not in READING),
        ip_restricted=bool(addresses),
        expires_at=expires,
    )

"""What a key may do. Anything that is not known to be harmless is dangerous."""

from datetime import datetime

from monitor.exchanges.contract import Permissions
from monitor.exchanges.http.connection import Connection, Endpoint
from monitor.exchanges.http.gate import Malformed, Row, an_object, moment, text

RESTRICTIONS = Endpoint(family="sapi", path="account/apiRestrictions", weight=1, bucket="sapi apiRestrictions")
ACCOUNT = Endpoint(family="private", path="account", weight=20, bucket="api")
HARMLESS = ("enableReading", "enableFixReadOnly")
PREFIXES = ("enable", "permits")


async def fetch_permissions(connection: Connection) -> Permissions:
    """The key's permissions; flags nobody knows count as dangerous when they are on."""
    return await connection.call(RESTRICTIONS, "Reading the key's permissions", _read_restrictions)


def _read_restrictions(answer: object) -> Permissions:
    row = an_object(answer, "enableReading", "ipRestrict", "enableWithdrawals")
    flags = {name: value for name, value in row.items() if name.startswith(PREFIXES)}
    if not all(isinstance(value, bool) for value in (*flags.values(), row["ipRestrict"])):
        raise Malformed("a permission is neither true nor false")
    return Permissions(
        may_read=row["enableReading"],
        dangerous=tuple(name for name, on in sorted(flags.items()) if on and name not in HARMLESS),
        ip_restricted=row["ipRestrict"],
        expires_at=_read_expiry(row),
    )


def _read_expiry(row: Row) -> datetime | None:
    try:
        return moment(row, "tradingAuthorityExpirationTime")
    except Malformed:
        return None  # no reason to refuse a key that is fine otherwise


async def fetch_uid(connection: Connection) -> str:
    """The exchange's number of the account."""
    return await connection.call(
        ACCOUNT,
        "Reading the account's number",
        lambda answer: text(an_object(answer, "uid"), "uid"),
        omitZeroBalances="true",
    )

"""What is asked about a key and its account beside wallets and histories: account system, permissions, number.

Only names that are known to read nothing but data are harmless; any other name is a dangerous permission.
"""

from dataclasses import dataclass
from enum import StrEnum

from monitor.exchanges.bitget.dialect import private
from monitor.exchanges.contract import Permissions
from monitor.exchanges.http.connection import Connection
from monitor.exchanges.http.fields import Malformed, Row, an_object, optional_text, text

INFO = private("v2/spot/account/info")
UNIFIED_INFO = private("v3/account/info")
SETTINGS = private("v3/account/settings")
READING = frozenset({"readonly", "coor", "cpor", "stor", "smor", "ttor", "wtor", "taxr", "chor", "p2pr", "pllr"})
UNIFIED_READING = frozenset(
    {"uta_mgt", "uta_trade", "copy_futures_position", "copy_futures_order"}
)  # of a read-only key
READ_ONLY = ("read-only", "read_only", "readonly")


class System(StrEnum):
    """How the exchange keeps an account's money."""

    CLASSIC = "classic"  # a wallet for each kind of trading
    UNIFIED = "unified"  # one pool for all of them
    CHANGING = "changing"  # from the one to the other, just now


MODES = {
    "unified": System.UNIFIED,
    "hybrid": System.CHANGING,
    "upgrading": System.CHANGING,
    "switching": System.CHANGING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyInfo:
    """What the exchange says of a key."""

    uid: str
    permissions: Permissions


async def fetch_info(connection: Connection, system: System) -> KeyInfo:
    """What the exchange says of the key, in the words of the account's system."""
    doing = "Reading the account's number and the key's permissions"
    if system is System.CLASSIC:
        return await connection.call(INFO, doing, read_info)
    return await connection.call(UNIFIED_INFO, doing, read_unified_info)


def read_settings(answer: object) -> System:
    """The account system, as an account that is not classic answers it."""
    mode = text(an_object(answer, "accountMode"), "accountMode")
    if mode not in MODES:
        raise Malformed("accountMode is none that is known")
    return MODES[mode]


def read_info(answer: object) -> KeyInfo:
    """A key of the classic system: `authorities` are its permissions."""
    fields = an_object(answer, "userId", "authorities")
    names = _names(fields, "authorities")
    permissions = Permissions(
        may_read=bool(READING & {*names}),
        dangerous=tuple(name for name in names if name not in READING),
        ip_restricted=_has_addresses(fields),
    )
    return KeyInfo(uid=text(fields, "userId"), permissions=permissions)


def read_unified_info(answer: object) -> KeyInfo:
    """A key of the unified system: `permType` says whether its permissions are for reading alone."""
    fields = an_object(answer, "permType", "permissions")
    kind, names = text(fields, "permType"), _names(fields, "permissions")
    dangerous = [name for name in names if name not in UNIFIED_READING]
    if kind not in READ_ONLY:
        dangerous = [kind, *names]
    permissions = Permissions(may_read=bool(names), dangerous=tuple(dangerous), ip_restricted=_has_addresses(fields))
    return KeyInfo(uid=text(fields, "uid" if fields.get("uid") else "userId"), permissions=permissions)


def _names(fields: Row, name: str) -> list[str]:
    names = fields[name]
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise Malformed(f"{name} is not a list of names")
    return names


def _has_addresses(fields: Row) -> bool:
    ips = fields.get("ips")
    return any(ips) if isinstance(ips, list) else bool(optional_text(fields, "ips"))

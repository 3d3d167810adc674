"""What is asked about a key: its rights, and the number of its account. Times are seconds.

The list of keys names each by its beginning, so ours is found by that. A right counts as harmless only if it is one that we know and
is said to be for reading; anything else may do more.
"""

from datetime import timedelta

from monitor.exchanges.contract import Permissions
from monitor.exchanges.gate.pages import maybe_in_seconds
from monitor.exchanges.http.fields import Malformed, Row, a_list, an_object, seconds, text

KNOWN = ("wallet", "spot", "futures", "delivery", "earn", "custody", "options", "account", "loan", "margin", "unified",
         "copy", "pilot", "otc", "alpha", "crossx")  # fmt: skip
NEEDED = ("wallet", "spot")
NORMAL = "1"
MASK = "*"
SHORTEST_BEGINNING = 6
LIFE = timedelta(days=90)  # of a key that is bound to no address


def read_uid(answer: object) -> str:
    """The exchange's number of the account."""
    return text(an_object(answer, "user_id"), "user_id")


def read_permissions(answer: object, key: str) -> Permissions | None:
    """What `key` may do; None if the list does not say which entry is its own."""
    rows = [an_object(row, "perms") for row in ([answer] if isinstance(answer, dict) else a_list(answer))]
    if not rows:
        raise Malformed("no key at all")
    own = [row for row in rows if _is_named(row, key)]
    if isinstance(answer, dict) and not isinstance(answer.get("key"), str):
        own = rows  # the exchange shows one key, and calls it by no name
    return _read_rights(own[0]) if len(own) == 1 else None


def _is_named(row: Row, key: str) -> bool:
    named = row.get("key")
    if not isinstance(named, str):
        return False
    beginning, mask, end = named.partition(MASK)
    if not mask:
        return named == key
    return len(beginning) >= SHORTEST_BEGINNING and key.startswith(beginning) and key.endswith(end.strip(MASK))


def _read_rights(row: Row) -> Permissions:
    rights = a_list(row["perms"], "perms")
    addresses = row.get("ip_whitelist")
    if not isinstance(addresses, (list, type(None))):
        raise Malformed("ip_whitelist is not a list")
    names = {text(right, "name") for right in rights}
    harmless = {text(right, "name") for right in rights if right.get("read_only") is True} & set(KNOWN)
    changed = maybe_in_seconds(row, "update_at") or maybe_in_seconds(row, "updated_at") or seconds(row, "created_at")
    return Permissions(
        may_read=text(row, "state") == NORMAL and names >= set(NEEDED),
        dangerous=tuple(sorted(names - harmless)),
        ip_restricted=bool(addresses),
        expires_at=None if addresses else changed + LIFE,
    )

"""Whose an old row is: the account here that it belongs to, or why it belongs to none."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from finance.exchanges import NAMES
from monitor.accounts.registry import StoredAccount
from monitor.legacy.orders import OldOrder
from monitor.legacy.tables import Fault

OF_OPEN_ORDERS = "bitget"  # the tables that name no exchange were a Bitget bot's
NO_KEY = "Keys of the older system are not imported: give each account one that may only read."


def choose_owners(accounts: Sequence[StoredAccount], label: str | None) -> dict[str, StoredAccount | str]:
    """The account of each exchange, or in words why none can be named."""
    owners: dict[str, StoredAccount | str] = {}
    for exchange in NAMES:
        there = [one for one in accounts if one.exchange == exchange and label in (None, one.label)]
        if len(there) == 1:
            owners[exchange] = there[0]
        elif label:
            owners[exchange] = f"is of {exchange}, and '{label}' is an account elsewhere"
        elif there:
            names = ", ".join(one.label for one in there)
            owners[exchange] = f"may be of {names}: say which with --account"
        else:
            owners[exchange] = (
                f"is of {exchange}, where no account is tracked: python -m monitor account add LABEL --exchange {exchange}"
            )
    return owners


def assign(
    orders: Iterable[OldOrder], owners: dict[str, StoredAccount | str], user: str | None
) -> tuple[dict[str, list[OldOrder]], list[Fault]]:
    """The orders of each account's exchange, and those that are nobody's here."""
    assigned: defaultdict[str, list[OldOrder]] = defaultdict(list)
    faults: list[Fault] = []
    for order in orders:
        owner = owners.get(order.exchange, f"is of '{order.exchange}', which is not read here")
        if isinstance(owner, str):
            faults.append(Fault(order.row, f"{owner}; left out"))
        elif user is not None and order.user not in ("", user):
            faults.append(Fault(order.row, f"is of the user '{order.user}'; left out"))
        else:
            assigned[order.exchange].append(order)
    for exchange, found in list(assigned.items()):
        users = sorted({one.user for one in found} - {""})
        if len(users) > 1:
            named = ", ".join(f"'{one}'" for one in users)
            reason = f"of {exchange} there are orders of several users ({named}): say whose with --user; left out"
            faults += [Fault(one.row, reason) for one in found]
            del assigned[exchange]
    return dict(assigned), faults

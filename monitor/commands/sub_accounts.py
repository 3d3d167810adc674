"""`python -m monitor account add-subs MASTER`: every sub-account as an account of its own, through its master's key."""

from datetime import datetime

from monitor.accounts.client import ExchangeClient, TrackedAccount
from monitor.accounts.registry import NewAccount, add_account
from monitor.errors import AccountError
from monitor.exchanges.contract import SubAccount
from monitor.settings import Weights
from sql.rows import Db

LONGEST_LABEL = 60


async def add_sub_accounts(
    db: Db, client: ExchangeClient, master: TrackedAccount, weights: Weights, now: datetime
) -> str:
    """Track the sub-accounts of `master` that are not tracked yet, and say which. Raises AccountError, ExchangeError."""
    if master.sub_email:
        raise AccountError(f"'{master.label}' is itself a sub-account. Name its master.")
    found = await client.open_account(master).fetch_sub_accounts()
    lines = [_add(db, master, sub, weights, now) for sub in found]
    return "\n".join(lines) or f"'{master.label}' has no sub-accounts."


def _add(db: Db, master: TrackedAccount, sub: SubAccount, weights: Weights, now: datetime) -> str:
    new = NewAccount(
        label=sub.email[:LONGEST_LABEL],
        exchange=master.exchange,
        uid=sub.uid,
        overpowered=False,
        weights=weights,
        master_id=master.id,
        sub_email=sub.email,
    )
    try:
        with db.transaction():
            add_account(db, new, now)
    except AccountError as refused:
        return f"'{new.label}' was not added: {refused}"
    return f"'{new.label}' is tracked from the next run on, through the key of '{master.label}'."

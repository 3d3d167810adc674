"""Who an account is and what its key may do, asked once before the account is read for the first time."""

import asyncio
from dataclasses import replace

from monitor.accounts import TrackedAccount, record_identity
from monitor.edge import Edge
from monitor.errors import AccountError
from monitor.store import Db


async def identify_account(db: Db, edge: Edge, account: TrackedAccount) -> TrackedAccount:
    """`account` with its exchange's number, or with the problem that keeps it from being read.

    A key that may trade or withdraw is refused unless ACCEPT_TRADING_KEY says otherwise; two labels must not share an
    account. Raises ExchangeError when the exchange can't be asked.
    """
    if account.uid or account.problem:
        return account
    opened = edge.open_account(account)
    permissions, uid = await asyncio.gather(opened.fetch_permissions(), opened.fetch_uid())
    if permissions.dangerous and not edge.accepts_trading_keys:
        return replace(
            account,
            problem=f"The key of '{account.label}' may do more than read ({', '.join(permissions.dangerous)}). Make a key "
            "with 'Enable Reading' alone, or accept the risk with ACCEPT_TRADING_KEY=yes.",
        )
    try:
        record_identity(db, account.id, uid, overpowered=bool(permissions.dangerous))
    except AccountError as error:
        return replace(account, problem=str(error))
    return replace(account, uid=uid)

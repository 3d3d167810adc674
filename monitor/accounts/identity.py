"""Whose a key is and what it may do: asked before an account's first reading, for every new key, and once a day.

And how the exchange keeps the account, as classic or unified: asked by every run, so that a switch is noticed in its hour.
"""

import asyncio
from datetime import datetime, timedelta

from finance.exchanges import NAMES
from monitor.accounts.client import AccountRun, ExchangeClient, TrackedAccount
from monitor.accounts.store.keys import KeyCheck, StoredKey, load_stored_key, load_system, record_check, record_system
from monitor.errors import AccountError, ExchangeError, ExchangePaused, KeyRejected
from monitor.exchanges.contract import Permissions
from monitor.settings import mark_key
from sql.rows import Db

CHECK_EVERY = timedelta(days=1)


async def identify_account(db: Db, client: ExchangeClient, account: TrackedAccount, now: datetime) -> None:
    """Make sure that `account` may be read with its key.

    A key that nobody has looked at is refused when it may trade or withdraw (unless ACCEPT_TRADING_KEY says otherwise)
    or belongs to another account; one that was accepted is only flagged when it has got such a permission since.
    Raises AccountError for a key that is refused, ExchangeError when a key that must be looked at can't be; a daily
    look that fails is tried again by the next run.
    """
    if account.problem:
        raise AccountError(account.problem)
    if account.sub_email:
        return  # its master's key, which is looked at with its master
    known = load_stored_key(db, account.id)
    is_accepted = known.accepted(account.key)
    if is_accepted and known.checked_at and now - known.checked_at < CHECK_EVERY:
        return
    try:
        check = await fetch_check(client, account, now)
    except (ExchangePaused, KeyRejected):
        raise
    except ExchangeError:
        if is_accepted:
            return
        raise
    refuse_other_account(known, check, account.label)
    if not (is_accepted or client.accepts_trading_keys):
        refuse_dangerous(check.permissions, "accept the risk with ACCEPT_TRADING_KEY=yes")
    record_check(db, account.id, check)


async def fetch_check(client: ExchangeClient, account: TrackedAccount, now: datetime) -> KeyCheck:
    """What the exchange says of the account's key. Raises ExchangeError, or AccountError if the key may not read."""
    opened = client.open_account(account)
    asked = opened.fetch_permissions(), opened.fetch_uid(), opened.fetch_system()
    permissions, uid, system = await asyncio.gather(*asked)
    if not permissions.may_read:
        raise AccountError("The key may not read. Give it the right to read at the exchange.")
    limits = opened.capabilities_of(system).describe(NAMES[account.exchange], opened.unseen)
    return KeyCheck(at=now, key_mark=mark_key(account.key), uid=uid, permissions=permissions, limits=limits)


def refuse_other_account(known: StoredKey, check: KeyCheck, label: str) -> None:
    """Raise AccountError if the key opens another account than the one whose history is kept under `label`."""
    if known.uid and known.uid != check.uid:
        raise AccountError(
            f"The key belongs to the exchange's account {check.uid}, but '{label}' is the history of account "
            f"{known.uid}. Put that account's key back, or track the other one under a label of its own: "
            "python -m monitor account add LABEL"
        )


def refuse_dangerous(permissions: Permissions, otherwise: str) -> None:
    """Raise AccountError if the key may do more than read; `otherwise` says how to take it all the same."""
    if permissions.dangerous:
        raise AccountError(
            f"This key may do more than read ({', '.join(permissions.dangerous)}). Make one at the exchange "
            f"that may only read, or {otherwise}."
        )


async def notice_system(run: AccountRun) -> bool:
    """Remember the account's system, and return whether it was switched, which is said in the log.

    Raises ExchangeError if nothing says it.
    """
    opened = run.connect()
    now = await opened.fetch_system()
    before, switched_at = load_system(run.db, run.account_id)
    opened.note_switch(switched_at if now == before else run.now)
    if now == before:
        return False
    limits = opened.capabilities_of(now).describe(NAMES[run.client.exchange], opened.unseen)
    record_system(run.db, run.account_id, now, limits, run.now)
    if before:
        run.log(
            "warning",
            f"The account was switched at {NAMES[run.client.exchange]} from {before} to {now}: its wallets are others from "
            "this hour on, what they hold together is not. Nothing has to be done if you did it; a key of the other system "
            f"may have to be replaced: python -m monitor account rekey {run.account.label}",
        )
    return bool(before)

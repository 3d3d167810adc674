"""How an exchange keeps an account, as classic or unified: asked by every run, so that a switch is noticed in its hour."""

from finance.exchanges import NAMES
from monitor.accounts.client import AccountRun
from monitor.accounts.store.systems import load_system, record_system


async def notice_system(run: AccountRun) -> bool:
    """Remember the account's system, and return whether it was switched, which is said in the log.

    Raises ExchangeError if nothing says it.
    """
    opened = run.connect()
    now = await opened.fetch_system()
    before = load_system(run.db, run.account_id)
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

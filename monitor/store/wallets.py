"""Which wallets an account has, which of them are empty, and what of the account nobody can see."""

from collections.abc import Iterable
from datetime import datetime

from monitor.exchanges.contract import WalletReading, WalletState
from monitor.lookback import begin_day
from monitor.store import Db

STATES = {WalletState.READ: "enabled", WalletState.NOT_OPENED: "not_opened"}
UNSEEN = "no API tells what is in it"


def load_wallets(db: Db, account_id: int) -> dict[str, bool]:
    """The wallets an account is known to have (True), or not to have opened (False)."""
    rows = db.execute("select wallet, state from account_wallets where account_id = %(id)s", {"id": account_id})
    return {row["wallet"]: row["state"] == "enabled" for row in rows}


def load_idle_wallets(db: Db, account_id: int, now: datetime) -> frozenset[str]:
    """The wallets that held nothing, or did not exist, when they were last asked on this day of the account's."""
    rows = db.execute(
        "select wallet from account_wallets where account_id = %(id)s and (is_empty or state = 'not_opened')"
        " and checked_at >= %(since)s",
        {"id": account_id, "since": begin_day(account_id, now)},
    )
    return frozenset(row["wallet"] for row in rows)


def record_wallets(
    db: Db, account_id: int, wallets: Iterable[WalletReading], unseen: Iterable[str], now: datetime
) -> None:
    """Remember which wallets could be read, held nothing or were never opened; one that failed changes nothing."""
    rows = [
        {
            "account": account_id,
            "wallet": wallet.wallet,
            "state": STATES[wallet.state],
            "message": wallet.problem,
            "empty": wallet.is_empty,
            "now": now,
        }
        for wallet in wallets
        if wallet.state in STATES
    ]
    rows += [
        {"account": account_id, "wallet": name, "state": "unseen", "message": UNSEEN, "empty": False, "now": now}
        for name in unseen
    ]
    db.cursor().executemany(
        "insert into account_wallets (account_id, wallet, state, since, message, is_empty, checked_at)"
        " values (%(account)s, %(wallet)s, %(state)s, %(now)s, %(message)s, %(empty)s, %(now)s)"
        " on conflict (account_id, wallet) do update set state = excluded.state,"
        " since = case when account_wallets.state = excluded.state then account_wallets.since else excluded.since end,"
        " message = excluded.message, is_empty = excluded.is_empty, checked_at = excluded.checked_at",
        rows,
    )

"""Which wallets an account has, which of them are empty or refused, and what of the account nobody can see."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from finance.observed import COUNTED, WalletReading, WalletState
from monitor.ledger.lookback import begin_day
from monitor.snapshots.unread import Remembered
from sql.rows import Db, execute_each, load_rows, load_values

STATES = {
    WalletState.READ: "enabled",
    WalletState.NOT_OPENED: "not_opened",
    WalletState.REFUSED: "refused",
    WalletState.COUNTED: "counted",
}
UNSEEN = "the exchange lets no program read it"


class _Wallet(NamedTuple):
    wallet: str
    state: str
    was_used: bool


def load_remembered(db: Db, account_id: int, label: str) -> Remembered:
    """What is known of an account's wallets, and which totals count by the owner's word."""
    wallets = load_rows(
        db,
        _Wallet,
        "select wallet, state, was_used from account_wallets where account_id = %(id)s",
        {"id": account_id},
    )
    counted = load_values(
        db, "select name from counted_totals where account_id = %(id)s and ended_at is null", {"id": account_id}
    )
    return Remembered(
        label=label,
        used=frozenset(one.wallet for one in wallets if one.was_used),
        judged=frozenset(one.wallet for one in wallets if one.state in ("not_opened", "refused")),
        counted=frozenset(counted),
    )


def load_enabled_wallets(db: Db, account_id: int) -> frozenset[str]:
    """The wallets that could be read when they were last asked."""
    return frozenset(
        load_values(
            db, "select wallet from account_wallets where account_id = %(id)s and state = 'enabled'", {"id": account_id}
        )
    )


def load_idle_wallets(db: Db, account_id: int, now: datetime) -> frozenset[str]:
    """The wallets that held nothing, or were refused, when they were last asked on this day of the account's."""
    return frozenset(
        load_values(
            db,
            """
            select wallet
            from account_wallets
            where account_id = %(id)s
              and (is_empty or state in ('not_opened', 'refused'))
              and checked_at >= %(since)s
            """,
            {"id": account_id, "since": begin_day(account_id, now)},
        )
    )


def record_wallets(
    db: Db, account_id: int, wallets: Iterable[WalletReading], unseen: Iterable[str], now: datetime
) -> None:
    """Remember which wallets were read, empty, refused or counted at a total; one that failed changes nothing."""
    wallets = tuple(wallets)
    rows = [
        {
            "account": account_id,
            "wallet": wallet.wallet,
            "state": STATES[wallet.state],
            "message": wallet.problem,
            "empty": wallet.is_empty,
            "used": wallet.state is WalletState.READ and not wallet.is_empty,
            "now": now,
        }
        for wallet in wallets
        if wallet.state in STATES
    ]
    plain = {"account": account_id, "state": "unseen", "message": UNSEEN, "empty": False, "used": False, "now": now}
    rows += [plain | {"wallet": name} for name in unseen]
    execute_each(
        db,
        """
        insert into account_wallets (account_id, wallet, state, since, message, is_empty, was_used, checked_at)
        values (%(account)s, %(wallet)s, %(state)s, %(now)s, %(message)s, %(empty)s, %(used)s, %(now)s)
        on conflict (account_id, wallet) do update
        set state = excluded.state,
          since = case when account_wallets.state = excluded.state then account_wallets.since else
            excluded.since end,
          message = excluded.message, is_empty = excluded.is_empty, was_used = account_wallets.was_used
          or excluded.was_used, checked_at = excluded.checked_at
        """,
        rows,
    )
    db.execute(
        """
        delete from account_wallets
        where account_id = %(account)s and starts_with(wallet, %(counted)s) and not wallet = any(%(now)s)
        """,
        {"account": account_id, "counted": COUNTED, "now": [wallet.wallet for wallet in wallets]},
    )


def record_counted(db: Db, account_id: int, name: str, now: datetime) -> None:
    """The owner's word that a wallet or total counts at the exchange's own total, from now on."""
    db.execute(
        """
        insert into counted_totals (account_id, name, since)
        values (%(account)s, %(name)s, %(now)s)
        on conflict (account_id, name) do update
        set since = excluded.since, ended_at = null, ending = ''
        where counted_totals.ended_at is not null
        """,
        {"account": account_id, "name": name, "now": now},
    )


def record_counted_ended(db: Db, account_id: int, name: str, why: str, now: datetime) -> bool:
    """End such a word; returns whether there was one."""
    return bool(
        db.execute(
            """
            update counted_totals
            set ended_at = %(now)s, ending = %(why)s
            where account_id = %(account)s and name = %(name)s and ended_at is null
            """,
            {"account": account_id, "name": name, "why": why, "now": now},
        ).rowcount
    )

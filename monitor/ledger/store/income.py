"""Income, as the exchange booked it: only ever added to, each row once, whichever system of the account lists it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from finance.records import IncomeKind, IncomeRecord
from sql.rows import Db

REPORTED_TWICE = [IncomeKind.EARN_INTEREST.value, IncomeKind.DIVIDEND.value]
SAME_MOMENT = timedelta(minutes=10)


def record_income(
    db: Db, account_id: int, records: Iterable[IncomeRecord], seen_at: datetime, run_id: int | None
) -> None:
    """Add those of `records` that are new.

    Earn rewards can be listed a second time among the dividends: of two equal amounts within ten minutes, one from each
    history, only the first one read is stored.

    So can what the ledgers of another system had recorded before the account was switched, under ids of another kind
    (`monitor.accounts.identity`): what came before the switch and equals a row that was known by then is that row. What no ledger
    had recorded yet is new all the same, also where it comes late.
    """
    db.cursor().executemany(
        """
        insert into income (
          account_id, kind, exchange_id, wallet, asset, amount, occurred_at, first_seen_at, run_id, raw
        )
        select %(account)s, %(kind)s, %(exchange_id)s, %(wallet)s, %(asset)s, %(amount)s, %(at)s, %(seen_at)s,
          %(run)s, %(raw)s
        where not (
          %(kind)s::text = any(%(reported_twice)s)
            and exists (
              select from income i
              where i.account_id = %(account)s
                and i.kind = any(%(reported_twice)s)
                and i.kind <> %(kind)s
                and i.asset = %(asset)s
                and i.amount = %(amount)s
                and i.occurred_at between %(at)s::timestamptz - %(near)s::interval and %(at)s::timestamptz +
                  %(near)s::interval
            )
        )
          and not exists (
            select from accounts a
            join income i on i.account_id = a.id and i.occurred_at < a.switched_at and i.first_seen_at < a.switched_at
            where a.id = %(account)s
              and i.asset = %(asset)s
              and i.amount = %(amount)s
              and i.occurred_at = %(at)s
          )
        on conflict (account_id, kind, exchange_id) do nothing
        """,
        [
            {
                "account": account_id,
                "kind": record.kind.value,
                "exchange_id": record.exchange_id,
                "wallet": record.wallet,
                "asset": record.asset,
                "amount": record.amount,
                "at": record.occurred_at,
                "seen_at": seen_at,
                "run": run_id,
                "raw": Jsonb(record.raw),
                "reported_twice": REPORTED_TWICE,
                "near": SAME_MOMENT,
            }
            for record in records
        ],
    )

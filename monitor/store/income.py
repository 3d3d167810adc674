"""Income, as the exchange booked it: only ever added to, each row once."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from monitor.exchanges.happenings import IncomeRecord
from monitor.store import Db

SAME_MOMENT = timedelta(minutes=10)


def record_income(
    db: Db, account_id: int, records: Iterable[IncomeRecord], seen_at: datetime, run_id: int | None
) -> datetime | None:
    """Add those of `records` that are new; returns the earliest moment of them.

    Earn rewards can be told a second time among the dividends: of two equal amounts within ten minutes, one from each
    history, only the first told is kept.
    """
    moments = [
        row["occurred_at"]
        for record in records
        if (row := _insert(db, account_id, record, seen_at, run_id)) is not None
    ]
    return min(moments, default=None)


def _insert(
    db: Db, account_id: int, record: IncomeRecord, seen_at: datetime, run_id: int | None
) -> dict[str, datetime] | None:
    return db.execute(
        "insert into income (account_id, kind, exchange_id, wallet, asset, amount, occurred_at, first_seen_at, run_id,"
        " raw) select %(account)s, %(kind)s, %(exchange_id)s, %(wallet)s, %(asset)s, %(amount)s, %(at)s, %(seen_at)s,"
        " %(run)s, %(raw)s where not (%(kind)s::text = any(%(told_twice)s) and exists (select from income i"
        " where i.account_id = %(account)s and i.kind = any(%(told_twice)s) and i.kind <> %(kind)s"
        " and i.asset = %(asset)s and i.amount = %(amount)s"
        " and i.occurred_at between %(at)s::timestamptz - %(near)s::interval"
        " and %(at)s::timestamptz + %(near)s::interval))"
        " on conflict (account_id, kind, exchange_id) do nothing returning occurred_at",
        {
            "account": account_id,
            "kind": str(record.kind),
            "exchange_id": record.exchange_id,
            "wallet": record.wallet,
            "asset": record.asset,
            "amount": record.amount,
            "at": record.occurred_at,
            "seen_at": seen_at,
            "run": run_id,
            "raw": Jsonb(record.raw),
            "told_twice": ["earn_interest", "dividend"],
            "near": SAME_MOMENT,
        },
    ).fetchone()

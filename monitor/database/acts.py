"""What the owner does through commands: each act is noted by the database in the transaction that carries it out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from finance.decimals import plain
from sql.rows import Db, load_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One row that a command of the owner changed."""

    at: datetime
    action: str  # the command, as in flow void
    label: str  # of the account; empty: of none
    table: str
    record: str
    was: Mapping[str, Any]  # what is another now; empty: it was not there
    became: Mapping[str, Any]  # empty: it is removed


def begin_act(db: Db, action: str, at: datetime) -> None:
    """From now on what this connection changes is an act of the owner."""
    db.execute(
        "select set_config('monitor.acting', %(action)s, false), set_config('monitor.acting_at', %(at)s, false)",
        {"action": action, "at": at.isoformat()},
    )


def note_act(db: Db, account_id: int, table: str, record: str, became: Mapping[str, Any]) -> None:
    """Note an act whose changes are of derived rows, which no trigger notes; nothing where no command of the owner acts."""
    db.execute(
        """
        insert into audit_log (at, action, account_id, table_name, record, was, became)
        select current_setting('monitor.acting_at')::timestamptz, current_setting('monitor.acting'), %(account)s, %(table)s,
          %(record)s, '{}', %(became)s
        where coalesce(current_setting('monitor.acting', true), '') <> ''
        """,
        {"account": account_id, "table": table, "record": record, "became": Jsonb(dict(became))},
    )


def load_acts(db: Db, account_id: int | None, most: int | None) -> tuple[Act, ...]:
    """What the owner did, the newest first: of an account alone, or all; at most so many."""
    return load_rows(
        db,
        _read_act,
        """
        select l.at, l.action, coalesce(a.label, '') as label, l.table_name as "table", l.record, l.was::text, l.became::text
        from audit_log l
        left join accounts a on a.id = l.account_id
        where %(account)s::bigint is null or l.account_id = %(account)s
        order by l.id desc
        limit %(most)s
        """,
        {"account": account_id, "most": most},
    )


def _read_act(*, was: str, became: str, **columns: Any) -> Act:
    return Act(was=_read_values(was), became=_read_values(became), **columns)


def _read_values(text: str) -> Mapping[str, Any]:
    """Values with every digit of their figures."""
    found: Mapping[str, Any] = json.loads(text, parse_float=lambda figure: plain(Decimal(figure)), parse_int=str)
    return found

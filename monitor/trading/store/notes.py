"""The owner's words about trades, as they are stored: by revisions, each with everything that was said so far."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from psycopg.types.json import Jsonb

from finance.order_roles import parse_role
from finance.trade_notes import TradeNote
from sql.rows import Db, load_rows


class Word(NamedTuple):
    """What the owner says about a trade, and since when."""

    trade_id: str
    at: datetime
    note: TradeNote


class NamedTrade(NamedTuple):
    """A trade of an account, by its id."""

    account_id: int
    label: str
    trade_id: str


def find_trades(db: Db, trade_id: str, label: str | None) -> tuple[NamedTrade, ...]:
    """The trades of that id: of each account, or of the one with that `label`."""
    return load_rows(
        db,
        NamedTrade,
        """
        select a.id as account_id, a.label, t.id as trade_id
        from trades t
        join accounts a on a.id = t.account_id
        where a.id > 0 and t.id = %(trade)s and (%(label)s::text is null or a.label = %(label)s)
        order by a.label
        """,
        {"trade": trade_id, "label": label},
    )


def find_trades_of(db: Db, number: int, trade_id: str) -> tuple[NamedTrade, ...]:
    """The trade of that id of an account or a portfolio, if it has one."""
    return load_rows(
        db,
        NamedTrade,
        """
        select a.id as account_id, a.label, t.id as trade_id
        from trades t
        join accounts a on a.id = t.account_id
        where t.account_id = %(number)s and t.id = %(trade)s
        """,
        {"number": number, "trade": trade_id},
    )


def load_notes(db: Db, account_id: int) -> dict[str, Word]:
    """The newest word about each of the account's trades, by the trade's id.

    Of a portfolio what is said of the trades of its accounts that a record opened, which has the same id everywhere.
    """
    words = load_rows(
        db,
        _read_word,
        """
        select trade_id, at, tags, note, rating, stop, roles
        from newest_trade_notes
        where account_id = %(account)s
          or (
            %(account)s <= 0
            and trade_id ~ '^[df][0-9]'
            and account_id in (select account_id from memberships where portfolio_id = %(account)s)
          )
        """,
        {"account": account_id},
    )
    return {word.trade_id: word for word in words}


def _read_word(
    *,
    trade_id: str,
    at: datetime,
    tags: list[str],
    note: str,
    rating: int | None,
    stop: Decimal | None,
    roles: dict[str, str],
) -> Word:
    given_for = {order: parse_role(name) for order, name in roles.items()}
    return Word(trade_id, at, TradeNote(tags=tuple(tags), text=note, rating=rating, stop=stop, roles=given_for))


def record_note(db: Db, trade: NamedTrade, note: TradeNote, at: datetime) -> None:
    """Add a word about a trade; the ones before stay."""
    db.execute(
        """
        insert into trade_notes (account_id, trade_id, revision, at, tags, note, rating, stop, roles)
        select %(account)s, %(trade)s, coalesce(max(revision), 0) + 1, %(at)s, %(tags)s, %(note)s, %(rating)s, %(stop)s,
          %(roles)s
        from trade_notes
        where account_id = %(account)s and trade_id = %(trade)s
        """,
        {
            "account": trade.account_id,
            "trade": trade.trade_id,
            "at": at,
            "tags": list(note.tags),
            "note": note.text,
            "rating": note.rating,
            "stop": note.stop,
            "roles": Jsonb({order: role.name for order, role in note.roles.items()}),
        },
    )

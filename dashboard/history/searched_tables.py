"""Tables of trading in any of their orders, and only the rows that are looked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import LiteralString, NamedTuple

from dashboard.history.tables import STATEMENTS, Stretch, list_parameters
from sql.rows import Db, Row

# What a row is sorted by: its name, as it is compared, and the type in which a page goes on. The first is the usual one.
Sorts = Mapping[str, tuple[LiteralString, LiteralString]]


class Searched(NamedTuple):
    """What can be looked for in a table."""

    sorts: Sorts
    number: LiteralString  # that no two rows have in common
    texts: LiteralString  # in which a text is looked for
    exchange: LiteralString = ""  # that a row is of an exchange; empty: all are of what is shown itself


def _time(name: LiteralString) -> tuple[LiteralString, LiteralString]:
    return name, "timestamptz"


def _text(name: LiteralString) -> tuple[LiteralString, LiteralString]:
    return f'{name} collate "C"', "text"


def _amount(name: LiteralString) -> tuple[LiteralString, LiteralString]:
    return name, "numeric"


OF_ACCOUNT: LiteralString = "r.account_id in (select account_id from accounts where exchange = %(exchange)s)"
OF_HOUR: LiteralString = "extract(epoch from r.hour)::bigint"
TABLES: Mapping[str, Searched] = {
    "orders": Searched(
        sorts={
            **{name: _time(name) for name in ("ordered_at", "updated_at")},
            **{name: _text(name) for name in ("symbol", "side", "type", "state", "role", "label")},
            **{name: _amount(name) for name in ("quantity", "price", "executed_quantity", "average_price")},
        },
        number='r.key collate "C"',
        texts="symbol, exchange_id, client_id, list_id, parent_id, became_id, side, type, state, role, label, market, note",
        exchange=OF_ACCOUNT,
    ),
    "fills": Searched(
        sorts={
            "occurred_at": _time("occurred_at"),
            **{
                name: _text(name)
                for name in ("symbol", "market", "base_asset", "quote_asset", "fee_asset", "liquidity")
            },
            **{name: _amount(name) for name in ("base_quantity", "quote_quantity", "fee")},
        },
        number="r.id",
        texts="symbol, order_id, 'f' || id, market, base_asset, quote_asset, fee_asset, liquidity, source",
        exchange=OF_ACCOUNT,
    ),
    "fees": Searched(
        sorts={
            "at": _time("at"),
            **{name: _text(name) for name in ("type", "transaction_type", "asset", "symbol", "exchange")},
            **{name: _amount(name) for name in ("quantity", "value")},
        },
        number='r.id collate "C"',
        texts="type, transaction_type, asset, symbol, trade_id, order_id, record, exchange",
        exchange="r.exchange = %(exchange)s",
    ),
    "flows": Searched(
        sorts={
            "at": _time("at"),
            **{name: _text(name) for name in ("kind", "asset", "status", "label", "exchange", "network")},
            **{name: _amount(name) for name in ("amount", "fee", "quantity", "value")},
        },
        number="r.transaction_id",
        texts='kind, asset, status, label, exchange, network, address, "transaction", exchange_id, note',
        exchange="r.exchange = %(exchange)s",
    ),
    "transfers": Searched(
        sorts={
            **{name: _time(name) for name in ("sent_at", "arrived_at")},
            **{name: _text(name) for name in ("asset", "from_label", "to_label")},
            **{name: _amount(name) for name in ("amount", "fee", "arrived")},
        },
        number="r.id",
        texts="asset, from_label, to_label, from_exchange, to_exchange",
        exchange="%(exchange)s in (r.from_exchange, r.to_exchange)",
    ),
    "income": Searched(
        sorts={
            "occurred_at": _time("occurred_at"),
            **{name: _text(name) for name in ("kind", "wallet", "asset")},
            "amount": _amount("amount"),
        },
        number="r.id",
        texts="kind, wallet, asset",
        exchange=OF_ACCOUNT,
    ),
    "daily-snapshots": Searched(
        sorts={
            "hour": _time("hour"),
            **{
                name: _amount(name)
                for name in (
                    "total", "available", "locked", "owed", "positions_value", "realised", "unrealised", "open_trades", "trades",
                    "won", "lost", "win_rate", "fees", "average_net", "largest_win", "largest_loss",
                )
            },
        },
        number=OF_HOUR,
        texts="date",
    ),
    "explanations": Searched(
        sorts={
            "hour": _time("hour"),
            **{name: _text(name) for name in ("state", "cause", "booking")},
            **{
                name: _amount(name)
                for name in (
                    "nav_change", "price_effect", "trading", "positions", "flows", "income", "fees", "residual", "realised",
                    "spent_gain", "transferred_gain", "unexplained_gain", "unrealised_change", "unrealised",
                )
            },
        },
        number=OF_HOUR,
        texts="to_char(hour at time zone 'UTC', 'YYYY-MM-DD HH24:MI'), state, cause, booking, kinds, array(select jsonb_object_keys(assets))",
    ),
}  # fmt: skip


class Place(NamedTuple):
    """Where a list goes on: after the row of that number that has `value` in the list's order; None: it has none."""

    value: str | None
    number: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which rows of a table are looked for, in which order; with a minus from the largest, and without a value last."""

    table: str
    stretch: Stretch
    sort: str
    find: str = ""
    exchange: str = ""
    after: Place | None = None


def load_found(db: Db, search: Search, limit: int) -> list[Row]:
    """The first rows after a place, each with its place in the order, which `take_place` takes out of it."""
    return db.execute(_write(search), _parameters(search) | {"most": limit}).fetchall()


def stream_found(db: Db, search: Search) -> Iterator[Row]:
    """All of them, a few at a time, without their places."""
    with db.cursor(name="rows") as cursor:
        cursor.itersize = 2_000
        for row in cursor.execute(_write(search), _parameters(search) | {"most": None}):
            take_place(row)
            yield row


def take_place(row: Row) -> Place:
    """Take where it is in its list out of a row."""
    return Place(row.pop("place"), row.pop("place_number"))


def _write(search: Search) -> LiteralString:
    table = TABLES[search.table]
    column, kind = table.sorts[search.sort.removeprefix("-")]
    is_falling = search.sort.startswith("-")
    way: LiteralString = "desc" if is_falling else "asc"
    beyond: LiteralString = "<" if is_falling else ">"
    goes_on: LiteralString = ""
    if search.after:
        further: LiteralString = f"{table.number} {beyond} %(number)s"
        goes_on = f"and r.{column} is null and {further}"
        if search.after.value is not None:
            value: LiteralString = f"%(value)s::{kind}"
            goes_on = f"and (r.{column} {beyond} {value} or r.{column} = {value} and {further} or r.{column} is null)"
    return f"""
        select r.*, r.{column}::text as place, {table.number} as place_number
        from ({STATEMENTS[search.table]}) r
        where (%(find)s = '' or strpos(lower(concat_ws(' ', {table.texts})), lower(%(find)s)) > 0)
          and (%(exchange)s = '' or {table.exchange or "true"})
          {goes_on}
        order by r.{column} {way} nulls last, {table.number} {way}
        limit %(most)s
        """


def _parameters(search: Search) -> dict[str, object]:
    place = {"value": search.after.value, "number": search.after.number} if search.after else {}
    return list_parameters(search.stretch) | place | {"find": search.find, "exchange": search.exchange}

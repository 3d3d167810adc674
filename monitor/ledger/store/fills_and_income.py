"""Fills of pairs and of contracts, and income, as the exchange booked them: only ever added to, each once, whichever system of
the account lists it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from finance.records import ContractFill, FillMarket, FillReason, FillRecord, IncomeKind, IncomeRecord
from monitor.ledger.store.contracts_due import OF_FILLS, find_unknown_since, mark_contracts_due
from monitor.ledger.store.marks import mark_recomputation
from monitor.ledger.store.orders import mark_pairs_due
from sql.rows import Db, execute_each, load_rows, load_values

REPORTED_TWICE = [IncomeKind.EARN_INTEREST.value, IncomeKind.DIVIDEND.value]
ORDERED = (FillMarket.SPOT, FillMarket.CROSS_MARGIN, FillMarket.ISOLATED_MARGIN)  # what is traded there was ordered
SAME_MOMENT = timedelta(minutes=10)
# Fills of one moment by the exchange's numbers, whatever was read first; another fee of one has more behind its number.
IN_ORDER: LiteralString = """
    occurred_at, symbol collate "C", length(split_part(exchange_id, ' ', 1)), exchange_id collate "C"
    """
# Fills that move what is held: the exchange's, and of an older system's those that are booked.
BOOKED: LiteralString = "(legacy is null or legacy = 'booked')"
MINUTE = timedelta(minutes=1)  # after a reading: what happened then may be in it


def record_fills(
    db: Db, account_id: int, fills: Iterable[FillRecord], *, seen_at: datetime, run_id: int | None
) -> datetime | None:
    """Add the `fills` that are not there yet; returns when the earliest of what is new, or counts no more, took place.

    What an older system said of their orders gives way to them. What was known before the account was switched to another system is there also where that one has another id or market
    for it (`record_income` does the same). The orders of their pairs are due to be read.
    """
    new = [fill for fill in fills if _insert(db, account_id, fill, seen_at, run_id)]
    ordered = [fill for fill in new if fill.market in ORDERED]
    mark_pairs_due(db, account_id, {(f.market, f.symbol, f.base_asset, f.quote_asset) for f in ordered})
    ended = _end_legacy(db, account_id, {(fill.symbol, fill.order_id) for fill in new if fill.order_id}, run_id)
    return min((*(fill.occurred_at for fill in new), *ended), default=None)


def _end_legacy(db: Db, account_id: int, orders: Collection[tuple[str, str]], run_id: int | None) -> list[datetime]:
    """Let the fills marked legacy of `orders` (symbols and numbers: some exchanges number the orders of each pair) give way to the exchange's own; returns when those took place that counted.

    They are news of the run, as those are that come in their place.
    """
    if not orders:
        return []
    return load_values(
        db,
        """
        with ended as (
          select id, legacy
          from fills
          where account_id = %(account)s and legacy <> 'given_way'
            and (symbol, order_id) in (select * from unnest(%(symbols)s::text[], %(orders)s::text[]))
        ), changed as (
          update fills f
          set legacy = 'given_way', run_id = %(run)s
          from ended
          where f.id = ended.id
          returning f.occurred_at, ended.legacy
        )
        select occurred_at from changed where legacy = 'booked'
        """,
        {
            "account": account_id,
            "symbols": [symbol for symbol, _ in orders],
            "orders": [number for _, number in orders],
            "run": run_id,
        },
    )


def _insert(db: Db, account_id: int, fill: FillRecord, seen_at: datetime, run_id: int | None) -> int:
    return db.execute(
        """
        insert into fills (
          account_id, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset,
          quote_quantity, fee_asset, fee, occurred_at, first_seen_at, run_id, raw, liquidity
        )
        select %(account)s, %(market)s, %(symbol)s, %(exchange_id)s, %(order_id)s, %(base)s, %(base_quantity)s,
          %(quote)s, %(quote_quantity)s, %(fee_asset)s, %(fee)s, %(occurred_at)s, %(seen_at)s, %(run)s, %(raw)s,
          %(liquidity)s
        where not exists (
          select from accounts a
          join fills f on f.account_id = a.id and f.occurred_at < a.switched_at and f.first_seen_at < a.switched_at
          where a.id = %(account)s
            and f.base_asset = %(base)s
            and f.base_quantity = %(base_quantity)s
            and f.quote_asset = %(quote)s
            and f.quote_quantity = %(quote_quantity)s
            and f.fee_asset = %(fee_asset)s
            and f.fee = %(fee)s
            and f.occurred_at = %(occurred_at)s
        )
        on conflict do nothing
        """,
        {
            "account": account_id,
            "market": str(fill.market),
            "symbol": fill.symbol,
            "exchange_id": fill.exchange_id,
            "order_id": fill.order_id,
            "base": fill.base_asset,
            "base_quantity": fill.base_quantity,
            "quote": fill.quote_asset,
            "quote_quantity": fill.quote_quantity,
            "fee_asset": fill.fee_asset,
            "fee": fill.fee,
            "occurred_at": fill.occurred_at,
            "seen_at": seen_at,
            "run": run_id,
            "raw": Jsonb(fill.raw),
            "liquidity": fill.liquidity,
        },
    ).rowcount


def record_contract_fills(db: Db, account_id: int, fills: Sequence[ContractFill]) -> Sequence[ContractFill]:
    """Add the `fills` that are not there yet, and return them. The orders of their contracts are due to be read, and the hours
    from the first new one on are marked: their trades are others.
    """
    mark_pairs_due(db, account_id, {(fill.wallet, fill.symbol, "", "") for fill in fills})
    unknown_since = find_unknown_since(db, account_id) if any(fill.settle for fill in fills) else None
    new = [fill for fill in fills if _insert_contract_fill(db, account_id, fill)]
    if new:
        since = [min(fill.occurred_at for fill in new) - MINUTE, *([unknown_since] if unknown_since else [])]
        mark_recomputation(db, account_id, min(since))
    return new


def _insert_contract_fill(db: Db, account_id: int, fill: ContractFill) -> int:
    return db.execute(
        """
        insert into contract_fills (
          account_id, wallet, symbol, exchange_id, side, quantity, price, occurred_at, settle, order_id, raw, reason
        )
        values (
          %(account)s, %(wallet)s, %(symbol)s, %(exchange_id)s, %(side)s, %(quantity)s, %(price)s, %(at)s,
          %(settle)s, %(order_id)s, %(raw)s, %(reason)s
        )
        on conflict (account_id, symbol, exchange_id) do nothing
        """,
        {
            "account": account_id,
            "wallet": fill.wallet,
            "symbol": fill.symbol,
            "exchange_id": fill.exchange_id,
            "side": fill.side,
            "quantity": fill.quantity,
            "price": fill.price,
            "at": fill.occurred_at,
            "settle": fill.settle,
            "order_id": fill.order_id,
            "raw": Jsonb(fill.raw),
            "reason": fill.reason,
        },
    ).rowcount


def load_contract_fills(db: Db, account_id: int, since: datetime, until: datetime) -> tuple[ContractFill, ...]:
    """The account's executions in [since, until), in time order; why the exchange made one is said by it or by its order."""
    return load_rows(
        db,
        _read_contract_fill,
        f"""
        select id as number, wallet, symbol, exchange_id, side, quantity, price, occurred_at, settle, order_id,
          coalesce(reason, (
            select r.type
            from order_revisions r
            where (r.account_id, r.market, r.symbol, r.exchange_id) = (f.account_id, f.wallet, f.symbol, f.order_id)
              and r.type in ('liquidation', 'adl', 'delivery')
            limit 1
          )) as reason
        from contract_fills f
        where account_id = %(account)s and occurred_at >= %(since)s and occurred_at < %(until)s
        order by {IN_ORDER}
        """,
        {"account": account_id, "since": since, "until": until},
    )


def _read_contract_fill(*, reason: str | None, **columns: Any) -> ContractFill:
    return ContractFill(reason=FillReason(reason) if reason else None, **columns)


def record_income(
    db: Db, account_id: int, records: Sequence[IncomeRecord], seen_at: datetime, run_id: int | None
) -> None:
    """Add those of `records` that are new.

    Earn rewards can be listed a second time among the dividends: of two equal amounts within ten minutes, one from each
    history, only the first one read is stored.

    So can what the ledgers of another system had recorded before the account was switched, under ids of another kind
    (`monitor.accounts.identity`): what came before the switch and equals a row that was known by then is that row. What no ledger
    had recorded yet is new all the same, also where it comes late.

    The fills that new rows name are due to be read.
    """
    execute_each(
        db,
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
    if of_fills := [one.exchange_id for one in records if one.kind in OF_FILLS]:
        mark_contracts_due(db, account_id, of_fills, seen_at)

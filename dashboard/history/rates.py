"""Amounts in the currency that the reader counts in: the account as if it had been kept in it.

An amount of an hour is divided by what the currency cost in that hour, a flow by that of the first hour that contains
it. An hour without a rate has no figure in that currency. In USDT nothing is converted.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import LiteralString, NamedTuple

from finance.prices import OTHER_CURRENCIES
from sql.rows import Db, load_rows

USDT = "USDT"
LAST = datetime(9999, 1, 1, tzinfo=UTC)
CURRENCIES = (USDT, *OTHER_CURRENCIES)


def rate_at(hour: LiteralString, currency: str) -> LiteralString:
    """An expression: what the currency `%(currency)s` cost at an hour, named with its table, or at the next one that has a rate; 1 of USDT."""
    if currency == USDT:
        return "1"
    return f"""(
          select rate from rates where currency = %(currency)s and rate is not null and hour >= {hour} order by hour limit 1
        )"""


def per(hour: LiteralString, currency: str) -> LiteralString:
    """What follows an amount of an hour: divided by the rate; nothing for USDT."""
    return "" if currency == USDT else f" / {rate_at(hour, currency)}"


def price_in(asset: LiteralString, price: LiteralString, hour: LiteralString, currency: str) -> LiteralString:
    """An expression: a price of an asset at an hour in the currency `%(currency)s`; in itself an asset costs 1.

    Its value may be another: exchanges differ in their prices, and all values are divided by one rate, so that they add up.
    """
    if currency == USDT:
        return price
    return f"(case when {asset} = %(currency)s and {price} is not null then 1 else {price}{per(hour, currency)} end)"


def exact_rate(hour: LiteralString, currency: str) -> LiteralString:
    """An expression: what the currency `%(currency)s` cost at an hour; null where nobody knows, 1 of USDT."""
    if currency == USDT:
        return "1::numeric"
    # One row by the primary key: `exists` is joined with all rates, for every step of a period anew.
    return f"(select rate from rates where currency = %(currency)s and hour = {hour})"


def has_rate(hour: LiteralString, currency: str) -> LiteralString:
    """A condition: the hour has a figure in the currency `%(currency)s`, if it has one in USDT."""
    if currency == USDT:
        return "true"
    return f"{exact_rate(hour, currency)} is not null"


class _Paid(NamedTuple):
    hour: datetime
    account: Decimal
    benchmark: Decimal | None


class PaidMore(NamedTuple):
    """What was put into the account more than into its benchmark, and between which hours that was so."""

    since: datetime
    until: datetime
    paid: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Invested:
    """What was put in less what was taken out, in another currency, up to each hour in which that changed."""

    hours: Sequence[datetime]
    account: Sequence[Decimal]
    benchmark: Sequence[Decimal]

    def at(self, hour: datetime) -> tuple[Decimal, Decimal]:
        """Of account and benchmark, up to an hour."""
        place = bisect_right(self.hours, hour) - 1
        return (self.account[place], self.benchmark[place]) if place >= 0 else (Decimal(0), Decimal(0))

    @property
    def leads(self) -> list[PaidMore]:
        """The same in stretches; one alone where account and benchmark were always paid the same."""
        found: list[PaidMore] = []
        for hour, account, benchmark in zip(self.hours, self.account, self.benchmark, strict=True):
            paid = account - benchmark
            if not found or found[-1].paid != paid:
                found = [*found[:-1], *(last._replace(until=hour) for last in found[-1:]), PaidMore(hour, LAST, paid)]
        return found


def load_invested(db: Db, account_id: int, benchmark: str, currency: str) -> Invested:
    """The flows of account and benchmark, each at the rate of the first hour that contains it."""
    found = load_rows(
        db,
        _Paid,
        f"""
        with first as (select min(hour) as hour from nav where account_id = %(id)s and unit_price is not null),
          paid as (
            select n.hour, n.invested - lag(n.invested, 1, 0) over w as account,
              b.invested - lag(b.invested, 1, 0) over w as benchmark
            from nav n
            cross join first
            left join lateral (
              select invested
              from benchmark_nav b
              where b.hour = n.hour
                and b.benchmark_id = (
                  select benchmark_id from benchmarks where account_id = %(id)s and name = %(benchmark)s
                )
              limit 1 -- by index: flows are few among hours
            ) b on true
            where n.account_id = %(id)s and n.unit_price is not null and (n.flows <> 0 or n.hour = first.hour)
            window w as (order by n.hour)
          )
        select hour, account{per("paid.hour", currency)} as account, benchmark{per("paid.hour", currency)} as benchmark
        from paid
        where {rate_at("paid.hour", currency)} is not null
        order by hour
        """,
        {"id": account_id, "benchmark": benchmark, "currency": currency},
    )
    account, paid = Decimal(0), Decimal(0)
    accounts, benchmarks = [], []
    for row in found:
        account += row.account
        paid += row.benchmark or Decimal(0)
        accounts.append(account)
        benchmarks.append(paid)
    return Invested(hours=[row.hour for row in found], account=accounts, benchmark=benchmarks)

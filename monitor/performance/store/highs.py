"""The highest unit prices: the hours after which none of their episode was higher, so that the highest of a year is the
first of them in it. One row is looked at for it, whatever the length of a history."""

from datetime import datetime, timedelta

from monitor.performance.store.stored_rows import BrokenSum
from sql.rows import Db, load_rows, load_value

LOOKED_BACK = timedelta(days=365)  # older ones are asked for by nobody


def are_continued(db: Db, account_id: int, first: datetime) -> bool:
    """Whether hours from `first` on continue the highs: none of them had a unit price, and what came before stands."""
    continued: bool = load_value(
        db,
        """
        select not exists (
            select from nav_history
            where account_id = %(id)s and hour >= %(first)s and unit_price is not null
          )
          and coalesce(
            (
              select exists (select from unit_price_highs h where h.account_id = n.account_id and h.hour = n.hour)
              from nav_history n
              where n.account_id = %(id)s and n.hour < %(first)s and n.unit_price is not null
              order by n.hour desc
              limit 1
            ),
            true
          )
        """,
        {"id": account_id, "first": first},
    )
    return continued


def record_highs(db: Db, account_id: int, first: datetime, *, is_continued: bool) -> None:
    """Bring the highs up to date after the unit prices from `first` on were written; all of them unless they only
    continue what stood before."""
    asked = {"id": account_id, "first": first, "since": first}
    if is_continued:
        db.execute(DELETE_EXCEEDED, asked)
    else:
        newest: datetime = load_value(db, "select max(hour) from nav_history where account_id = %(id)s", asked)
        asked["since"] = newest - LOOKED_BACK
        db.execute("delete from unit_price_highs where account_id = %(id)s", asked)
    db.execute(INSERT_HIGHS, asked)


def load_wrong_highs(db: Db) -> tuple[BrokenSum, ...]:
    """The highs that are missing, or that are none, of every account and portfolio that waits for no recomputation.

    Those of more than a year before the newest hour may be there or not: nobody asks for them.
    """
    return load_rows(
        db,
        BrokenSum,
        f"""
        with judged as (
          select n.account_id, n.hour, n.unit_price, h.hour is not null as is_stored,
            coalesce(n.unit_price >= coalesce(max(n.unit_price) over later, n.unit_price), false) as is_high,
            max(n.hour::timestamptz) over (partition by n.account_id) as newest
          from nav_history n
          left join unit_price_highs h using (account_id, hour)
          window later as (
            partition by n.account_id, n.episode order by n.hour desc rows between unbounded preceding and 1 preceding
          )
        )
        select a.label, j.hour as at, 'highest unit price of a year' as figure,
          case when j.is_stored then coalesce(j.unit_price::text, 'an hour without one') else 'nothing' end as stored,
          case when j.is_stored then 'nothing' else j.unit_price::text end as computed
        from judged j
        join accounts a on a.id = j.account_id
        where j.is_stored <> j.is_high
          and (j.is_stored or j.hour >= j.newest - interval '{LOOKED_BACK.days} days')
          and not exists (select from recomputations r where r.account_id = j.account_id)
        order by a.id, j.hour
        """,
    )


# From the newest back to the first that was as high, or is of an earlier episode; and what has become too old.
DELETE_EXCEEDED = f"""
with added as (
  select episode, max(unit_price) as highest
  from nav_history
  where account_id = %(id)s and hour >= %(first)s and unit_price is not null
  group by episode
  order by episode
  limit 1
)
delete from unit_price_highs
where account_id = %(id)s
  and (
    hour < %(first)s - interval '{LOOKED_BACK.days} days'
      or hour > coalesce(
        (
          select h.hour
          from unit_price_highs h
          join nav_history n using (account_id, hour)
          cross join added a
          where h.account_id = %(id)s and (n.episode <> a.episode or n.unit_price >= a.highest)
          order by h.hour desc
          limit 1
        ),
        '-infinity'::timestamptz
      )
  )
"""

INSERT_HIGHS = """
insert into unit_price_highs (account_id, hour)
select account_id, hour
from (
  select account_id, hour, unit_price >= coalesce(max(unit_price) over later, unit_price) as is_high
  from nav_history
  where account_id = %(id)s and hour >= %(since)s and unit_price is not null
  window later as (partition by episode order by hour desc rows between unbounded preceding and 1 preceding)
) n
where is_high
order by hour
"""

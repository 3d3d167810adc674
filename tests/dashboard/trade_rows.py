"""Trades of a long history, written straight into the tables with the hours that made them: their fees and gains add up."""

from typing import Any

from psycopg import Connection

OPEN = ("BTC", "ETH")  # of which the last reading finds one coin each
HELD_COINS = ("BTC", "ETH", "SOL", "BNB")  # each has cost 1,000 USDT

MADE = """
create temporary table traded on commit drop as
with hours as (
  select hour, from_hour, row_number() over (order by hour) as k, count(*) over () as n
  from explanations
  where account_id = %(account)s
)
select i, o.hour as opened_hour, c.hour as closed_hour, o.hour - interval '20 minutes' as opened_at,
  c.hour - interval '10 minutes' as closed_at, (%(assets)s::text[])[1 + mod(i, cardinality(%(assets)s::text[]))] as asset,
  round((100 + 10 * sin(i))::numeric, 4) as bought, round((100 + 10 * sin(i) + 3 * sin(1.7 * i))::numeric, 4) as sold,
  case mod(i, 25) when 3 then 'dust' when 5 then 'convert' when 7 then 'transfer' else 'manual' end as kind
from generate_series(1, %(count)s) as i
join hours o on o.k = 1 + (i - 1) * (o.n - 30) / %(count)s
join hours c on c.k = o.k + 1 + mod(i, 9)
"""
FILLS = """
insert into fills (account_id, market, symbol, exchange_id, order_id, base_asset, base_quantity, quote_asset,
  quote_quantity, fee_asset, fee, occurred_at, first_seen_at)
select %(account)s, case when side = 'b' then 'spot' when kind in ('dust', 'convert') then kind else 'spot' end, asset || 'USDT',
  side || i, side || i, asset, case side when 'b' then 1 else -1 end, 'USDT', case side when 'b' then -bought else sold end,
  'USDT', 0.1, case side when 'b' then opened_at else closed_at end, closed_at
from traded, unnest(array['b', 's']) as side
where side = 'b' or kind <> 'transfer'
"""
TRADES = """
insert into trades (account_id, id, asset, side, opened_by, opened_at, opened_hour, closed_at, closed_hour,
  entered, entry_value, exited, exit_value, gross, transferred, transferred_units, greatest_value, fees, interest, fills,
  ended_by)
select %(account)s, 'f' || f.id, t.asset, 'LONG', 'fill', opened_at, opened_hour, closed_at, closed_hour, 1, bought,
  1, sold, case kind when 'transfer' then 0 else sold - bought end, case kind when 'transfer' then sold - bought else 0 end,
  case kind when 'transfer' then 1 else 0 end, bought, case kind when 'transfer' then 0.1 else 0.2 end, 0,
  case kind when 'transfer' then 1 else 2 end, kind
from traded t
join fills f on f.account_id = %(account)s and f.exchange_id = 'b' || i
"""
MOVES = """
insert into trade_moves (account_id, hour, number, trade_id, at, effect, kind, row, order_id, quantity, value, gain, worth)
select %(account)s, hour, row_number() over (partition by hour order by i, side) - 1, 'f' || id, at,
  case side when 'b' then 'entry' else 'exit' end, case side when 'b' then 'manual' else kind end,
  coalesce('f' || f_id, ''), case when f_id is null then '' else side || i end, 1, value, gain, case side when 'b' then value else 0 end
from (
  select t.i, t.kind, side, b.id, f.id as f_id, case side when 'b' then opened_hour else closed_hour end as hour,
    case side when 'b' then opened_at else closed_at end as at, case side when 'b' then bought else sold end as value,
    case side when 'b' then 0 else sold - bought end as gain
  from traded t
  cross join unnest(array['b', 's']) as side
  join fills b on b.account_id = %(account)s and b.exchange_id = 'b' || i
  left join fills f on f.account_id = %(account)s and f.exchange_id = side || i
) m
"""
FEES = """
insert into other_fees (account_id, hour, number, at, row, kind, asset, quantity, value, trade_id)
select account_id, hour, number, at, row, 'trading_commission', 'USDT', 0.1, 0.1, trade_id
from trade_moves
where account_id = %(account)s and row <> ''
"""
EXPLAINED = """
update explanations e
set price_effect = price_effect + paid, fees = -paid, realised = sold, spent_gain = 0, transferred_gain = moved,
  unexplained_gain = 0, unrealised_change = price_effect + paid + trading - sold - moved, unrealised = 0,
  costs = case hour when last then (select jsonb_object_agg(a, '1000') from unnest(%(held)s::text[]) as a) end,
  kinds = jsonb_build_object('income', '{}'::jsonb, 'fees', case when paid = 0 then '{}'::jsonb
    else jsonb_build_object('trading_commission', (-paid)::text) end),
  assets = case when paid = 0 then assets else jsonb_build_object('USDT', jsonb_build_object('units', part, 'value', part)) end
from (
  select hour as at, coalesce(paid, 0) as paid, coalesce(sold, 0) as sold, coalesce(moved, 0) as moved, max(hour) over () as last,
    jsonb_strip_nulls(jsonb_build_object('fees', (-paid)::text, 'flows', nullif(flows, 0)::text)) as part
  from explanations
  left join (select hour, sum(value) as paid from fees where account_id = %(account)s group by hour) p using (hour)
  left join (
    select hour, sum(gain) filter (where kind <> 'transfer') as sold, sum(gain) filter (where kind = 'transfer') as moved
    from trade_moves
    where account_id = %(account)s
    group by hour
  ) m using (hour)
  where account_id = %(account)s
) made
where e.account_id = %(account)s and e.hour = made.at
"""
WORDS = """
insert into trade_notes (account_id, trade_id, revision, at, tags, note, rating, stop)
select account_id, id, 1, closed_at, case when id = 'f2' then '{}'::text[] else '{breakout,late}' end,
  case when id = 'f2' then 'too early' else '' end, case when id = 'f2' then 2 end, case when id = 'f2' then 0.9 * entry_value end
from trades
where account_id = %(account)s and id in ('f2', 'f9', 'f12')
"""
WENT = """
insert into trade_excursions (account_id, trade_id, closed_at, entered, net, grid, worst, best, drawdown, read_at)
select account_id, id, closed_at, entered, net, case when id = 'f4' then 'none' else 'minutes' end,
  case when id <> 'f4' then least(net, -1) - 1 end, case when id <> 'f4' then greatest(net, 1) + 1 end,
  case when id <> 'f4' then 3 end, closed_at
from trades
where account_id = %(account)s and id in ('f2', 'f3', 'f4')
"""
HELD = """
insert into trades (account_id, id, asset, side, opened_by, opened_at, opened_hour, entered, entry_value, exited,
  exit_value, gross, transferred, transferred_units, greatest_value, fees, interest, fills)
select %(account)s, 'o.' || asset, asset, 'LONG', 'opening', min(taken_at), min(hour), 1, 1000, 0, 0, 0, 0, 0, 1000,
  0, 0, 0
from nav_history, unnest(%(open)s::text[]) as asset
where account_id = %(account)s and nav is not null
group by asset
"""


def fill_trades(
    owner: Connection[Any], account: int, *, count: int, assets: tuple[str, ...] = ("SOL", "BNB", "XRP")
) -> None:
    """Give the account of a long history `count` closed trades, and one that is open of each coin of OPEN."""
    made = {"account": account, "count": count, "assets": list(assets), "open": list(OPEN), "held": list(HELD_COINS)}
    with owner.transaction():
        owner.execute("set local search_path = monitor")
        for statement in (MADE, FILLS, TRADES, MOVES, FEES, EXPLAINED, WORDS, WENT, HELD, "analyze"):
            owner.execute(statement, made)

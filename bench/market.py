"""The statements of `five_years`: a market, and what an account held in it, as the worker would have stored them."""

RECORD_RUNS = """
insert into runs (hour, started_at, finished_at, outcome, weight, pid, version)
select hour, hour + interval '2 minutes', hour + interval '2 minutes 5 seconds', 'complete',
    '{"api": 8, "fapi": 5, "sapi getUserAsset": 5, "sapi funding": 1, "sapi withdrawals": 200}', 1, 'bench'
from generate_series(%(first)s::timestamptz, %(last)s, interval '1 hour') as h (hour)
where not exists (select from runs where runs.hour = h.hour) order by hour
"""

MAKE_HOURS = """
create temporary table bench_hours on commit drop as
select row_number() over (order by hour) as n, hour, min(id) as run_id,
    hour + interval '2 minutes 3 seconds' as taken_at, hour + interval '2 minutes 2.5 seconds' as prices_at
from runs where hour between %(first)s and %(last)s group by hour
"""

# One step of the walk is a market-wide part and an asset's own, each the sum of two uniform hashes in +-0.5.
MAKE_PRICES = """
create temporary table bench_prices on commit drop as
with steps as (
    select asset, level, h.n, h.hour, h.prices_at, extract(epoch from h.hour)::bigint / 3600 as clock
    from bench_hours h cross join unnest(%(assets)s::text[], %(levels)s::float8[]) as a (asset, level)
), noise as (
    select *,
        (hashint8extended(clock, 1) %% 1000 + hashint8extended(clock, 2) %% 1000) / 2000.0::float8 as whole,
        (hashint8extended(clock, hashtext(asset)) %% 1000 + hashint8extended(clock, -hashtext(asset)) %% 1000)
            / 2000.0::float8 as own
    from steps
)
select asset, n, hour, prices_at, case
    when asset = 'USDT' then 1
    when asset like '%%USD%%' then round((1 + own * 0.0005)::numeric, 4)
    else round((level * exp(sum(whole * 0.008 + own * 0.005) over (partition by asset order by n)))::numeric, 6)
        + 0.000001
    end as price
from noise
"""

RECORD_PRICES = """
insert into price_history (exchange, at, part, assets, prices, routes)
select 'binance', prices_at, 1, array_agg(asset order by asset), array_agg(price order by asset),
    array_agg(case asset when 'USDT' then asset else asset || 'USDT' end order by asset)
from bench_prices group by prices_at order by prices_at on conflict do nothing
"""

RECORD_MARKETS = """
insert into markets (exchange, symbol)
select 'binance', asset || 'USDT' from unnest(%(assets)s::text[]) as asset where asset <> 'USDT' on conflict do nothing
"""

# An hour's volumes are a hash of it; its sixty minutes closed where it closed. The worker forgets what is older.
RECORD_MARKET_HOURS = """
insert into market_hours (hour, market_id, minutes, close, volume, taker_buy, minute_closes)
select hour, m.id, 60, price, volume, round(volume * 0.4, 3), 60 * price
from bench_prices p join markets m on m.exchange = 'binance' and m.symbol = p.asset || 'USDT'
cross join lateral (select abs(hashint8extended(n, hashtext(asset)) %% 100000000) / 1000.0 as volume) v
where hour >= %(last)s::timestamptz - %(market_kept)s
order by m.id, hour on conflict do nothing
"""

# Every thirty days at half past: two deposits of 1,500 USDT and 0.02 BTC, then a withdrawal of 700 USDT.
RECORD_FLOWS = """
insert into processed_transactions (account_id, kind, exchange_id, state, exchange_status, asset, amount, fee,
    requested_at, occurred_at, first_seen_at, run_id, raw)
select %(account)s, kind, kind || ' ' || n, 'counted', '6', asset, amount, fee, hour + interval '20 minutes',
    hour + interval '30 minutes', hour + interval '1 hour 2 minutes', run_id,
    jsonb_build_object('id', kind || ' ' || n, 'coin', asset, 'amount', amount::text, 'network', asset, 'txId', md5(n::text))
from bench_hours h join (values (0, 'deposit', 'USDT', 1500, 0), (1, 'deposit', 'BTC', 0.02, 0),
    (2, 'withdrawal', 'USDT', 700, 1)) as f (turn, kind, asset, amount, fee) on n / 720 %% 3 = turn
where n %% 720 = 0 and hour < %(last)s order by hour
"""

RECORD_MINUTES = """
insert into minute_prices (exchange, asset, at, price, route)
select 'binance', asset, at, price, case asset when 'USDT' then asset else asset || 'USDT' end
from bench_prices p join (
    select hour, hour + interval '30 minutes' as at from bench_hours where n %% 720 = 0
    union all select hour, hour from bench_hours where hour = date_trunc('month', hour, 'UTC')
) as minutes using (hour) where asset <> 'USDT' on conflict do nothing
"""

RECORD_SNAPSHOTS = """
insert into snapshots (account_id, hour, run_id, taken_at, prices_at, status, nav)
select %(account)s, hour, run_id, taken_at, prices_at, 'COMPLETE', 0
from bench_hours h order by hour
"""

# About 1,000 USDT of each asset at its first price, moved by up to 3 % every ten days; flows come on top, an hour late.
RECORD_HOLDINGS = """
insert into holding_sets (snapshot_id, wallets, assets, free, locked, owed, unrealised, prices)
with flows as (
    select asset, occurred_at + interval '30 minutes' as hour,
        case kind when 'withdrawal' then -(amount + fee) else amount end as moved
    from processed_transactions where account_id = %(account)s and kind <> 'opening'
), held as (
    select p.*, round(1000 / first_value(price) over walk
            * (1 + (hashint8extended(n / 240, hashtext(asset)) %% 1000) * 0.00003), 8)
        + coalesce(sum(moved) over walk, 0) as quantity
    from bench_prices p left join flows using (asset, hour) window walk as (partition by asset order by n)
)
select s.id, array_agg((array['spot', 'spot', 'earn_flexible', 'funding'])[1 + abs(hashtext(asset)) %% 4] order by asset),
    array_agg(asset order by asset), array_agg(quantity - round(quantity / 50, 8) order by asset),
    array_agg(round(quantity / 50, 8) order by asset), '{}', '{}', array_agg(price order by asset)
from held join snapshots s on s.account_id = %(account)s and s.hour = held.hour group by s.id order by s.id
"""

RECORD_HOURS = """
insert into nav_history (account_id, hour, status, snapshot_id, taken_at, prices_at, nav)
select %(account)s, s.hour, 'COMPLETE', s.id, s.taken_at, s.prices_at, sum(h.value)
from snapshots s join holdings h on h.snapshot_id = s.id where s.account_id = %(account)s and s.nav = 0
group by s.id order by s.hour
"""

VALUE_SNAPSHOTS = """
update snapshots s set nav = n.nav from nav_history n where n.snapshot_id = s.id and n.account_id = %(account)s
"""

RECORD_WALLETS = """
insert into account_wallets (account_id, wallet, state, since)
select %(account)s, wallet, 'enabled', %(first)s from unnest(array['spot', 'funding', 'earn_flexible']) as wallet
on conflict do nothing
"""

RECORD_CURSOR = """
insert into flow_cursors (account_id, kind, through)
values (%(account)s, 'deposits and withdrawals', %(last)s::timestamptz + interval '2 minutes 3 seconds')
on conflict do nothing
"""

RECORD_OPENING = """
insert into processed_transactions (account_id, kind, exchange_id, state, asset, amount, requested_at, occurred_at,
    first_seen_at)
select %(account)s, 'opening', 'opening', 'counted', 'USDT', nav, taken_at, taken_at, taken_at
from nav_history where account_id = %(account)s and hour = %(first)s
"""

VALUE_OPENING = """
insert into flow_valuations (account_id, transaction_id, occurred_at, price, price_source, value, nav_before)
select account_id, id, occurred_at, 1, asset, amount, 0
from processed_transactions where account_id = %(account)s and kind = 'opening'
"""

OBSERVE = (
    RECORD_RUNS, MAKE_HOURS, MAKE_PRICES, "analyze bench_prices", RECORD_PRICES, RECORD_MARKETS, RECORD_MARKET_HOURS,
    RECORD_FLOWS, RECORD_MINUTES, RECORD_SNAPSHOTS, RECORD_HOLDINGS,
    RECORD_HOURS, VALUE_SNAPSHOTS, RECORD_WALLETS, RECORD_CURSOR, RECORD_OPENING, VALUE_OPENING,
)  # fmt: skip

COMBINE = """
insert into nav_history (account_id, hour, status, taken_at, prices_at, nav)
select 0, hour, 'COMPLETE', max(taken_at), max(prices_at), sum(nav)
from nav_history where account_id > 0 group by hour order by hour
"""

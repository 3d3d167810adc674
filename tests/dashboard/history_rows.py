"""A long history written straight into the tables: waves for prices, one deposit, hours without a figure.

Consistent where a page adds up (units x unit price = NAV, the deposit moves no unit price), and made in a second.
"""

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

PARTIAL, MISSED, RECONSTRUCTED = range(300, 304), range(500, 548), range(600, 672)
ASSETS = ("USDT", "BTC", "ETH", "SOL", "BNB")

HOURS = """
create temporary table made on commit drop as
select i, %(first)s::timestamptz + i * interval '1 hour' as hour,
       %(first)s::timestamptz + i * interval '1 hour' + interval '2 minutes' as taken_at,
       case when i = any(%(partial)s) then 'PARTIAL' when i = any(%(missed)s) then 'MISSED'
            when i = any(%(rebuilt)s) then 'RECONSTRUCTED' else 'COMPLETE' end as status,
       round((100 + 20 * sin(i / 200.0) + 0.004 * i + 2 * sin(i * 1.7))::numeric, 8) as price,
       round((100 + 30 * cos(i / 260.0) - 30 + 0.003 * i + 3 * sin(i * 1.3))::numeric, 8) as other,
       case when i > %(deposit)s then 110 else 100 end as units
from generate_series(0, %(hours)s - 1) as i
"""

ROWS = (
    "insert into runs (hour, started_at, finished_at, outcome, message, weight, pid, version)"
    " select hour, taken_at, taken_at + interval '2 seconds', case status when 'PARTIAL' then 'partial'"
    " else 'complete' end, case status when 'PARTIAL' then 'spot: HTTP 503' else '' end, '{\"api\": 7}', 1, 'test'"
    " from made where status in ('COMPLETE', 'PARTIAL') order by hour",
    "insert into snapshots (account_id, hour, run_id, taken_at, prices_at, status, nav)"
    " select %(account)s, m.hour, r.id, m.taken_at, m.taken_at, case m.status when 'RECONSTRUCTED' then 'COMPLETE'"
    " else m.status end, case m.status when 'PARTIAL' then null else m.units * m.price end from made m"
    " left join runs r on r.hour = m.hour where m.status <> 'MISSED' and (r.id is not null or m.status <> 'PARTIAL')"
    " order by m.hour",
    "insert into holding_sets (snapshot_id, wallets, assets, free, locked, owed, unrealised, prices)"
    " select s.id, array_agg(case n when 2 then 'earn_flexible' else 'spot' end order by n), array_agg(a order by n),"
    " array_agg(1 order by n), array_agg(0 order by n), '{}', '{}',"
    " array_agg(s.nav / %(width)s * (0.5 + n / (1.0 + %(width)s)) order by n) from snapshots s,"
    " unnest(%(assets)s::text[]) with ordinality as t (a, n) where s.account_id = %(account)s and s.nav is not null"
    " group by s.id order by s.id",
    "insert into nav_history (account_id, hour, status, reason, snapshot_id, taken_at, prices_at, nav, flows,"
    " invested, units, unit_price, peak_nav, episode) select %(account)s, m.hour, m.status, case m.status when 'PARTIAL' then"
    " 'spot: HTTP 503' when 'MISSED' then 'the monitor did not run' else '' end, s.id, s.taken_at, s.taken_at, s.nav,"
    " case m.i when %(deposit)s + 1 then (select 10 * d.price from made d where d.i = %(deposit)s) else 0 end,"
    " case when s.nav is not null then 10000 + case when m.i > %(deposit)s then (select 10 * d.price from made d"
    " where d.i = %(deposit)s) else 0 end end,"
    " case when s.nav is not null then m.units end, case when s.nav is not null then m.price end, s.nav, 1"
    " from made m left join snapshots s on s.account_id = %(account)s and s.hour = m.hour",
    "insert into benchmark_history (benchmark_id, hour, taken_at, nav, units, unit_price, invested, episode, peak_nav,"
    " quantities) select b.id, m.hour, m.taken_at, m.units * m.other, m.units, m.other, case when m.i > %(deposit)s"
    " then 10000 + (select 10 * d.price from made d where d.i = %(deposit)s) else 10000 end, 1, 0, '{0.1,2}'"
    " from made m, benchmark_configs b where b.account_id = %(account)s and m.status not in ('PARTIAL', 'MISSED')",
    "insert into processed_transactions (account_id, kind, exchange_id, state, asset, amount, requested_at, occurred_at,"
    " first_seen_at) select %(account)s, case i when 0 then 'opening' else 'deposit' end, 'made ' || i, 'counted',"
    " 'USDT', case i when 0 then 100 else 10 end * price, taken_at, taken_at, taken_at from made"
    " where i in (0, %(deposit)s)",
    "insert into flow_valuations (account_id, transaction_id, occurred_at, price, price_source, value, unit_price, units)"
    " select t.account_id, t.id, t.occurred_at, 1, 'USDT', t.amount, m.price, t.amount / m.price"
    " from processed_transactions t join made m on m.taken_at = t.occurred_at where t.account_id = %(account)s",
    "insert into benchmark_flows (benchmark_id, transaction_id, occurred_at, unit_price, units)"
    " select b.id, t.id, t.occurred_at, m.other, t.amount / m.other from processed_transactions t"
    " join made m on m.taken_at = t.occurred_at join benchmark_configs b on b.account_id = t.account_id"
    " where t.account_id = %(account)s",
    "insert into explanations (account_id, hour, from_hour, nav_change, price_effect, trading, positions, flows, income,"
    " fees, residual, state, booking, assets, kinds) select %(account)s, hour, from_hour, change, change - flows, 0, 0, flows, 0, 0,"
    " 0, 'explained', 2, case flows when 0 then '{}' else jsonb_build_object('USDT', jsonb_build_object('units',"
    " jsonb_build_object('flows', flows::text), 'value', jsonb_build_object('flows', flows::text))) end,"
    ' \'{"income": {}, "fees": {}}\' from (select hour, flows, lag(hour) over valued as from_hour,'
    " nav - lag(nav) over valued as change from nav_history where account_id = %(account)s and nav is not null"
    " window valued as (order by hour)) c where from_hour is not null",
    "insert into rates (currency, hour, rate, source) select 'EUR', hour,"
    " round((1.1 + 0.05 * sin(i / 300.0) + 0.0001 * mod(i, 7))::numeric, 4), 'kline' from made on conflict do nothing",
    "insert into rates (currency, hour, rate, source) select 'BTC', hour, 60000 + 10 * i, 'ticker' from made where i >= 1000"
    " on conflict do nothing",
    "analyze",
)


def fill(owner: Connection[Any], *, hours: int, until: datetime, assets: tuple[str, ...] = ASSETS) -> int:
    """Make an account `long` with `hours` that end with the hour `until`; returns its number.

    The hours PARTIAL, MISSED and RECONSTRUCTED, counted from the first, are what their names say.
    """
    with owner.transaction():
        owner.execute("set local search_path = monitor")
        account = owner.execute(
            "insert into accounts (label, exchange, created_at) values ('long', 'binance', %(until)s) returning id",
            {"until": until},
        ).fetchone()
        assert account
        told = {
            "account": next(iter(account.values() if isinstance(account, dict) else account)),
            "first": until - timedelta(hours=hours - 1),
            "hours": hours,
            "deposit": hours // 2,
            "assets": list(assets),
            "width": len(assets),
            "partial": list(PARTIAL),
            "missed": list(MISSED),
            "rebuilt": list(RECONSTRUCTED),
        }
        owner.execute(
            "insert into benchmark_configs (account_id, name, assets, weights, rebalance, is_default) values"
            " (%(account)s, 'hold', '{BTC,ETH}', '{0.5,0.5}', 'never', true),"
            " (%(account)s, 'monthly', '{BTC,ETH}', '{0.5,0.5}', 'monthly', false)",
            told,
        )
        owner.execute(HOURS, told)
        for statement in ROWS:
            owner.execute(statement, told)
    return int(told["account"])

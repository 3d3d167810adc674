-- How large positions were between two readings, and what has to be computed again because it was not known.

-- Executions of derivatives, read where a position changed before and after a flow. They move no asset but through
-- income. Append-only.
create table monitor.contract_fills (
    id           bigint generated always as identity primary key,
    account_id   bigint not null references monitor.accounts,
    wallet       text not null,
    symbol       text not null,
    exchange_id  text not null,
    side         text not null check (side in ('both', 'long', 'short')),
    quantity     monitor.amount not null,       -- signed: + bought, in the contract's unit
    price        monitor.amount not null check (price > 0),
    occurred_at  timestamptz not null,
    raw          jsonb not null default '{}',
    unique (account_id, symbol, exchange_id)
);
create index contract_fills_time on monitor.contract_fills (account_id, occurred_at);

-- History that the next run computes again, since when and why. Until then it is as an earlier version computed it.
create table monitor.recomputations (
    account_id  bigint primary key references monitor.accounts,
    since       timestamptz not null,
    reason      text not null
);

-- Flows beside derivatives, which were valued as if open profit were money in the wallet; and losses of everything that
-- were concluded from an estimate.
insert into monitor.recomputations (account_id, since, reason)
select v.account_id, min(v.occurred_at), 'open positions are marked at the minute of each flow'
from monitor.flow_valuations v
cross join lateral (select n.hour, n.taken_at from monitor.nav_history n where n.account_id = v.account_id
    and n.nav is not null and n.taken_at <= v.occurred_at order by n.hour desc limit 1) b
cross join lateral (select n.hour, n.taken_at, n.nav from monitor.nav_history n where n.account_id = v.account_id
    and n.nav is not null and n.taken_at > v.occurred_at order by n.hour limit 1) a
where a.nav < 0 or (v.estimated and v.nav_before < 1)
    or exists (select from monitor.nav_history n join monitor.holding_sets h on h.snapshot_id = n.snapshot_id
        where n.hour in (b.hour, a.hour) and (n.account_id = v.account_id or v.account_id = 0)
        and cardinality(h.unrealised) > 0)
    or exists (select from monitor.income i where (i.account_id = v.account_id or v.account_id = 0)
        and i.kind in ('realised_profit', 'futures_commission', 'liquidation_fee')
        and i.occurred_at between b.taken_at - interval '1 hour' and a.taken_at)
group by v.account_id;

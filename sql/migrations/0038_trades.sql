-- Trades, what moved in them, and fees: derived from the explanations' changes, hour by hour. An account's past is computed
-- in its next run.
-- Derived: trades from flat to flat by average cost, as far as they have come; sums of their moves and fees.
create table monitor.trades (
    account_id         bigint not null references monitor.accounts,
    id                 text not null,           -- of the record that opened it: f12 a fill, d4 a flow, o.BTC the beginning
    asset              text not null,
    side               text not null check (side in ('LONG', 'SHORT')),
    opened_by          text not null check (opened_by in ('fill', 'flow', 'opening', 'unexplained')),
    opened_at          timestamptz not null,
    opened_hour        monitor.utc_hour not null,
    closed_at          timestamptz,
    closed_hour        monitor.utc_hour,
    changed_hour       monitor.utc_hour not null,   -- the last in which it had a move or a fee
    entered            monitor.amount not null,     -- units
    entry_value        monitor.amount not null,
    exited             monitor.amount not null,     -- units, sold or not
    exit_value         monitor.amount not null,
    gross              monitor.amount not null,     -- gained by selling, before fees
    transferred        monitor.amount not null,     -- what units that left unsold were worth more than they had cost
    transferred_units  monitor.amount not null,
    greatest_value     monitor.amount not null,
    fees               monitor.amount not null,
    interest           monitor.amount not null,
    net                monitor.amount not null generated always as (gross - fees - interest) stored,
    fills              integer not null,
    ended_by           text,                        -- how units left it last
    check ((closed_at is null) = (closed_hour is null)),
    primary key (account_id, id)
);
create index trades_open on monitor.trades (account_id) where closed_at is null;
create index trades_closed on monitor.trades (account_id, closed_at) where closed_at is not null;
create index trades_changed on monitor.trades (account_id, changed_hour);

-- Derived: units that came into a trade or left it.
create table monitor.trade_moves (
    account_id  bigint not null references monitor.accounts,
    hour        monitor.utc_hour not null,      -- in whose explanation they are
    number      integer not null,               -- in the hour
    trade_id    text not null,
    at          timestamptz not null,
    effect      text not null check (effect in ('entry', 'exit')),
    kind        text not null,
    row         text not null,                  -- the record; empty where there is none
    order_id    text not null,
    quantity    monitor.amount not null,
    value       monitor.amount not null,
    gain        monitor.amount not null,
    worth       monitor.amount not null,        -- of all that is held after it
    primary key (account_id, hour, number)
);
create index trade_moves_trade on monitor.trade_moves (account_id, trade_id);

-- Derived: every fee, interest and funding, in coins and in USDT; what was got back is negative.
create table monitor.fees (
    account_id  bigint not null references monitor.accounts,
    hour        monitor.utc_hour not null,
    number      integer not null,
    at          timestamptz not null,
    row         text not null,
    kind        text not null,
    asset       text not null,
    quantity    monitor.amount not null,
    value       monitor.amount not null,
    trade_id    text,                           -- whose result it lowers
    primary key (account_id, hour, number)
);
create index fees_trade on monitor.fees (account_id, trade_id) where trade_id is not null;

-- A trade's symbol is that of the fill that opened it; one that no fill opened has its coin's.
create view reading.trades as
    select t.account_id, t.id, t.asset, coalesce(f.symbol, t.asset) as symbol, coalesce(f.market, 'spot') as market,
        t.side, t.opened_by, t.opened_at, t.closed_at, t.closed_hour, t.entered, t.entry_value, t.exited, t.exit_value,
        t.gross, t.transferred, t.transferred_units, t.greatest_value, t.fees, t.interest, t.net, t.fills, t.ended_by,
        t.closed_at is not null and t.opened_by = 'fill' and t.transferred_units = 0 as is_counted
    from monitor.trades t
    left join monitor.fills f on f.id = case when t.opened_by = 'fill' and t.id like 'f%' then
        substr(split_part(t.id, '.', 1), 2)::bigint end;

create view reading.trade_moves as
    select account_id, trade_id, hour, number, at, effect, kind, row, order_id, quantity, value, gain, worth
    from monitor.trade_moves;

create view reading.fees as
    select e.account_id, e.at, e.row, case
            when e.kind = 'trading_commission' and f.market in ('convert', 'dust') then 'CONVERSION'
            when e.kind in ('trading_commission', 'futures_commission') then 'TRADING'
            when e.kind = 'liquidation_fee' then 'LIQUIDATION'
            when e.kind = 'funding_fee' then 'FUNDING'
            else 'INTEREST'
        end as type, case
            when e.kind in ('trading_commission', 'futures_commission', 'liquidation_fee') then case
                when f.market in ('convert', 'dust') then 'CONVERSION' else 'ORDER_FILL' end
            else 'HOLDING'
        end as transaction_type, e.asset, e.quantity, e.value, e.trade_id, coalesce(f.symbol, '') as symbol,
        coalesce(f.order_id, '') as order_id
    from monitor.fees e
    left join monitor.fills f on f.id = case when e.kind = 'trading_commission' and e.row like 'f%' then
        substr(e.row, 2)::bigint end
    union all
    select account_id, occurred_at, 'd' || transaction_id, 'WITHDRAWAL', 'TRANSFER', asset, fee, fee * price, null, '', ''
    from reading.flows
    where kind = 'withdrawal' and state = 'counted' and fee > 0;

insert into monitor.recomputations (account_id, since, reason, changes_before)
    select account_id, min(taken_at) - interval '1 second', '',
        (select coalesce(max(id), 0) from monitor.history_changes)
    from monitor.nav_history
    where account_id > 0 and nav is not null
    group by account_id
    on conflict (account_id) do update set since = least(excluded.since, recomputations.since);

-- What a fill was charged stands in the move that it made: as a row of its own it said again when it was, of which fill and of
-- which trade. What is of no such move (another fee of a fill, interest, funding, costs of contracts) keeps its row. `fees` has
-- all of them, each as it was. That rows which are derived of an account's hours have an account is what its hours say.
create schema outgoing;  -- the new tables have the same names, of constraints too
alter table monitor.trade_moves set schema outgoing;
alter table monitor.fees set schema outgoing;

create table monitor.trade_moves (
    account_id  bigint not null,
    hour        monitor.utc_hour not null,      -- in whose explanation they are
    number      integer not null,               -- in the hour
    fee_number  integer,                        -- of its fee in the hour; null: nothing was charged, or by a row of `other_fees`
    at          timestamptz not null,
    trade_id    text not null,
    effect      text not null check (effect in ('entry', 'exit')),
    kind        text not null,
    row         text not null,                  -- the record; empty where there is none
    order_id    text not null,
    quantity    monitor.amount not null,
    value       monitor.amount not null,
    gain        monitor.amount not null,
    worth       monitor.amount not null,        -- of all that is held after it
    fee_asset     text,
    fee_quantity  monitor.amount,
    fee_value     monitor.amount,
    settled_value  monitor.amount,              -- of a contract, in what it settles in
    settled_gain   monitor.amount,
    stated         monitor.amount,              -- the profit of an exit by the exchange's own account
    check (num_nulls(fee_number, fee_asset, fee_quantity, fee_value) in (0, 4)),
    check (num_nulls(settled_value, settled_gain, stated) in (0, 3))
);
create table monitor.other_fees (
    account_id  bigint not null,
    hour        monitor.utc_hour not null,
    number      integer not null,
    at          timestamptz not null,
    row         text not null,
    kind        text not null,
    asset       text not null,
    quantity    monitor.amount not null,
    value       monitor.amount not null,
    trade_id    text                            -- whose result it lowers
);

create temporary table charged on commit drop as
    select m.account_id, m.hour, m.number, f.number as fee_number, f.asset, f.quantity, f.value
    from (
        select distinct on (account_id, hour, row, trade_id) account_id, hour, row, trade_id, number
        from outgoing.trade_moves
        where row <> ''
        order by account_id, hour, row, trade_id, number desc
    ) m
    join (
        select distinct on (account_id, hour, row, trade_id) account_id, hour, row, trade_id, number, asset, quantity, value
        from outgoing.fees
        where kind = 'trading_commission'
        order by account_id, hour, row, trade_id, number
    ) f using (account_id, hour, row, trade_id);
analyze charged;

insert into monitor.trade_moves (
        account_id, hour, number, fee_number, at, trade_id, effect, kind, row, order_id, quantity, value, gain, worth, fee_asset,
        fee_quantity, fee_value, settled_value, settled_gain, stated
    )
    select m.account_id, m.hour, m.number, c.fee_number, m.at, m.trade_id, m.effect, m.kind, m.row, m.order_id, m.quantity, m.value,
        m.gain, m.worth, c.asset, c.quantity, c.value, m.settled_value, m.settled_gain, m.stated
    from outgoing.trade_moves m
    left join charged c using (account_id, hour, number)
    order by m.account_id, m.hour, m.number;
insert into monitor.other_fees (account_id, hour, number, at, row, kind, asset, quantity, value, trade_id)
    select f.account_id, f.hour, f.number, f.at, f.row, f.kind, f.asset, f.quantity, f.value, f.trade_id
    from outgoing.fees f
    left join charged c on c.account_id = f.account_id and c.hour = f.hour and c.fee_number = f.number
    where c.fee_number is null
    order by f.account_id, f.hour, f.number;

alter table monitor.trade_moves add primary key (account_id, hour, number);
create index trade_moves_trade on monitor.trade_moves (account_id, trade_id);
create index trade_moves_order on monitor.trade_moves (account_id, order_id) where order_id <> '';
alter table monitor.other_fees add primary key (account_id, hour, number);
create index other_fees_trade on monitor.other_fees (account_id, trade_id) where trade_id is not null;
alter table monitor.trades drop constraint trades_account_id_fkey;

create view monitor.fees as
    select account_id, hour, fee_number as number, at, row, 'trading_commission' as kind, fee_asset as asset,
        fee_quantity as quantity, fee_value as value, trade_id
    from monitor.trade_moves
    where fee_number is not null
    union all
    select account_id, hour, number, at, row, kind, asset, quantity, value, trade_id
    from monitor.other_fees;

create or replace view monitor.newest_trade_notes as
    select distinct on (n.account_id, coalesce(t.id, m.trade_id, n.trade_id)) n.account_id,
        coalesce(t.id, m.trade_id, n.trade_id) as trade_id, n.revision, n.at, n.tags, n.note, n.rating, n.stop, n.roles
    from monitor.trade_notes n
    left join monitor.trades t on t.account_id = n.account_id and t.id = n.trade_id
    left join lateral (
        select v.trade_id
        from monitor.trade_moves v
        join monitor.trades o on o.account_id = v.account_id and o.id = v.trade_id
        where t.id is null and v.account_id = n.account_id and v.row = split_part(n.trade_id, '.', 1)
            and split_part(n.trade_id, '.', 2) in ('', o.asset)
        order by v.hour desc, v.number desc
        limit 1
    ) m on true
    order by n.account_id, coalesce(t.id, m.trade_id, n.trade_id), n.at desc, n.revision desc;

create or replace view reading.trade_moves as
    select account_id, trade_id, hour, number, at, effect, kind, row, order_id, quantity, value, gain, worth, settled_value,
        settled_gain, stated
    from monitor.trade_moves;

create or replace view reading.fees as
    select e.account_id, e.at, e.row, case
            when e.kind = 'withdrawal_fee' then 'WITHDRAWAL'
            when e.kind = 'trading_commission' and f.market in ('convert', 'dust') then 'CONVERSION'
            when f.liquidity is not null then upper(f.liquidity)
            when e.kind in ('trading_commission', 'futures_commission') then 'TRADING'
            when e.kind = 'liquidation_fee' then 'LIQUIDATION'
            when e.kind = 'funding_fee' then 'FUNDING'
            else 'INTEREST'
        end as type, case
            when e.kind = 'withdrawal_fee' then 'TRANSFER'
            when e.kind in ('trading_commission', 'futures_commission', 'liquidation_fee') then case
                when f.market in ('convert', 'dust') then 'CONVERSION' else 'ORDER_FILL' end
            else 'HOLDING'
        end as transaction_type, e.asset, e.quantity, e.value, e.trade_id, coalesce(f.symbol, t.asset, '') as symbol,
        coalesce(f.order_id, case when e.row like 'i%' and e.kind in ('futures_commission', 'liquidation_fee') then (
            select c.order_id
            from monitor.contract_bookings b
            join monitor.contract_fills c on (c.account_id, c.symbol, c.exchange_id) = (b.account_id, b.symbol, b.fill)
            where b.id = substr(e.row, 2)::bigint) end, '') as order_id, e.hour,
        concat_ws('/', e.account_id, extract(epoch from e.hour)::bigint, e.number) as id
    from monitor.fees e
    left join monitor.fills f on f.id = case when e.kind = 'trading_commission' and e.row like 'f%' then
        substr(e.row, 2)::bigint end
    left join monitor.trades t on t.account_id = e.account_id and t.id = e.trade_id and t.settle is not null
    union all
    select account_id, occurred_at, 'd' || transaction_id, 'WITHDRAWAL', 'TRANSFER', asset, fee, fee * price, null, '', '', null, 'd' || transaction_id
    from reading.flows
    where kind = 'withdrawal' and state = 'counted' and fee > 0;

drop table outgoing.trade_moves, outgoing.fees;
drop schema outgoing;

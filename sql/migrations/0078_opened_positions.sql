-- What was open in contracts when a history began is in trades from there on: accounts that had any are computed again in their
-- next run.
insert into monitor.recomputations (account_id, since, reason, changes_before)
    select account_id, taken_at - interval '1 second', '', (select coalesce(max(id), 0) from monitor.history_changes)
    from (
        select distinct on (account_id) account_id, taken_at, snapshot_id
        from monitor.nav_history
        where account_id > 0 and nav is not null
        order by account_id, hour
    ) began
    where exists (
        select from monitor.positions p
        where p.snapshot_id = began.snapshot_id and p.wallet <> 'options' and p.quantity <> 0)
    on conflict (account_id) do update set since = least(excluded.since, recomputations.since);

-- A fee of a contract names the order of its fill, as one of a pair does, where that fill is known.
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

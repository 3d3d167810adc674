-- What exchanges say of positions beyond their size and profit; null: it is not said.
alter table monitor.positions
    add column leverage monitor.amount check (leverage > 0),
    add column margin_mode text check (margin_mode in ('cross', 'isolated')),
    add column liquidation_price monitor.amount check (liquidation_price > 0),
    add column initial_margin monitor.amount check (initial_margin > 0);   -- in the margin asset

create or replace view reading.positions as
    select s.account_id, s.hour, p.snapshot_id, p.wallet, p.symbol, p.side, p.quantity, p.entry_price, p.mark_price,
        p.margin_asset, p.unrealised, p.leverage, p.margin_mode, p.liquidation_price, p.initial_margin
    from monitor.positions p
    join monitor.snapshots s on s.id = p.snapshot_id;

-- A fee of a trade in a contract says of which one.
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
        coalesce(f.order_id, '') as order_id, e.hour,
        concat_ws('/', e.account_id, extract(epoch from e.hour)::bigint, e.number) as id
    from monitor.fees e
    left join monitor.fills f on f.id = case when e.kind = 'trading_commission' and e.row like 'f%' then
        substr(e.row, 2)::bigint end
    left join monitor.trades t on t.account_id = e.account_id and t.id = e.trade_id and t.settle is not null
    union all
    select account_id, occurred_at, 'd' || transaction_id, 'WITHDRAWAL', 'TRANSFER', asset, fee, fee * price, null, '', '', null, 'd' || transaction_id
    from reading.flows
    where kind = 'withdrawal' and state = 'counted' and fee > 0;

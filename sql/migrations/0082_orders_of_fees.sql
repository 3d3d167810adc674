-- The order of a contract's fee stands in its row: to look for it when fees are listed took seconds where there are many. What
-- wallets booked of contracts says the order, where the exchange does or the fill is known.
create or replace view monitor.contract_bookings as
    select i.id, i.account_id, i.wallet, i.raw ->> 'symbol' as symbol, i.kind, i.asset, i.amount, i.occurred_at, i.first_seen_at,
        i.exchange_id, coalesce((i.raw ->> 'orderedAt')::timestamptz, i.occurred_at - case
            when i.raw ->> 'positionSide' <> '' then interval '1 minute' else interval '0' end) as begun_at,
        coalesce(i.raw ->> 'tradeId', '') <> '' as names_fill,
        case
            when i.kind not in ('realised_profit', 'futures_commission') then coalesce(i.raw ->> 'tradeId', '') <> ''
            else coalesce(i.raw ->> 'tradeId', i.raw ->> 'orderId', i.raw ->> 'positionSide', '') <> ''
        end as is_of_fill,
        case
            when i.raw ->> 'tradeId' <> '' then i.raw ->> 'tradeId'
            when i.kind not in ('realised_profit', 'futures_commission') then null
            when i.raw ->> 'orderId' <> '' then (
                select f.exchange_id
                from monitor.contract_fills f
                where f.account_id = i.account_id and f.order_id = i.raw ->> 'orderId' and f.order_id <> ''
                    and f.symbol = i.raw ->> 'symbol'
                order by f.occurred_at desc, f.id desc
                limit 1)
            when i.raw ->> 'positionSide' <> '' then (
                select f.exchange_id
                from monitor.contract_fills f
                where f.account_id = i.account_id
                    and f.occurred_at between i.occurred_at - interval '1 minute' and i.occurred_at + interval '1 minute'
                    and f.symbol = i.raw ->> 'symbol' and (f.side in ('both', i.raw ->> 'positionSide') or i.raw ->> 'positionSide' = 'any')
                order by abs(extract(epoch from f.occurred_at - i.occurred_at)), f.id
                limit 1)
        end as fill,
        case
            when i.raw ->> 'tradeId' <> '' then (
                select f.order_id
                from monitor.contract_fills f
                where f.account_id = i.account_id and f.symbol = i.raw ->> 'symbol' and f.exchange_id = i.raw ->> 'tradeId')
            when i.kind not in ('realised_profit', 'futures_commission') then null
            when i.raw ->> 'orderId' <> '' then i.raw ->> 'orderId'
            when i.raw ->> 'positionSide' <> '' then (
                select f.order_id
                from monitor.contract_fills f
                where f.account_id = i.account_id
                    and f.occurred_at between i.occurred_at - interval '1 minute' and i.occurred_at + interval '1 minute'
                    and f.symbol = i.raw ->> 'symbol' and (f.side in ('both', i.raw ->> 'positionSide') or i.raw ->> 'positionSide' = 'any')
                order by abs(extract(epoch from f.occurred_at - i.occurred_at)), f.id
                limit 1)
        end as order_id
    from monitor.income i
    where i.kind in ('realised_profit', 'futures_commission', 'liquidation_fee', 'funding_fee') and i.raw ->> 'symbol' <> '';

alter table monitor.other_fees add column order_id text;  -- of a contract's fill, where that is known
update monitor.other_fees e
    set order_id = nullif(b.order_id, '')
    from monitor.contract_bookings b
    where e.kind in ('futures_commission', 'liquidation_fee') and e.row = 'i' || b.id and b.order_id <> '';

create or replace view monitor.fees as
    select account_id, hour, fee_number as number, at, row, 'trading_commission' as kind, fee_asset as asset,
        fee_quantity as quantity, fee_value as value, trade_id, null as order_id
    from monitor.trade_moves
    where fee_number is not null
    union all
    select account_id, hour, number, at, row, kind, asset, quantity, value, trade_id, order_id
    from monitor.other_fees;

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
        coalesce(f.order_id, e.order_id, '') as order_id, e.hour,
        concat_ws('/', e.account_id, extract(epoch from e.hour)::bigint, e.number) as id
    from monitor.fees e
    left join monitor.fills f on f.id = case when e.kind = 'trading_commission' and e.row like 'f%' then
        substr(e.row, 2)::bigint end
    left join monitor.trades t on t.account_id = e.account_id and t.id = e.trade_id and t.settle is not null
    union all
    select account_id, occurred_at, 'd' || transaction_id, 'WITHDRAWAL', 'TRANSFER', asset, fee, fee * price, null, '', '', null, 'd' || transaction_id
    from reading.flows
    where kind = 'withdrawal' and state = 'counted' and fee > 0;

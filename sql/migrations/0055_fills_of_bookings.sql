-- Fills of contracts at Bitget, Gate.io and MEXC are read after the hour in which one was traded, too.
alter table monitor.contract_fills
    add column reason text check (reason in ('liquidation', 'adl', 'delivery'));  -- null: an order, as far as the exchange says
create index contract_fills_order on monitor.contract_fills (account_id, order_id) where order_id <> '';
update monitor.contract_fills f
    set order_id = coalesce(f.raw ->> 'orderId', f.raw ->> 'order_id', ''),
        settle = case
            when f.symbol like '%USD\_PERP' then split_part(f.symbol, 'USD_', 1)
            when a.exchange = 'bitget' then case
                when f.symbol ~ '(PERP|USDC)$' then 'USDC' when f.symbol ~ 'USD([FGHJKMNQUVXZ][0-9]{2})?$' then '' else 'USDT' end
            else split_part(f.symbol, '_', 2)
        end
    from monitor.accounts a
    where a.id = f.account_id and a.exchange in ('bitget', 'gate', 'mexc');

-- Bookings of before are named as new ones are: by our name of the contract, the side of its position, when the order was given.
update monitor.income i
    set raw = i.raw || case a.exchange
            when 'mexc' then jsonb_build_object('orderedAt', i.occurred_at - interval '1 day', 'symbol',
                regexp_replace(i.raw ->> 'symbol', '^(.*)_USD$', '\1USD_PERP'))
            else jsonb_build_object('positionSide', coalesce(substring(lower(coalesce(i.raw ->> 'businessType', i.raw ->> 'type'))
                from '(long|short)'), 'both'))
        end
    from monitor.accounts a
    where a.id = i.account_id and a.exchange in ('bitget', 'mexc') and i.kind in ('realised_profit', 'futures_commission')
        and i.raw ->> 'symbol' <> '';
update monitor.income i
    set raw = i.raw || jsonb_build_object('symbol', regexp_replace(i.raw ->> 'symbol', '^(.*)_USD$', '\1USD_PERP'))
    from monitor.accounts a
    where a.id = i.account_id and a.exchange = 'mexc' and i.kind = 'funding_fee' and i.raw ->> 'symbol' like '%\_USD';

-- What wallets booked of contracts, and the fill that it is of: by its id, else the last one of the order that income names
-- (`begun_at`: when that was given), else the nearest one of its moment and side, as far as it is known.
create view monitor.contract_bookings as
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
        end as fill
    from monitor.income i
    where i.kind in ('realised_profit', 'futures_commission', 'liquidation_fee', 'funding_fee') and i.raw ->> 'symbol' <> '';

insert into monitor.contracts_due (account_id, wallet, symbol, since)
    select b.account_id, b.wallet, b.symbol, min(b.begun_at)
    from monitor.contract_bookings b
    join monitor.accounts a on a.id = b.account_id
    where a.exchange in ('bitget', 'gate', 'mexc') and b.kind in ('realised_profit', 'futures_commission') and b.is_of_fill
        and not (b.names_fill and exists (select from monitor.contract_fills f where (f.account_id, f.symbol, f.exchange_id)
            = (b.account_id, b.symbol, b.fill)))
    group by b.account_id, b.wallet, b.symbol
    on conflict (account_id, wallet, symbol) do update set since = least(contracts_due.since, excluded.since);

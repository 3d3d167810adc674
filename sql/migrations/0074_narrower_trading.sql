-- What a fill or a trade takes on disk. In which hour a trade changed last is said by its moves and fees, by which it is found.
alter table monitor.trades drop column changed_hour;

-- Nearly every fill is the exchange's own: that takes no words in each.
alter table monitor.fills
    -- null: the exchange's own. Else all that an older system says was done of an order of which these are not known;
    -- described: before the first valued hour, it moves nothing; given_way: the exchange's own fills of its order have come
    add column legacy text check (legacy in ('booked', 'described', 'given_way'));
update monitor.fills set legacy = standing where source = 'legacy';

create or replace view reading.fills as
    select id, account_id, market, symbol, order_id, base_asset, base_quantity, quote_asset, quote_quantity,
        fee_asset, fee, occurred_at, liquidity, case when legacy is null then 'exchange' else 'legacy' end as source,
        coalesce(legacy, 'booked') as standing
    from monitor.fills
    where legacy is null or legacy <> 'given_way';

drop index monitor.fills_legacy;
create index fills_legacy on monitor.fills (account_id, order_id) where legacy is not null;
alter table monitor.fills drop column source, drop column standing;

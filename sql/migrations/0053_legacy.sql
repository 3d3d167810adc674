-- What comes from an older system: orders, one fill of an order whose own fills are not known, and what was said of each.
alter table monitor.order_revisions add column source text not null default 'exchange' check (source in ('exchange', 'legacy'));
alter table monitor.fills add column source text not null default 'exchange' check (source in ('exchange', 'legacy'));
-- described: before the first valued hour, it moves nothing; given_way: the exchange's own fills of its order have come
alter table monitor.fills add column standing text not null default 'booked' check (standing in ('booked', 'described', 'given_way'));
alter table monitor.fills add check (standing = 'booked' or source = 'legacy');
create index fills_legacy on monitor.fills (account_id, order_id) where source = 'legacy';

-- What an older system said of orders, and what became of each when it was imported. Append-only.
create table monitor.legacy_orders (
    account_id   bigint not null references monitor.accounts,
    symbol       text not null,
    exchange_id  text not null,                 -- the exchange's number of the order
    market       text not null,                 -- empty: not known, as of contracts
    side         text not null check (side in ('buy', 'sell')),
    role         text not null,                 -- ENTRY, TP1, TP2 and so on, SL; empty: none
    group_id     text not null,                 -- what an entry and its exits share
    parent_id    text not null,                 -- of the entry
    tp_levels    numeric[] not null,
    sl_price     monitor.amount,
    note         text not null,
    became       text not null check (became in ('linked', 'booked', 'described', 'order', 'noted')),
    reason       text not null,                 -- why it became that
    imported_at  timestamptz not null,
    raw          jsonb not null,                -- the row as it was written
    primary key (account_id, symbol, exchange_id)
);

create or replace view reading.fills as
    select id, account_id, market, symbol, order_id, base_asset, base_quantity, quote_asset, quote_quantity,
        fee_asset, fee, occurred_at, liquidity, source, standing
    from monitor.fills
    where standing <> 'given_way';

create view reading.legacy_orders as
    select account_id, market, symbol, exchange_id, side, role, group_id, parent_id, tp_levels, sl_price, note, became, reason,
        imported_at
    from monitor.legacy_orders;

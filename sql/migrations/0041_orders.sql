-- Orders as the exchange shows them, which of them wait, how far they were read; and of each fill whether it made or took liquidity.
-- A row for each state of an order that was seen. Append-only.
create table monitor.order_revisions (
    id                 bigint generated always as identity primary key,
    account_id         bigint not null references monitor.accounts,
    market             text not null check (market in ('spot', 'cross_margin', 'isolated_margin')),
    symbol             text not null,
    exchange_id        text not null,
    client_id          text not null default '',
    base_asset         text not null,           -- empty, like the quote's, where nothing says it
    quote_asset        text not null,
    side               text not null check (side in ('buy', 'sell')),
    type               text not null,
    position_side      text not null default 'both' check (position_side in ('both', 'long', 'short')),
    reduces            boolean not null default false,
    quantity           monitor.amount check (quantity >= 0),        -- of the base; null: given for an amount of the quote
    quote_quantity     monitor.amount check (quote_quantity >= 0),  -- that amount
    price              monitor.amount check (price > 0),            -- null: at the market's
    trigger_price      monitor.amount check (trigger_price > 0),
    executed_quantity  monitor.amount not null check (executed_quantity >= 0),
    executed_quote     monitor.amount check (executed_quote >= 0),  -- null: the exchange does not say
    state              text not null check (state in ('open', 'partially_filled', 'filled', 'cancelled', 'expired',
        'rejected', 'gone')),
    parent_id          text not null default '',
    list_id            text not null default '',
    ordered_at         timestamptz not null,
    updated_at         timestamptz not null,    -- by the exchange
    first_seen_at      timestamptz not null,
    run_id             bigint references monitor.runs,
    raw                jsonb not null default '{}',
    unique (account_id, market, symbol, exchange_id, updated_at, state, executed_quantity)
);
create index order_revisions_time on monitor.order_revisions (account_id, ordered_at);
create index order_revisions_run on monitor.order_revisions (run_id);

-- The orders that wait, by what was last seen of them: the next run asks what has become of them.
create table monitor.open_orders (
    account_id   bigint not null references monitor.accounts,
    market       text not null,
    symbol       text not null,
    exchange_id  text not null,
    primary key (account_id, market, symbol, exchange_id)
);

-- The pairs whose orders are read, and how far they have been. A new fill makes a pair due.
create table monitor.order_sources (
    account_id   bigint not null references monitor.accounts,
    market       text not null,
    symbol       text not null,
    base_asset   text not null,
    quote_asset  text not null,
    last_id      text not null default '',
    read_at      timestamptz,                   -- when it was last read to its end; null: never
    is_due       boolean not null,
    primary key (account_id, market, symbol)
);
create index order_sources_due on monitor.order_sources (account_id) where is_due;

alter table monitor.fills add column liquidity text check (liquidity in ('maker', 'taker'));  -- null: not said
update monitor.fills set liquidity = case when lower(raw ->> 'isMaker') = 'true' then 'maker' else 'taker' end
    where lower(raw ->> 'isMaker') in ('true', 'false');

create or replace view reading.fills as
    select id, account_id, market, symbol, order_id, base_asset, base_quantity, quote_asset, quote_quantity,
        fee_asset, fee, occurred_at, liquidity
    from monitor.fills;

-- Each order as it was last seen.
create view reading.orders as
    select id, account_id, market, symbol, exchange_id, client_id, base_asset, quote_asset, side, type, position_side, reduces,
        quantity, quote_quantity, price, trigger_price, executed_quantity, executed_quote,
        executed_quote / nullif(executed_quantity, 0) as average_price, state, parent_id, list_id, ordered_at, updated_at
    from monitor.order_revisions r
    where not exists (
        select from monitor.order_revisions later
        where (later.account_id, later.market, later.symbol, later.exchange_id)
            = (r.account_id, r.market, r.symbol, r.exchange_id) and later.id > r.id);

create view reading.open_orders as
    select r.*
    from reading.orders r
    join monitor.open_orders o using (account_id, market, symbol, exchange_id);

-- What is read together is kept together: a row a moment for prices, a row a snapshot for holdings. In rows of their own
-- they were half of the database.

create temporary table single_prices on commit drop as select * from monitor.price_history;
drop view reading.prices;
drop table monitor.price_history;

-- The prices that a run read, or that were true at a rebuilt hour. A moment's later parts add what its first one lacks.
create table monitor.price_history (
    exchange  text not null,
    at        timestamptz not null,
    part      integer not null check (part > 0),
    assets    text[] not null,
    prices    monitor.amount[] not null,         -- same order as assets
    routes    text[] not null,                   -- BTCUSDT, or SOLBTC*BTCUSDT
    primary key (exchange, at, part),
    check (cardinality(assets) > 0 and cardinality(assets) = cardinality(prices)
        and cardinality(assets) = cardinality(routes)),
    check (0 < all (prices) and array_position(prices, null) is null and array_position(assets, null) is null)
);
insert into monitor.price_history
    select exchange, at, 1, array_agg(asset order by asset), array_agg(price order by asset),
        array_agg(route order by asset)
    from single_prices where source = 'ticker' group by exchange, at;

-- The same, a row a price.
create view monitor.ticker_prices as
    select s.exchange, s.at, p.asset, p.price, p.route
    from monitor.price_history s cross join lateral unnest(s.assets, s.prices, s.routes) as p (asset, price, route);

-- Prices of past minutes, each asked for by a flow or by a benchmark.
create table monitor.minute_prices (
    exchange  text not null,
    asset     text not null,
    at        timestamptz not null,
    price     monitor.amount not null check (price > 0),
    route     text not null,
    stale     boolean not null default false,    -- the newest one was older than five minutes
    primary key (exchange, asset, at)
);
insert into monitor.minute_prices
    select exchange, asset, at, price, route, stale from single_prices where source = 'minute';

create view reading.prices as
    select exchange, at, asset, price, route from monitor.ticker_prices;

-- What a snapshot found.
create table monitor.holding_sets (
    snapshot_id  bigint primary key references monitor.snapshots,
    wallets      text[] not null,                -- this and the rest in the same order, a wallet's asset once
    assets       text[] not null,
    free         monitor.amount[] not null,
    locked       monitor.amount[] not null,      -- in orders, frozen, being withdrawn
    owed         monitor.amount[] not null,      -- borrowed and interest; empty: nothing is
    unrealised   monitor.amount[] not null,      -- profit of open positions that is part of free or owed; empty: none
    prices       monitor.amount[] not null,      -- null: no price was found
    check (cardinality(wallets) = cardinality(assets) and cardinality(wallets) = cardinality(free)
        and cardinality(wallets) = cardinality(locked) and cardinality(wallets) = cardinality(prices)),
    check (cardinality(owed) in (0, cardinality(wallets)) and cardinality(unrealised) in (0, cardinality(wallets))),
    check (array_position(wallets, null) is null and array_position(assets, null) is null
        and array_position(free, null) is null and array_position(locked, null) is null
        and array_position(owed, null) is null and array_position(unrealised, null) is null)
);
insert into monitor.holding_sets
    select snapshot_id, array_agg(wallet order by wallet, asset), array_agg(asset order by wallet, asset),
        array_agg(free order by wallet, asset), array_agg(locked order by wallet, asset),
        case when bool_or(owed <> 0) then array_agg(owed order by wallet, asset) else '{}' end,
        case when bool_or(unrealised <> 0) then array_agg(unrealised order by wallet, asset) else '{}' end,
        array_agg(price order by wallet, asset)
    from monitor.holdings group by snapshot_id;
drop view reading.holdings;
drop table monitor.holdings;

-- The same, a row a wallet and asset.
create view monitor.holdings as
    select s.snapshot_id, h.wallet, h.asset, h.free, h.locked, coalesce(h.owed, 0) as owed,
        coalesce(h.unrealised, 0) as unrealised, h.price, (h.free + h.locked - coalesce(h.owed, 0)) * h.price as value
    from monitor.holding_sets s
    cross join lateral unnest(s.wallets, s.assets, s.free, s.locked, s.owed, s.unrealised, s.prices)
        as h (wallet, asset, free, locked, owed, unrealised, price);

create view reading.holdings as
    select s.account_id, s.hour, s.id as snapshot_id, h.wallet, h.asset, h.free, h.locked, h.owed,
        h.free + h.locked - h.owed as quantity, h.unrealised, h.price,
        coalesce((select p.route from monitor.ticker_prices p join monitor.accounts a on a.exchange = p.exchange
            where a.id = s.account_id and p.at = s.prices_at and p.asset = h.asset limit 1), '') as route, h.value
    from monitor.holdings h join monitor.snapshots s on s.id = h.snapshot_id;

-- Hours whose missing fills every run looks for, however long history is.
create index explanations_unexplained on monitor.explanations (account_id, hour) where state = 'unexplained';

-- Positions of contracts from flat to flat by the exchange's own account, to stand beside our trades. Append-only.
create table monitor.closed_positions (
    account_id   bigint not null references monitor.accounts,
    wallet       text not null,
    symbol       text not null,
    exchange_id  text not null,
    is_short     boolean not null,
    opened_at    timestamptz,                   -- null: the exchange does not say
    closed_at    timestamptz not null,
    settle       text not null,                 -- the asset that the figures are in
    profit       monitor.amount not null,       -- by prices, as the exchange has it
    fees         monitor.amount not null,       -- + is a cost
    funding      monitor.amount not null,       -- + was got
    net          monitor.amount not null,
    raw          jsonb not null default '{}',
    primary key (account_id, symbol, exchange_id)
);

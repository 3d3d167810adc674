-- What was planned before an order was given.
-- Plans of orders, by revisions: each has everything that was planned so far; the newest counts.
create table monitor.order_plans (
    account_id         bigint not null references monitor.accounts,
    plan_id            text not null check (plan_id <> ''),  -- the owner's p1, p2 and so on; of an old system as its import calls it
    revision           integer not null check (revision > 0),
    at                 timestamptz not null,            -- when it was recorded
    planned_at         timestamptz not null,            -- since when it was the plan
    source             text not null check (source in ('owner', 'legacy')),
    is_taken_back      boolean not null default false,
    symbol             text not null,
    side               text not null check (side in ('buy', 'sell')),
    order_id           text not null default '',        -- by the exchange, of the order that it belongs to; empty: of none yet
    entry              monitor.amount check (entry > 0),        -- price; null: at the market's
    stop               monitor.amount check (stop > 0),         -- price at which it was to be given up
    targets            jsonb not null default '[]',     -- [{"level": 1, "price": "45000", "percentage": "50"}]: part of what is held
    quantity           monitor.amount check (quantity > 0),
    notional           monitor.amount check (notional > 0),     -- quantity x price
    leverage           monitor.amount check (leverage > 0),
    amount_percentage  monitor.amount check (amount_percentage > 0),    -- of the account
    confidence         text not null default '',
    timeframe          text not null default '',
    analysis_type      text not null default '',
    market_condition   text not null default '',
    risk_level         text not null default '',
    order_type         text not null default '',
    force              text not null default '',        -- how long it was to wait: gtc, ioc, fok, post_only
    margin_mode        text not null default '',
    note               text not null default '',
    primary key (account_id, plan_id, revision)
);
create index order_plans_order on monitor.order_plans (account_id, order_id) where order_id <> '';

create view reading.order_plans as
    select account_id, plan_id, revision, at, planned_at, source, symbol, side, order_id, entry, stop, targets, quantity, notional,
        leverage, amount_percentage, confidence, timeframe, analysis_type, market_condition, risk_level, order_type, force,
        margin_mode, note
    from monitor.order_plans p
    where not is_taken_back and not exists (
        select from monitor.order_plans later
        where (later.account_id, later.plan_id) = (p.account_id, p.plan_id) and later.revision > p.revision);

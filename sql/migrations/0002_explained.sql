-- Every wallet, every kind of flow, and what explains each hour: income, fills, positions, cross-checks.

-- ---------------------------------------------------------------- accounts and wallets

-- A sub-account is an account of its own, read through its master's key.
alter table monitor.accounts
    add column master_id bigint references monitor.accounts,
    add column sub_email text,
    add constraint accounts_sub check ((master_id is null) = (sub_email is null));
create unique index accounts_sub_email on monitor.accounts (master_id, sub_email) where master_id is not null;

-- A wallet that held nothing when it was last asked is asked again a day later, not every hour.
alter table monitor.account_wallets
    add column is_empty boolean not null default false,
    add column checked_at timestamptz;

-- Profit of open positions that is part of free or owed.
alter table monitor.holdings add column unrealised monitor.amount not null default 0;

create table monitor.positions (             -- open derivative positions of a snapshot
    snapshot_id   bigint not null references monitor.snapshots,
    wallet        text not null,
    symbol        text not null,
    side          text not null check (side in ('both', 'long', 'short')),
    quantity      monitor.amount not null,   -- signed, in the contract's unit
    entry_price   monitor.amount not null,
    mark_price    monitor.amount not null,
    margin_asset  text not null,
    unrealised    monitor.amount not null,   -- in the margin asset
    primary key (snapshot_id, wallet, symbol, side)
);

alter table monitor.snapshots drop constraint snapshots_status_check;
alter table monitor.snapshots add constraint snapshots_status_check
    check (status in ('COMPLETE', 'PARTIAL', 'SUSPECT', 'RECONSTRUCTED'));
alter table monitor.snapshots alter column run_id drop not null;  -- a reconstructed one was seen by no run

-- ---------------------------------------------------------------- the ledger's kinds

alter table monitor.processed_transactions drop constraint processed_transactions_kind_check;
alter table monitor.processed_transactions
    add constraint processed_transactions_kind_check check (kind in (
        'opening', 'deposit', 'withdrawal', 'fiat_deposit', 'fiat_withdrawal', 'card_purchase', 'card_sale',
        'p2p_purchase', 'p2p_sale', 'pay_received', 'pay_sent', 'transfer_in', 'transfer_out',
        'manual_in', 'manual_out', 'unverified_in', 'unverified_out')),
    -- What the owner says it is: only 'flow' counts as an external flow.
    add column treatment text not null default 'flow' check (treatment in ('flow', 'income', 'internal')),
    add column is_manual boolean not null default false,  -- this revision is the owner's word, not the exchange's
    add column note text not null default '',
    add column reference text not null default '',        -- what both ends of a transfer share: txId, tranId
    add column quantity numeric generated always as (
        case when kind in ('withdrawal', 'fiat_withdrawal', 'card_sale', 'p2p_sale', 'pay_sent', 'transfer_out',
                           'manual_out', 'unverified_out')
             then -(amount + fee) else amount end) stored;  -- what the account gained or lost, in units of the asset
create index processed_transactions_reference on monitor.processed_transactions (reference) where reference <> '';

-- Why rows that were already shown have changed.
create table monitor.history_changes (
    id          bigint generated always as identity primary key,
    account_id  bigint not null references monitor.accounts,
    changed_at  timestamptz not null,
    run_id      bigint references monitor.runs,
    since_hour  monitor.utc_hour not null,    -- the first row that changed
    hours       integer not null check (hours > 0),
    reason      text not null
);
create index history_changes_account on monitor.history_changes (account_id, changed_at);

-- A withdrawal of one tracked account that is the deposit of another: no flow of the combined row.
create table monitor.matched_transfers (
    out_id  bigint primary key references monitor.processed_transactions,
    in_id   bigint not null unique references monitor.processed_transactions
);
alter table monitor.nav_history add column in_transit monitor.amount not null default 0;  -- part of the combined nav

-- ---------------------------------------------------------------- what explains a change

-- Gains and costs that are nobody's decision to pay in or out. Append-only.
create table monitor.income (
    id             bigint generated always as identity primary key,
    account_id     bigint not null references monitor.accounts,
    kind           text not null check (kind in (
        'earn_interest', 'dividend', 'rebate', 'funding_fee', 'realised_profit', 'futures_commission',
        'liquidation_fee', 'margin_interest', 'borrowed', 'repaid', 'other')),
    exchange_id    text not null,
    wallet         text not null,
    asset          text not null,
    amount         monitor.amount not null,  -- signed: + is a gain
    occurred_at    timestamptz not null,
    first_seen_at  timestamptz not null,
    run_id         bigint references monitor.runs,
    raw            jsonb not null default '{}'::jsonb,
    unique (account_id, kind, exchange_id)
);
create index income_time on monitor.income (account_id, occurred_at);

-- Everything that swaps one asset for another: spot and margin fills, converts, dust, redenominations. Append-only.
create table monitor.fills (
    id              bigint generated always as identity primary key,
    account_id      bigint not null references monitor.accounts,
    market          text not null check (market in ('spot', 'cross_margin', 'isolated_margin', 'convert', 'dust',
                                                    'redenomination')),
    symbol          text not null,
    exchange_id     text not null,
    order_id        text not null default '',
    base_asset      text not null,
    base_quantity   monitor.amount not null,   -- signed: + bought
    quote_asset     text not null,
    quote_quantity  monitor.amount not null,   -- signed: - paid
    fee_asset       text not null default '',
    fee             monitor.amount not null default 0,  -- + is a cost
    occurred_at     timestamptz not null,
    first_seen_at   timestamptz not null,
    run_id          bigint references monitor.runs,
    raw             jsonb not null default '{}'::jsonb,
    unique (account_id, market, symbol, exchange_id)
);
create index fills_time on monitor.fills (account_id, occurred_at);

-- The pairs an account trades, and how far their fills have been read.
create table monitor.traded_pairs (
    account_id  bigint not null references monitor.accounts,
    market      text not null,
    symbol      text not null,
    last_id     text not null default '',
    read_at     timestamptz not null,
    has_fills   boolean not null default false,
    primary key (account_id, market, symbol)
);

-- Derived: the change of NAV from one valued hour to the next, in parts that add up exactly.
create table monitor.explanations (
    account_id    bigint not null references monitor.accounts,
    hour          monitor.utc_hour not null,
    from_hour     monitor.utc_hour not null,     -- the valued hour before
    nav_change    monitor.amount not null,
    price_effect  monitor.amount not null,
    trading       monitor.amount not null,
    positions     monitor.amount not null,       -- derivatives: realised and unrealised profit
    flows         monitor.amount not null,
    income        monitor.amount not null,
    fees          monitor.amount not null,
    residual      monitor.amount not null,
    state         text not null check (state in ('explained', 'tolerance', 'unexplained')),
    cause         text not null default '',      -- the likely cause of what is unexplained
    assets        jsonb not null,                -- per asset, the same parts in units and in value
    kinds         jsonb not null,                -- income and fees by kind, in value
    primary key (account_id, hour),
    check (nav_change = price_effect + trading + positions + flows + income + fees + residual)
);

-- Our figures beside the exchange's own.
create table monitor.cross_checks (
    account_id   bigint not null references monitor.accounts,
    hour         monitor.utc_hour not null,
    kind         text not null check (kind in ('wallet_total', 'account_total', 'daily_snapshot')),
    subject      text not null,                  -- the wallet or the asset
    ours         monitor.amount not null,
    theirs       monitor.amount not null,
    difference   monitor.amount not null,        -- ours - theirs, in the valuation asset
    within       boolean not null,               -- inside what different price sources explain
    primary key (account_id, hour, kind, subject)
);

-- ---------------------------------------------------------------- benchmarks

alter table monitor.benchmark_configs drop constraint benchmark_configs_rebalance_check;
alter table monitor.benchmark_configs
    add constraint benchmark_configs_rebalance_check check (rebalance in ('never', 'monthly', 'daily', 'band')),
    add column band numeric check (band > 0 and band < 1),   -- largest distance of a weight before it is rebalanced
    add column fee numeric not null default 0 check (fee >= 0 and fee < 0.1),
    add column withdrawals text not null default 'same_amount' check (withdrawals in ('same_amount', 'same_fraction')),
    add constraint benchmark_configs_band check ((rebalance = 'band') = (band is not null));

-- ---------------------------------------------------------------- what the dashboard may see

drop view reading.flows;
create view reading.flows as
    select distinct on (t.account_id, t.kind, t.exchange_id)
           t.id as transaction_id, t.account_id, t.kind, t.exchange_id, t.revision, t.state, t.treatment, t.is_manual,
           t.note, t.exchange_status, t.asset, t.amount, t.fee, t.quantity, t.requested_at, t.occurred_at,
           t.first_seen_at, v.price, v.price_source, v.value, v.nav_before, v.unit_price, v.units,
           coalesce(v.estimated, false) as estimated, coalesce(v.reason, '') as reason
    from monitor.processed_transactions t
    left join monitor.flow_valuations v on v.transaction_id = t.id and v.account_id = t.account_id
    order by t.account_id, t.kind, t.exchange_id, t.revision desc;

create view reading.flow_revisions as
    select id as transaction_id, account_id, kind, exchange_id, revision, state, treatment, is_manual, note,
           exchange_status, asset, amount, fee, occurred_at, first_seen_at
    from monitor.processed_transactions;

drop view reading.accounts;
create view reading.accounts as
    select id as account_id, label, exchange, enabled, key_state, key_message, overpowered, created_at, disabled_at,
           master_id
    from monitor.accounts;

drop view reading.wallets;
create view reading.wallets as
    select account_id, wallet, state, since, message, is_empty, checked_at from monitor.account_wallets;

drop view reading.benchmarks;
create view reading.benchmarks as
    select id as benchmark_id, account_id, name, assets, weights, rebalance, band, fee, withdrawals, is_default
    from monitor.benchmark_configs;

drop view reading.nav;
create view reading.nav as
    select account_id, hour, taken_at, status, reason, nav, flows, invested, units, unit_price, episode, estimated,
           snapshot_id, in_transit
    from monitor.nav_history;

drop view reading.holdings;
create view reading.holdings as
    select s.account_id, s.hour, s.id as snapshot_id, h.wallet, h.asset, h.free, h.locked, h.owed,
           h.free + h.locked - h.owed as quantity, h.unrealised, h.price, h.route, h.value
    from monitor.holdings h join monitor.snapshots s on s.id = h.snapshot_id;

create view reading.positions as
    select s.account_id, s.hour, p.* from monitor.positions p join monitor.snapshots s on s.id = p.snapshot_id;

create view reading.history_changes as
    select id, account_id, changed_at, run_id, since_hour, hours, reason from monitor.history_changes;

create view reading.income as
    select id, account_id, kind, wallet, asset, amount, occurred_at, first_seen_at from monitor.income;

create view reading.fills as
    select id, account_id, market, symbol, order_id, base_asset, base_quantity, quote_asset, quote_quantity, fee_asset,
           fee, occurred_at
    from monitor.fills;

create view reading.explanations as select * from monitor.explanations;
create view reading.cross_checks as select * from monitor.cross_checks;

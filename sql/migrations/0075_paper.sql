-- The paper exchange as a platform whose accounts outlive restarts: every movement of money as double entry, orders and fills.
-- One engine writes, in groups of whole commands. paper/storage holds the statements; sql/grants.sql says who may do what.
create schema paper;

-- An amount that is a number: NaN and infinity sort above every bound and are refused.
create domain paper.amount as numeric check (value > -1e36 and value < 1e36);

-- Who writes. Each start is a new epoch; a group of an older one is refused.
create table paper.engine (
    is_only       boolean primary key default true check (is_only),
    epoch         bigint not null default 0,
    number        bigint not null default 0,     -- the last that was given to an entry, an order, a list, a trade
    committed_at  timestamptz
);
insert into paper.engine default values;

create table paper.accounts (
    id          integer primary key check (id > 0),  -- what its owner is told as the account's number
    name        text not null check (name <> '' and length(name) <= 60) unique,
    pays_in     text not null default '',        -- the coin in which commissions are paid; empty: in what is received
    created_at  timestamptz not null
);

create table paper.api_keys (
    key            text primary key check (length(key) between 16 and 100),
    account        integer not null references paper.accounts,
    label          text not null default '' check (length(label) <= 60),
    kind           text not null check (kind in ('hmac', 'ed25519')),
    master_key_id  text,                         -- which master key sealed the secret
    sealed_secret  bytea,                        -- nonce || AES-256-GCM ciphertext || tag
    public_key     bytea,
    permissions    text[] not null check (permissions <@ array['read', 'trade'] and 'read' = any (permissions)),
    created_at     timestamptz not null,
    revoked_at     timestamptz,
    constraint api_keys_kind check (
        case kind when 'hmac' then sealed_secret is not null and master_key_id is not null and public_key is null
            else public_key is not null and sealed_secret is null end)
);
create index api_keys_account on paper.api_keys (account);

-- Where amounts are: an account's buckets, the house (the market's side of trades, fees), and the world outside.
create table paper.places (
    id       integer primary key,
    account  integer references paper.accounts,  -- null: nobody's
    owner    text not null,
    bucket   text not null,
    may_owe  boolean not null,
    unique (owner, bucket),
    constraint places_debts check (not (may_owe and account is not null))
);

-- What a command moved, and why.
create table paper.entries (
    id      bigint primary key,
    kind    text not null,
    actor   integer references paper.accounts,   -- whose command it was; null: the market's
    reason  text not null default '',
    at      timestamptz not null
);

-- From one place to another: nothing else can be written, so that all places add up to nothing.
create table paper.moves (
    entry   bigint not null references paper.entries,
    asset   text not null,
    amount  paper.amount not null check (amount > 0),
    debit   integer not null references paper.places,
    credit  integer not null references paper.places,
    why     text not null default '',            -- what of the entry it is: a commission, a fee
    check (debit <> credit)
);
create index moves_entry on paper.moves (entry);

-- The sum of the moves of each place.
create table paper.balances (
    place    integer not null references paper.places,
    asset    text not null,
    amount   paper.amount not null,
    may_owe  boolean not null,
    primary key (place, asset),
    check (may_owe or amount >= 0)
) with (fillfactor = 50);

create table paper.orders (
    id            bigint primary key,
    account       integer not null references paper.accounts,
    symbol        text not null,
    type          text not null,
    is_buy        boolean not null,
    lasts         text not null,
    self_trade    text not null,
    wallet        text not null,
    client_id     text not null,
    list_id       bigint not null default 0,     -- 0: of no list
    strategy_id   bigint not null default 0,
    strategy_type bigint not null default 0,
    price         paper.amount not null,         -- 0: the market's
    "trigger"     paper.amount not null,
    delta         integer not null,              -- basis points by which the trigger follows the best price
    at            timestamptz not null,
    -- state
    quantity      paper.amount not null,
    amount        paper.amount not null,         -- of the quote, of one that has no quantity
    status        text not null,
    filled        paper.amount not null,
    cost          paper.amount not null,
    prevented     paper.amount not null,
    prevented_by  bigint not null,
    held          paper.amount not null check (held >= 0),
    is_covered    boolean not null,
    ahead         paper.amount not null,
    queued        bigint not null,               -- its turn among those that wait at its price
    best          paper.amount,
    amended       integer not null,
    changed_at    timestamptz not null,
    working_at    timestamptz,
    is_open       boolean not null,
    constraint orders_parts check (filled >= 0 and prevented >= 0 and filled + prevented <= quantity),
    constraint orders_filled check (status <> 'filled' or filled + prevented = quantity),
    constraint orders_waits check (
        is_open = (status in ('pending', 'new', 'partially_filled'))
        and (not is_open or filled + prevented < quantity) and (is_open or held = 0))
) with (fillfactor = 80);
create index orders_symbol on paper.orders (account, symbol, id);
create index orders_client on paper.orders (account, client_id);
create unique index orders_open on paper.orders (account, client_id) where is_open;
create index orders_list on paper.orders (list_id) where list_id <> 0;

-- Orders that end or begin each other: of the others one ends the other, and the working one places them.
create table paper.order_lists (
    id         bigint primary key,
    account    integer not null references paper.accounts,
    symbol     text not null,
    client_id  text not null,
    at         timestamptz not null,
    working    bigint,
    others     bigint[] not null
);
create index order_lists_account on paper.order_lists (account, id);

-- One order's side of a trade, whose number both sides share.
create table paper.fills (
    id                bigint not null,
    account           integer not null references paper.accounts,
    symbol            text not null,
    wallet            text not null,
    "order"           bigint not null references paper.orders,
    is_buy            boolean not null,
    is_maker          boolean not null,
    price             paper.amount not null check (price > 0),
    quantity          paper.amount not null check (quantity > 0),
    cost              paper.amount not null check (cost >= 0),
    commission        paper.amount not null check (commission >= 0),
    commission_asset  text not null,
    at                timestamptz not null,
    primary key (id, "order")
);
create index fills_symbol on paper.fills (account, symbol, id);
create index fills_order on paper.fills ("order");

-- A trade between two orders of one owner that was not made.
create table paper.prevented_matches (
    id              bigint not null,
    account         integer not null references paper.accounts,
    symbol          text not null,
    price           paper.amount not null,
    taker           bigint not null references paper.orders,
    maker           bigint not null references paper.orders,
    taker_quantity  paper.amount not null,
    maker_quantity  paper.amount not null,
    at              timestamptz not null,
    primary key (account, id)
);

create table paper.deposits (
    id            text primary key,
    account       integer not null references paper.accounts,
    asset         text not null,
    amount        paper.amount not null check (amount > 0),
    status        text not null,
    transaction   text not null,
    inserted_at   timestamptz not null,
    shown_at      timestamptz not null,
    completed_at  timestamptz
);
create index deposits_account on paper.deposits (account, inserted_at);

create table paper.withdrawals (
    id            text primary key,
    account       integer not null references paper.accounts,
    asset         text not null,
    amount        paper.amount not null check (amount > 0),
    fee           paper.amount not null check (fee >= 0),
    status        text not null,
    transaction   text not null,
    applied_at    timestamptz not null,
    completed_at  timestamptz
);
create index withdrawals_account on paper.withdrawals (account, applied_at);

-- What an account had in spot at the end of a day: {asset: [free, locked]}, amounts as text.
create table paper.daily_balances (
    account   integer not null references paper.accounts,
    at        timestamptz not null,
    balances  jsonb not null,
    primary key (account, at)
);

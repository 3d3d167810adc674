-- How a user trades with play money: on or off, and the balance that he set last.
create table paper.user_trading_configs (
    "user"              uuid not null references paper.users,
    account             integer not null references paper.accounts,
    trading_type        text not null check (trading_type in ('spot', 'futures')),
    dry_run_mode        boolean not null default false,  -- new orders are taken
    paper_balance_usdt  decimal(20, 8) not null default 10000 check (paper_balance_usdt between 10 and 1000000),
    created_at          timestamptz not null,
    updated_at          timestamptz not null,
    primary key ("user", trading_type)
);
insert into paper.user_trading_configs ("user", account, trading_type, dry_run_mode, created_at, updated_at)
select id, account, 'spot', true, created_at, created_at from paper.users;
alter table paper.user_trading_configs enable row level security;
create policy own on paper.user_trading_configs using (current_user = 'portfolio_paper' or account = paper.reader());

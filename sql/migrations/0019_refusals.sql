-- A wallet or history that is refused voids no hour by that alone; a total that no API reads may count by the owner's word.

alter table monitor.account_wallets drop constraint account_wallets_state_check;
alter table monitor.account_wallets
    add constraint account_wallets_state_check
        check (state in ('enabled', 'not_opened', 'refused', 'counted', 'unseen')),
    add column was_used boolean not null default false;      -- it has held something
update monitor.account_wallets set was_used = true where state = 'enabled';  -- it may have

-- Wallets, or totals of the exchange's, that count at the exchange's own total: the owner's word.
create table monitor.counted_totals (
    account_id  bigint not null references monitor.accounts,
    name        text not null,                   -- the exchange's, as in "Trading Bots"
    since       timestamptz not null,
    ended_at    timestamptz,
    ending      text not null default '',        -- why it ended
    primary key (account_id, name)
);

alter table monitor.alert_episodes drop constraint alert_episodes_rule_check;
alter table monitor.alert_episodes
    add constraint alert_episodes_rule_check check (rule in ('behind', 'drawdown', 'move', 'unexplained', 'incomplete',
        'refused', 'difference', 'key-expiry', 'key-rights', 'stale', 'disk', 'database'));

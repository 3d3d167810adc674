-- What the exchange can't say of an account, in sentences for its owner.
alter table monitor.accounts add column limits text[] not null default '{}';

create or replace view reading.accounts as
    select a.id as account_id, a.label, a.exchange, a.enabled, a.key_state, a.key_message, a.overpowered,
        a.created_at, a.disabled_at, a.master_id, a.key_checked_at, a.key_dangers, a.key_expires_at, p.key as
        portfolio, a.system, a.limits
    from monitor.accounts a
    left join monitor.portfolios p on p.id = a.id;

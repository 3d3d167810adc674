-- What an account's key was found to be when it was last asked about: before the first reading, and every day since.

alter table monitor.accounts
    add column key_checked_at timestamptz,
    add column key_checked    text not null default '',    -- which key that was: the start of its SHA-256
    add column key_dangers    text[] not null default '{}', -- permissions beyond reading, by the exchange's own names
    add column key_expires_at timestamptz;                  -- where the exchange says so

create or replace view reading.accounts as
    select id as account_id, label, exchange, enabled, key_state, key_message, overpowered, created_at, disabled_at,
           master_id, key_checked_at, key_dangers, key_expires_at
    from monitor.accounts;

-- How far back each history was read for the time before an account's first reading, so that it goes on from there.

create table monitor.history_depths (
    account_id  bigint not null references monitor.accounts,
    source      text not null,
    since       timestamptz not null,            -- everything from here ...
    until       timestamptz not null,            -- ... to here was read and recorded
    has_told    boolean not null,                -- whether anything was in it
    reason      text not null default '',        -- why the exchange tells nothing earlier
    primary key (account_id, source)
);

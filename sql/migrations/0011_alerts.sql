-- Alerts: what the owner was told of, and how that went.

-- From the first finding of a rule to the last.
create table monitor.alert_episodes (
    id           bigint generated always as identity primary key,
    account_id   bigint not null references monitor.accounts,  -- 0: the whole installation, or all accounts together
    rule         text not null check (rule in ('behind', 'drawdown', 'move', 'unexplained', 'incomplete', 'difference',
                     'key-expiry', 'key-rights', 'stale', 'database')),
    subject      text not null default '',   -- tells episodes of one rule and account apart
    is_critical  boolean not null,           -- told in quiet hours, too
    title        text not null,
    began_at     timestamptz not null,
    ended_at     timestamptz,
    ending       text not null default ''    -- how things stood then
);
create unique index alert_episodes_open on monitor.alert_episodes (account_id, rule, subject) where ended_at is null;

create table monitor.alert_messages (
    id          bigint generated always as identity primary key,
    episode_id  bigint not null references monitor.alert_episodes,
    phase       text not null check (phase in ('begun', 'over', 'past')),  -- past: told when it was over already
    written_at  timestamptz not null,
    title       text not null,
    body        text not null,
    unique (episode_id, phase)
);

-- One message on its way to one target. 'sending' is what a run leaves that is killed meanwhile.
create table monitor.alert_deliveries (
    message_id       bigint not null references monitor.alert_messages,
    target           text not null,          -- a name that shows nothing of the address
    state            text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'dropped')),
    attempts         integer not null default 0,
    was_interrupted  boolean not null default false,  -- the attempt before this one may have arrived
    failure          text not null default '',
    planned_at       timestamptz not null,
    changed_at       timestamptz not null,
    primary key (message_id, target)
);
create index alert_deliveries_waiting on monitor.alert_deliveries (target) where state in ('waiting', 'sending');

create view reading.alerts as
    select e.id as alert_id, e.account_id, e.rule, e.is_critical, e.title, m.body, e.began_at, e.ended_at, e.ending
    from monitor.alert_episodes e
    join monitor.alert_messages m on m.episode_id = e.id and m.phase in ('begun', 'past');

create view reading.alert_deliveries as
    select m.episode_id as alert_id, m.phase, d.target, d.state, d.attempts, d.failure, d.changed_at
    from monitor.alert_deliveries d
    join monitor.alert_messages m on m.id = d.message_id;

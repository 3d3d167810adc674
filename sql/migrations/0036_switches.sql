-- What the account was as its exchange calls it before it was switched, and when that was noticed.
alter table monitor.accounts add column system_before text not null default '';
alter table monitor.accounts add column switched_at timestamptz;
-- It is alerted.
alter table monitor.alert_episodes drop constraint alert_episodes_rule_check;
alter table monitor.alert_episodes add constraint alert_episodes_rule_check check (rule in ('behind', 'drawdown', 'move',
    'unexplained', 'incomplete', 'refused', 'difference', 'transfers', 'switched', 'key-expiry', 'key-rights', 'stale', 'disk',
    'database'));

-- An alert before the disk is full.
alter table monitor.alert_episodes drop constraint alert_episodes_rule_check;
alter table monitor.alert_episodes add constraint alert_episodes_rule_check check (rule in (
    'behind', 'drawdown', 'move', 'unexplained', 'incomplete', 'difference', 'key-expiry', 'key-rights', 'stale', 'disk',
    'database'));

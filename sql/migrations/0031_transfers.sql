-- Both ends of a transfer name its transaction in the spelling of their exchange: in capitals or not, with 0x or without,
-- with the number of the output or without.
drop index monitor.processed_transactions_reference;
create index processed_transactions_transaction on monitor.processed_transactions
    (lower(regexp_replace(regexp_replace(reference, '^0x', '', 'i'), ':[0-9]+$', ''))) where reference <> '';

-- Where one end names none, it is found by its asset and amount.
create index processed_transactions_nameless on monitor.processed_transactions (asset, amount)
    where reference = '' and kind in ('deposit', 'withdrawal');
create index processed_transactions_amount on monitor.processed_transactions (asset, amount)
    where kind in ('deposit', 'withdrawal');

alter table monitor.alert_episodes drop constraint alert_episodes_rule_check;
alter table monitor.alert_episodes add constraint alert_episodes_rule_check check (rule in ('behind', 'drawdown', 'move',
    'unexplained', 'incomplete', 'refused', 'difference', 'transfers', 'key-expiry', 'key-rights', 'stale', 'disk',
    'database'));

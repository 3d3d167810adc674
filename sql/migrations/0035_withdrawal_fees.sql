-- Where the fee of a withdrawal was assumed in what its exchange lists, if nothing showed it: a setting may turn it.
alter table monitor.processed_transactions add column assumed_fee text check (assumed_fee in ('inside', 'on_top'));
update monitor.processed_transactions t
    set assumed_fee = 'inside'
    from monitor.accounts a
    where a.id = t.account_id and a.exchange in ('bitget', 'gate', 'mexc') and t.kind = 'withdrawal' and t.fee > 0;
create index processed_transactions_fee on monitor.processed_transactions (account_id, assumed_fee)
    where assumed_fee is not null;

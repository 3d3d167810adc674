-- Where readings prove the exchange's word about a flow wrong, the ledger counts what they prove and keeps the word.

alter table monitor.processed_transactions
    add column told_at timestamptz,                      -- the time it is told for, if another one counts
    add column told_amount monitor.amount,               -- the amount that is told, if another one counts
    add column told_fee monitor.amount;
alter table monitor.processed_transactions
    add check ((told_amount is null) = (told_fee is null));

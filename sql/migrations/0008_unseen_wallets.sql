-- Places for money that no API tells of are listed beside the wallets, with a state of their own.

alter table monitor.account_wallets drop constraint account_wallets_state_check;
alter table monitor.account_wallets
    add constraint account_wallets_state_check check (state in ('enabled', 'not_opened', 'unseen'));

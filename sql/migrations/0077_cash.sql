-- What counts as money rather than as a coin that is traded: the owner's list, changed by a command alone, which derives trades again.
create table monitor.cash (
    asset  text primary key check (asset ~ '^[A-Z0-9]{1,20}$'),
    at     timestamptz not null default now()
);
create trigger note_act after insert or delete on monitor.cash for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('asset');
-- What was money so far, and more stablecoins and currencies: but those of which there are trades, which stay what they are.
insert into monitor.cash (asset)
select unnest(array[
        'USDT', 'USDC', 'FDUSD', 'TUSD', 'USDE', 'USD1', 'DAI', 'BUSD', 'PYUSD', 'RLUSD', 'EUR', 'USD', 'GBP', 'TRY', 'BRL',
        'JPY', 'PLN', 'UAH', 'ARS', 'MXN', 'ZAR'
    ])
union all
select one from unnest(array[
        'USDP', 'USDS', 'USDD', 'USDG', 'GUSD', 'XUSD', 'BFUSD', 'LUSD', 'USDQ', 'USDR', 'USDF', 'EURI', 'EURC', 'EURT', 'EURS',
        'EURQ', 'EURR', 'AEUR', 'AUD', 'CHF', 'CAD', 'NZD', 'CZK', 'HUF', 'SEK', 'NOK', 'DKK', 'HKD', 'SGD', 'KRW', 'INR',
        'IDR', 'VND', 'THB', 'PHP', 'MYR', 'TWD', 'RUB', 'KZT', 'NGN', 'AED', 'SAR', 'COP', 'CLP'
    ]) one
where not exists (select from monitor.trades t where t.asset = one and t.settle is null);

-- Keys of some exchanges have a passphrase beside their secret.
alter table monitor.api_credentials add column sealed_passphrase bytea;

-- How an exchange calls what an account is: classic, unified ... Empty: not known yet, or there is but one.
alter table monitor.accounts add column system text not null default '';

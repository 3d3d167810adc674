-- What the owner did.
-- Every act of the owner through a command: what it changed, from what to what. Append-only.
create table monitor.audit_log (
    id          bigint generated always as identity primary key,
    at          timestamptz not null,
    action      text not null,                  -- the command: flow void
    account_id  bigint references monitor.accounts,
    table_name  text not null,
    record      text not null,                  -- its key in that table
    was         jsonb not null,                 -- what is another now, as it was; empty: it was not there
    became      jsonb not null                  -- the same as it is; empty: it is removed
);

-- Notes what a command changes in its own transaction; `monitor.acting` is set by commands of the owner alone. Of words that are
-- kept by revisions the one before is what was. Keys, secrets and answers of exchanges are left out.
create function monitor.note_act() returns trigger language plpgsql as $$
declare
    hidden constant text[] := '{sealed_key,sealed_secret,sealed_passphrase,key_checked,raw}';
    was jsonb := '{}';
    became jsonb := '{}';
    key jsonb;
begin
    if tg_op <> 'INSERT' then was := to_jsonb(old) - hidden; end if;
    if tg_op <> 'DELETE' then became := to_jsonb(new) - hidden; end if;
    key := case when tg_op = 'DELETE' then was else became end;
    if tg_op = 'INSERT' and became ? 'revision' then
        execute (
            select format('select to_jsonb(t) from %I.%I t where %s and t.revision < ($1).revision order by t.revision desc limit 1',
                tg_table_schema, tg_table_name, string_agg(format('t.%1$I = ($1).%1$I', k), ' and '))
            from unnest(tg_argv) k) into was using new;
        was := coalesce(was - hidden, '{}');
    end if;
    if was <> became then
        insert into monitor.audit_log (at, action, account_id, table_name, record, was, became)
        select current_setting('monitor.acting_at')::timestamptz, current_setting('monitor.acting'),
            (key ->> case when tg_table_name in ('accounts', 'portfolios') then 'id' else 'account_id' end)::bigint, tg_table_name, (select string_agg(key ->> k, ' ') from unnest(tg_argv) k),
            coalesce((select jsonb_object_agg(o.key, o.value) from jsonb_each(was) o
                where became -> o.key is distinct from o.value and o.value <> 'null'), '{}'),
            coalesce((select jsonb_object_agg(n.key, n.value) from jsonb_each(became) n
                where was -> n.key is distinct from n.value and (n.value <> 'null' or was ? n.key)), '{}');
    end if;
    return null;
end
$$;

create trigger note_act after insert or update or delete on monitor.accounts for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('label');
create trigger note_act after insert or update or delete on monitor.api_credentials for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('account_id');
create trigger note_act after insert or update or delete on monitor.benchmark_configs for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('name');
create trigger note_act after insert or update or delete on monitor.portfolios for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('key');
create trigger note_act after insert or update or delete on monitor.portfolio_members for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('portfolio_id', 'account_id');
create trigger note_act after insert on monitor.processed_transactions for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('account_id', 'kind', 'exchange_id');
create trigger note_act after insert or update or delete on monitor.counted_totals for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('account_id', 'name');
create trigger note_act after insert on monitor.stated_prices for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('exchange', 'asset');
create trigger note_act after insert on monitor.acknowledgements for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('account_id', 'kind');
create trigger note_act after insert on monitor.basis_words for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('account_id', 'asset');
create trigger note_act after insert on monitor.trade_notes for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('account_id', 'trade_id');
create trigger note_act after insert on monitor.order_plans for each row
    when (current_setting('monitor.acting', true) <> '') execute function monitor.note_act('account_id', 'plan_id');

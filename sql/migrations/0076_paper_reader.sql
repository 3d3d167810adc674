-- Who reads for an account sees its own rows, whatever a statement asks for; without an account none. The engine sees all.
create function paper.reader() returns integer language sql stable
    return nullif(current_setting('paper.account', true), '')::integer;

do $$
declare
    name text;
begin
    foreach name in array array['api_keys', 'places', 'orders', 'order_lists', 'fills', 'prevented_matches', 'deposits',
        'withdrawals', 'daily_balances'] loop
        execute format('alter table paper.%I enable row level security', name);
        execute format('create policy own on paper.%I using (current_user = ''portfolio_paper'' or account = paper.reader())', name);
    end loop;
end $$;
alter table paper.accounts enable row level security;
create policy own on paper.accounts using (current_user = 'portfolio_paper' or id = paper.reader());
alter table paper.balances enable row level security;
create policy own on paper.balances
    using (current_user = 'portfolio_paper' or exists (select from paper.places p where p.id = place and p.account = paper.reader()));

-- Who may do what; run after every migration. Grants are the boundary, role settings are seat belts.
-- The roles themselves are made by sql/roles.py, which needs the right to create roles.

-- What is not said below, or not any more, nobody has.
revoke all on schema public, monitor, reading from public;
revoke all on all tables in schema monitor, reading from portfolio_worker, portfolio_dashboard;
grant usage on schema public to portfolio_worker, portfolio_dashboard;
grant select on public.schema_migrations to portfolio_worker, portfolio_dashboard;

-- The worker adds observations and never changes or removes them ...
grant usage on schema monitor to portfolio_worker;
grant select, insert on all tables in schema monitor to portfolio_worker;
-- ... keeps state ...
grant update on monitor.accounts, monitor.account_wallets, monitor.benchmark_configs, monitor.runs,
    monitor.exchange_pauses, monitor.flow_cursors, monitor.api_credentials, monitor.nav_history,
    monitor.traded_pairs, monitor.market_hours, monitor.markets, monitor.history_depths, monitor.counted_totals,
    monitor.rebuildings, monitor.order_sources, monitor.contracts_due to portfolio_worker;
grant delete on monitor.cash, monitor.open_orders, monitor.contracts_due, monitor.account_wallets, monitor.api_credentials, monitor.benchmark_configs, monitor.market_hours,
    monitor.portfolios, monitor.portfolio_members, monitor.nav_history, monitor.rebuildings to portfolio_worker;
grant update on monitor.portfolio_members to portfolio_worker;
-- ... lets what an older system said of a fill give way to the exchange's own ...
grant update (legacy, run_id) on monitor.fills to portfolio_worker;
grant update on monitor.alert_episodes, monitor.alert_deliveries to portfolio_worker;
-- ... and recomputes what is derived.
grant update, delete on monitor.flow_valuations, monitor.benchmark_history, monitor.benchmark_flows,
    monitor.explanations, monitor.matched_transfers, monitor.cross_checks, monitor.recomputations,
    monitor.unit_price_highs, monitor.trade_orders, monitor.trades, monitor.trade_moves, monitor.other_fees, monitor.contract_hours
    to portfolio_worker;

-- The dashboard reads views and nothing else; what fees are called in them is what the worker calls them, too.
grant usage on schema reading to portfolio_dashboard, portfolio_worker;
grant select on reading.fees to portfolio_worker;
grant select on all tables in schema reading to portfolio_dashboard;

-- The paper exchange adds facts and keeps state in its own schema, and sees nothing of the others; who reads its histories
-- sees rows of one account. Servers whose roles an administrator has not made yet do without it.
revoke all on schema paper from public;
do $$
begin
    if not exists (select from pg_roles where rolname = 'portfolio_paper')
        or not exists (select from pg_roles where rolname = 'portfolio_paper_reader') then
        return;
    end if;
    revoke all on all tables in schema paper from portfolio_paper, portfolio_paper_reader;
    grant usage on schema public, paper to portfolio_paper, portfolio_paper_reader;
    grant select on public.schema_migrations to portfolio_paper, portfolio_paper_reader;
    grant select, insert on paper.accounts, paper.api_keys, paper.places, paper.entries, paper.moves, paper.balances, paper.orders,
        paper.order_lists, paper.fills, paper.prevented_matches, paper.deposits, paper.withdrawals, paper.daily_balances
        to portfolio_paper;
    grant select, update on paper.engine to portfolio_paper;
    grant update (amount) on paper.balances to portfolio_paper;
    grant update (quantity, amount, status, filled, cost, prevented, prevented_by, held, is_covered, ahead, queued, best, amended,
        changed_at, working_at, is_open, client_id, expiry) on paper.orders to portfolio_paper;
    grant update (pays_in) on paper.accounts to portfolio_paper;
    grant update (revoked_at, last_used) on paper.api_keys to portfolio_paper;
    grant select, insert on paper.users, paper.refreshtokens, paper.audit_logs to portfolio_paper;
    grant update (email, email_folded, name, date_of_birth, password, role, is_verified, is_deleted, password_updated_at,
        secret_token, secret_token_created_at, updated_at) on paper.users to portfolio_paper;
    grant update ("isRevoked", used_at, replaced_by, updated_at, "deletedAt"), delete on paper.refreshtokens to portfolio_paper;
    grant select, insert on paper.user_trading_configs to portfolio_paper;
    grant update (dry_run_mode, paper_balance_usdt, updated_at) on paper.user_trading_configs to portfolio_paper;
    grant select on paper.audit_logs to portfolio_paper_reader;
    grant select on paper.accounts, paper.places, paper.balances, paper.orders, paper.order_lists, paper.fills,
        paper.prevented_matches, paper.deposits, paper.withdrawals, paper.daily_balances to portfolio_paper_reader;
end $$;

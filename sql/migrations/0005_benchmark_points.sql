-- What the money-weighted figures need of the benchmark: its unit price at each flow.

create view reading.benchmark_flow_points as
    select b.account_id, f.benchmark_id, f.transaction_id, f.occurred_at, f.unit_price
    from monitor.benchmark_flows f join monitor.benchmark_configs b on b.id = f.benchmark_id;

-- What a run added is asked for by every run: it decides from when on history is computed again.

create index fills_run on monitor.fills (run_id);
create index income_run on monitor.income (run_id);

-- Every run asks for the runs of its hour and for those that were killed; after five years there are 43,800.

create index runs_hour on monitor.runs (hour);
create index runs_running on monitor.runs (id) where outcome = 'running';

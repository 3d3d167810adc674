-- Every run looks into the newest unexplained hours again; an account without any must not read all of its history.

create index explanations_unexplained on monitor.explanations (account_id, hour) where state = 'unexplained';

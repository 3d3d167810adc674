-- What happened in the seconds of a reading: stamped after it, but already in its balances.

alter table monitor.explanations
    add column through timestamptz;  -- events stamped before this are counted in this hour or an earlier one

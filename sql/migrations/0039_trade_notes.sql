-- What the owner says about trades: tags, words, a rating, the stop at entry.
-- The owner's words about trades, by revisions: each has everything that was said so far.
create table monitor.trade_notes (
    account_id  bigint not null references monitor.accounts,
    trade_id    text not null,                  -- as it was called then
    revision    integer not null check (revision > 0),
    at          timestamptz not null,
    tags        text[] not null,
    note        text not null,
    rating      smallint check (rating between 1 and 5),
    stop        monitor.amount check (stop > 0),    -- price at which the trade was to be given up, known at entry
    primary key (account_id, trade_id, revision)
);

-- The newest word about each trade. One that was opened by an older fill, found later, keeps the word about its second.
create view monitor.newest_trade_notes as
    select distinct on (n.account_id, coalesce(t.id, m.trade_id, n.trade_id)) n.account_id,
        coalesce(t.id, m.trade_id, n.trade_id) as trade_id, n.revision, n.at, n.tags, n.note, n.rating, n.stop
    from monitor.trade_notes n
    left join monitor.trades t on t.account_id = n.account_id and t.id = n.trade_id
    left join lateral (
        select trade_id
        from monitor.trade_moves
        where t.id is null and account_id = n.account_id and row = split_part(n.trade_id, '.', 1)
        order by hour, number
        limit 1
    ) m on true
    order by n.account_id, coalesce(t.id, m.trade_id, n.trade_id), n.at desc, n.revision desc;

create view reading.trade_notes as
    select account_id, trade_id, revision, at, tags, note, rating, stop
    from monitor.newest_trade_notes;

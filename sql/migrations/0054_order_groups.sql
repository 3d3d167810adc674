-- The orders of each trade and what they were given for, with the owner's words about them.
alter table monitor.trades
    add column stop        monitor.amount,  -- that was known at its entry, of its orders and plans
    add column stop_source text,
    add column ended_as    text,            -- how units left it last, by the role of their order
    add column grouped_by  text;            -- the owner's rules about orders' names then; null: its orders are to be grouped anew
create index trades_grouped on monitor.trades (account_id, grouped_by);

-- Derived: the orders of each trade, what each was given for, and how that is known.
create table monitor.trade_orders (
    account_id  bigint not null,
    trade_id    text not null,
    number      integer not null,
    market      text not null,                  -- empty, like the symbol, where the order was not read
    symbol      text not null,
    order_id    text not null,
    role        text not null check (role in ('entry', 'tp', 'sl', 'manual')),
    level       smallint check (level > 0),     -- of a profit: 1 the nearest
    source      text not null check (source in ('note', 'exchange', 'client_id', 'plan', 'legacy', 'inferred', 'unknown')),
    price       monitor.amount,                 -- that it waits for, or else at which it was done
    is_preset   boolean not null,               -- a price that was given with the order, and is none of its own
    primary key (account_id, trade_id, number),
    foreign key (account_id, trade_id) references monitor.trades on delete cascade
);
create index trade_orders_order on monitor.trade_orders (account_id, symbol, order_id);
create index order_revisions_asset on monitor.order_revisions (account_id, base_asset, ordered_at);
create index order_revisions_symbol on monitor.order_revisions (account_id, symbol, ordered_at);
create index trade_moves_order on monitor.trade_moves (account_id, order_id) where order_id <> '';

alter table monitor.trade_notes add column roles jsonb not null default '{}';   -- of orders, by their numbers: {"123": "SL"}

create or replace view monitor.newest_trade_notes as
    select distinct on (n.account_id, coalesce(t.id, m.trade_id, n.trade_id)) n.account_id,
        coalesce(t.id, m.trade_id, n.trade_id) as trade_id, n.revision, n.at, n.tags, n.note, n.rating, n.stop, n.roles
    from monitor.trade_notes n
    left join monitor.trades t on t.account_id = n.account_id and t.id = n.trade_id
    left join lateral (
        select v.trade_id
        from monitor.trade_moves v
        join monitor.trades o on o.account_id = v.account_id and o.id = v.trade_id
        where t.id is null and v.account_id = n.account_id and v.row = split_part(n.trade_id, '.', 1)
            and split_part(n.trade_id, '.', 2) in ('', o.asset)
        order by v.hour desc, v.number desc
        limit 1
    ) m on true
    order by n.account_id, coalesce(t.id, m.trade_id, n.trade_id), n.at desc, n.revision desc;

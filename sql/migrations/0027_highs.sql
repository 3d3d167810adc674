-- The highest unit price of a year was looked for in all its hours, by every run and for every account.

-- The valued hours of the last year after which none of their episode had a higher unit price: derived. The highest
-- since a moment is the first of them.
create table monitor.unit_price_highs (
    account_id  bigint not null,
    hour        monitor.utc_hour not null,
    primary key (account_id, hour),
    foreign key (account_id, hour) references monitor.nav_history on delete cascade
);

insert into monitor.unit_price_highs (account_id, hour)
    select account_id, hour
    from (
        select n.account_id, n.hour, n.unit_price >= coalesce(max(n.unit_price) over later, n.unit_price) as is_high
        from monitor.nav_history n
        join (select account_id, max(hour) as hour from monitor.nav_history group by account_id) newest
            on newest.account_id = n.account_id and n.hour >= newest.hour::timestamptz - interval '365 days'
        where n.unit_price is not null
        window later as (partition by n.account_id, n.episode order by n.hour desc
            rows between unbounded preceding and 1 preceding)
    ) n
    where is_high
    order by account_id, hour;

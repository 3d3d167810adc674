"""Whether anything that pages show has changed."""

from psycopg.rows import scalar_row

from sql.rows import Db


def load_version(db: Db) -> str:
    """A text that changes with whatever a page shows; what was made for it stays true while it is the same.

    Every hour that is recorded adds a snapshot or a log line, every run ends, every correction is a new row; accounts,
    members, benchmarks and pauses are few enough to be looked at, and so are the owner's words about trades.
    """
    # Prepared: to plan it takes longer than to run it, and every page and chart that is cached asks for it.
    found = db.cursor(row_factory=scalar_row).execute(
        """
        select md5(concat_ws(
          '-',
          to_regnamespace('reading')::oid, -- a restored database may have the numbers of another one
          (select max(run_id) from runs where finished_at is not null),
          -- the market is read after the run
          (select weight::text from runs order by run_id desc limit 1),
          (select max(snapshot_id) from snapshots),
          (select max(id) from logs),
          (select max(transaction_id) from flow_revisions),
          (select max(id) from history_changes),
          (select md5(string_agg(a::text, ' ' order by account_id)) from accounts a),
          (select md5(string_agg(m::text, ' ' order by id, account_id, since)) from members m where id <= 0),
          (select md5(string_agg(b::text, ' ' order by benchmark_id)) from benchmarks b),
          (select md5(string_agg(p::text, ' ' order by exchange)) from pauses p),
          (select md5(string_agg(r::text, ' ' order by account_id)) from recomputations r),
          (select max(acknowledged_at) from acknowledgements),
          (select at from last_trade_note),
          -- how far a month is stands on the page itself, beside what is made for a version
          (
            select md5(string_agg(concat(month, is_finished, reason), ' ' order by account_id))
            from rebuildings
          )
        ))
        """,
        prepare=True,
    )
    return str(found.fetchone())

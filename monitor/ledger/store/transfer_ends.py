"""Conditions on the two ends of a transfer, as SQL: o is the withdrawal that sends it, i the deposit that it arrives as."""

MEMBER = "from member_hours h where h.portfolio_id = %(portfolio)s and h.status = any(%(valued)s)"
WHOLE = "from nav_history whole where whole.account_id = %(portfolio)s and whole.status = any(%(valued)s)"
# Whether who gets it (i) was part of the whole when it left (o) and in every row until it arrived.
EXPECTED = f"""
    exists (select {MEMBER} and h.account_id = i.account_id and h.taken_at <= o.occurred_at)
      and not exists (
        select {WHOLE}
          and whole.hour between o.occurred_at - interval '2 hours' and i.occurred_at
          and whole.taken_at > o.occurred_at
          and whole.taken_at <= i.occurred_at
          and not exists (
            select {MEMBER}
              and h.account_id = i.account_id
              and h.hour = whole.hour
              and h.taken_at <= whole.taken_at
          )
      )
    """


def is_part(end: str) -> str:
    """A condition: the account of one end is part of the row before its moment, and of every row until it is read again.

    No reading is two hours away from its hour, so the index on hours finds both rows, however long the history is.
    """
    of_account = f"{MEMBER} and h.account_id = {end}.account_id"
    before = f"""
        select h.hour {of_account}
          and h.taken_at <= {end}.occurred_at
          and h.hour <= {end}.occurred_at + interval '2 hours'
        order by h.hour desc
        limit 1
        """
    after = f"""
        select h.hour {of_account}
          and h.taken_at > {end}.occurred_at
          and h.hour > {end}.occurred_at - interval '2 hours'
        order by h.hour
        limit 1
        """
    return f"""
      ({before}) is not null
      and not exists (
        select {WHOLE} and whole.hour > ({before}) and whole.hour < coalesce(({after}), 'infinity')
      )
    """


def stands(end: str) -> str:
    """A condition: the revision of one end counts as a flow."""
    return f"""
      {end}.state = 'counted'
      and {end}.treatment = 'flow'
      and not exists (
        select from processed_transactions n
        where n.account_id = {end}.account_id
          and n.kind = {end}.kind
          and n.exchange_id = {end}.exchange_id
          and n.revision > {end}.revision
      )
      """


def is_free(end: str, column: str) -> str:
    """A condition: one end is no part of a pair, and the owner has said nothing of it."""
    return f"""
      {end}.reference not like %(owners)s
      and not exists (
        select from matched_transfers m where m.portfolio_id = %(portfolio)s and m.{column} = {end}.id
      )
      """

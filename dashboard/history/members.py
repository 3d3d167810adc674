"""In statements: which rows belong to the number that is shown, an account's own, a portfolio's members' or its own."""

from typing import LiteralString

# Of whose row it is: the number that is shown, as the parameter is called.
ID: LiteralString = "%(id)s"


def member(
    row: LiteralString, since: LiteralString, until: LiteralString = "", number: LiteralString = ID
) -> LiteralString:
    """A condition: the account of `row` is part of what is shown at the moment `since`, and still at `until`."""
    return f"""
        exists (
          select from members m
          where m.id = {number}
            and m.account_id = {row}.account_id
            and {since} >= m.since
            and {until or since} < m.until
        )
        """


def own(row: LiteralString, number: LiteralString = ID) -> LiteralString:
    """A condition: the explanation or trade is that of what is shown, of a portfolio booked as if its accounts were one."""
    return f"{row}.account_id = (select b.account_id from books b where b.id = {number})"


def own_trade(row: LiteralString, since: LiteralString) -> LiteralString:
    """A condition: the trade is one of what is shown. Those in contracts are each account's, so a portfolio has its members'."""
    return f"""
        {row}.account_id = any(array(
          select b.account_id from books b where b.id = {ID} union select m.account_id from members m where m.id = {ID}
        ))
        and ({own(row)} or {row}.settle is not null and {member(row, since)})
        """


def present(row: LiteralString) -> LiteralString:
    """A condition: the account of `row` is part of what is shown, without an end."""
    return f"""
        exists (
          select from members m
          where m.id = {ID} and m.account_id = {row}.account_id and m.until = 'infinity'
        )
        """


# An hour's explanation that belongs to what is shown: of a portfolio, one that lies in the period as a whole.
IN_VIEW: LiteralString = f"({member('e', 'e.from_hour', 'e.hour')} and ({ID} > 0 or e.from_hour >= %(since)s))"

"""Whose trades a command is about: each account's own, one account's, or a portfolio's, as if its accounts were one."""

import argparse
from typing import NamedTuple

from monitor.accounts.registry import choose_accounts, list_accounts
from monitor.accounts.store.portfolios import Portfolio, find_portfolio, load_portfolios
from monitor.performance.store.together import keeps_trades
from sql.rows import Db


class Book(NamedTuple):
    """An account or a portfolio with trades of its own."""

    id: int
    label: str
    exchange: str  # empty: a portfolio's


def add_arguments(parser: argparse.ArgumentParser, otherwise: str) -> None:
    """The choice of an account or a portfolio; `otherwise` says what is shown without one."""
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--account", help=f"the account's label; {otherwise}")
    whose.add_argument(
        "--portfolio", metavar="KEY", help="a portfolio's key, like all: its accounts as if they were one"
    )


def choose_books(db: Db, account: str | None, portfolio: str | None) -> tuple[Book, ...]:
    """What was chosen; every account where nothing was. Raises AccountError for what there is none of."""
    if portfolio:
        return (_open(db, find_portfolio(db, portfolio)),)
    return tuple(Book(row.id, row.label, row.exchange) for row in choose_accounts(db, account))


def list_books(db: Db) -> tuple[Book, ...]:
    """Every account, and every portfolio that has trades of its own."""
    own = [_open(db, one) for one in load_portfolios(db) if keeps_trades(db, one.id)]
    return (*choose_books(db, None, None), *own)


def _open(db: Db, portfolio: Portfolio) -> Book:
    """All accounts have those of the only one, while there is but one."""
    if keeps_trades(db, portfolio.id):
        return Book(portfolio.id, portfolio.label, "")
    found = [row for row in list_accounts(db) if row.hours]
    return Book(found[0].id, portfolio.label, found[0].exchange) if found else Book(portfolio.id, portfolio.label, "")

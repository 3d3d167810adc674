"""The journal of a venue that lives in memory: accounts remember what happened to them, and nothing is waited for."""

from collections.abc import Mapping

from paper.engine.changes import AccountOpened, Changes, DayEnded, Deposited, Record, Withdrawn
from paper.histories.accounts import Account
from paper.ledger.books import Books
from paper.trading.orders import Kind, PreventedMatch


class Remembering:
    """Enters changes in account books and in the lists of accounts."""

    def __init__(self, accounts: Mapping[str, Account], books: Books) -> None:
        self._accounts, self._books = accounts, books

    def require_room(self) -> None:
        """There always is."""

    def write(self, changes: Changes) -> None:
        """Enter them."""
        for report in changes.reports:
            if report.kind is Kind.NEW:
                self._accounts[report.order.owner].orders.append(report.order)
            if report.fill:
                self._accounts[report.order.owner].fills.append(report.fill)
            if report.prevented:
                self._keep(self._accounts[report.order.owner].prevented, report.prevented)
        if entry := changes.entry:
            self._books.write(entry.at, entry.kind, entry.movements)
        for found in changes.lists:
            self._accounts[found.owner].lists.append(found)
        for record in changes.records:
            self._remember(record)

    async def committed(self) -> None:
        """It is, as far as it ever will be."""

    @staticmethod
    def _keep(matches: list[PreventedMatch], match: PreventedMatch) -> None:
        """Once, although each of its two orders may report it."""
        if not matches or matches[-1] is not match:
            matches.append(match)

    def _remember(self, record: Record) -> None:
        match record:
            case Deposited(owner=owner, deposit=deposit):
                self._accounts[owner].deposits.append(deposit)
            case Withdrawn(owner=owner, withdrawal=withdrawal):
                self._accounts[owner].withdrawals.append(withdrawal)
            case DayEnded(owner=owner, at=at, balances=balances):
                self._accounts[owner].days.append((at, balances))
            case AccountOpened():
                pass  # whoever opened it has it

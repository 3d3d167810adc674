"""What may be asked of an account's past, whoever remembers it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from paper.histories.accounts import Deposit, Withdrawal
from paper.trading.orders import Fill, Order, OrderList, PreventedMatch, Status

DayEnd = tuple[datetime, dict[str, tuple[Decimal, Decimal]]]  # with free and locked of each asset in spot


class Dated(Protocol):
    """Something with a number and a time."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def at(self) -> datetime:
        """When it was."""


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which rows of a history are wanted, at most so many: the first from a number on, the first since a time, or the last up
    to one."""

    most: int
    first: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def choose(self, rows: Iterable[D]) -> list[D]:
        """These of rows that stand in the order of their numbers."""
        if self.first is not None:
            return [one for one in rows if one.id >= self.first][: self.most]
        found = [one for one in rows if self.has(one.at)]
        return found[: self.most] if self.since else found[max(0, len(found) - self.most) :]

    def has(self, at: datetime) -> bool:
        """Whether a time is inside it."""
        return (self.since is None or at >= self.since) and (self.until is None or at <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The last rows of a history before a number: of a pair and a time, where these are said."""

    most: int
    before: int
    symbol: str = ""
    since: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    until: datetime = datetime(9999, 1, 1, tzinfo=UTC)

    def choose(self, rows: Iterable[D]) -> list[D]:
        """These of rows, the newest first; of the pair they are already."""
        found = [one for one in rows if one.id < self.before and self.since <= one.at <= self.until]
        return sorted(found, key=lambda one: -one.id)[: self.most]


class Histories(Protocol):
    """The past of the accounts of a venue. All rows are told in the order of their numbers, unless it is said otherwise."""

    is_stored: bool  # in a database, which may let wait

    def orders(self, owner: str, wallet: str, symbol: str, part: Part) -> list[Order]:
        """Orders of a market and a pair."""

    def order(self, owner: str, symbol: str, number: int, client_id: str) -> Order | None:
        """The order in spot of a number, or the last one of a client's id; what is 0 or empty is not asked for."""

    def newest_orders(self, owner: str, wanted: Newest, statuses: Collection[Status] = ()) -> list[Order]:
        """Orders in spot, the newest first; those of some statuses, or all."""

    def open_orders(self, owner: str) -> list[Order]:
        """Orders in spot that wait."""

    def newest_fills(self, owner: str, wanted: Newest) -> list[Fill]:
        """Fills in spot, the newest first; of a trade with oneself both sides."""

    def fills(self, owner: str, wallet: str, symbol: str, part: Part, order: int = 0) -> list[Fill]:
        """Fills of a market and a pair, or those of one order."""

    def prevented_matches(self, owner: str, symbol: str, order: int = 0) -> list[PreventedMatch]:
        """Trades of a pair with itself that an account was kept from, or those of one order."""

    def order_lists(self, owner: str, part: Part) -> list[OrderList]:
        """Lists of orders."""

    def order_list(self, owner: str, number: int, client_id: str) -> OrderList | None:
        """The list of a number, or the last one of a client's id; what is 0 or empty is not asked for."""

    def open_lists(self, owner: str) -> list[OrderList]:
        """Lists of which an order waits."""

    def deposits(self, owner: str, since: datetime, until: datetime, now: datetime) -> list[Deposit]:
        """Deposits that came inside a time and are shown by now."""

    def withdrawals(self, owner: str, since: datetime, until: datetime) -> list[Withdrawal]:
        """Withdrawals that were applied for inside a time."""

    def day_ends(self, owner: str) -> list[DayEnd]:
        """What was in spot at the ends of the last days, the oldest first."""

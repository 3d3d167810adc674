"""The account books: what every line of a story moved, and a wallet's own ledger made from it, with the balance after each row."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from paper.ledger import Movement, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement of the venue's ledger, with its time and the verb that made it."""

    number: int  # in the order of the books, from 1
    at: datetime
    verb: str
    movement: Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of one wallet's ledger."""

    number: int
    at: datetime
    verb: str
    why: str  # what of the verb's doing it is: commission, fee, funding ...; empty for the thing itself
    about: str  # the symbol it is about, if it is about one
    asset: str
    change: Decimal
    balance: Decimal  # of the asset in the wallet, afterwards
    where: str  # the bucket of the wallet
    other: Place  # where it came from or went to


class Books:
    """All movements of the venue, by who took part in them."""

    def __init__(self) -> None:
        self._entries: defaultdict[str, list[Entry]] = defaultdict(list)
        self._last = 0

    def write(self, at: datetime, verb: str, movements: Iterable[Movement]) -> None:
        """Enter what a verb moved."""
        for movement in movements:
            self._last += 1
            entry = Entry(number=self._last, at=at, verb=verb, movement=movement)
            for owner in {movement.source[0], movement.target[0]}:
                self._entries[owner].append(entry)

    def wallet(self, owner: str, buckets: Iterable[str]) -> Iterator[Row]:
        """The ledger of a wallet that is made of `buckets`, oldest first; moves between these are none."""
        inside = {(owner, bucket) for bucket in buckets}
        balances: defaultdict[str, Decimal] = defaultdict(Decimal)
        for entry in self._entries.get(owner, ()):
            moved = entry.movement
            sign = (moved.target in inside) - (moved.source in inside)
            if not sign or not moved.amount:
                continue
            balances[moved.asset] += sign * moved.amount
            yield Row(
                number=entry.number,
                at=entry.at,
                verb=entry.verb,
                why=moved.why,
                about=moved.about,
                asset=moved.asset,
                change=sign * moved.amount,
                balance=balances[moved.asset],
                where=(moved.target if sign > 0 else moved.source)[1],
                other=moved.source if sign > 0 else moved.target,
            )

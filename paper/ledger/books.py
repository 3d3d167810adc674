"""The account books: what every line of a story moved, and a wallet's own ledger made from it, with the balance after each row."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from paper.ledger.balances import Movement, Place


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


@dataclass(slots=True)
class _Wallet:
    """A wallet's ledger as far as it was made."""

    read: int = 0  # of its owner's entries
    balances: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    rows: list[Row] = field(default_factory=list)


class Books:
    """All movements of the venue, by who took part in them."""

    def __init__(self) -> None:
        self._entries: defaultdict[str, list[Entry]] = defaultdict(list)
        self._wallets: defaultdict[tuple[str, tuple[str, ...]], _Wallet] = defaultdict(_Wallet)
        self._last = 0

    def write(self, at: datetime, verb: str, movements: Iterable[Movement]) -> None:
        """Enter what a verb moved."""
        for movement in movements:
            self._last += 1
            entry = Entry(number=self._last, at=at, verb=verb, movement=movement)
            for owner in {movement.source[0], movement.target[0]}:
                self._entries[owner].append(entry)

    def wallet(self, owner: str, buckets: Iterable[str]) -> Sequence[Row]:
        """The ledger of a wallet that is made of `buckets`, oldest first; moves between these are none."""
        name = (owner, tuple(buckets))
        wallet, entries = self._wallets[name], self._entries.get(owner, [])
        inside = {(owner, bucket) for bucket in name[1]}
        for entry in entries[wallet.read :]:
            sign = (entry.movement.target in inside) - (entry.movement.source in inside)
            if sign and entry.movement.amount:
                wallet.rows.append(_row(entry, sign, wallet.balances))
        wallet.read = len(entries)
        return wallet.rows


def _row(entry: Entry, sign: int, balances: defaultdict[str, Decimal]) -> Row:
    """What an entry is in a wallet that it comes into (+1) or goes out of (-1)."""
    moved = entry.movement
    balances[moved.asset] += sign * moved.amount
    place, other = (moved.target, moved.source) if sign > 0 else (moved.source, moved.target)
    return Row(
        number=entry.number,
        at=entry.at,
        verb=entry.verb,
        why=moved.why,
        about=moved.about,
        asset=moved.asset,
        change=sign * moved.amount,
        balance=balances[moved.asset],
        where=place[1],
        other=other,
    )

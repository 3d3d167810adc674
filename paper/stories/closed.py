"""Positions of contracts that were closed, from flat to flat, as exchanges keep account of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from paper.histories.accounts import Account, ContractFill
from paper.stories.futures import is_inverse

ZERO, PRICE_STEP = Decimal(0), Decimal("1e-12")
Part = tuple[Decimal, Decimal]  # how much, at which price


@dataclass(slots=True, kw_only=True)
class ClosedPosition:
    """One side of a contract, from when it was opened to when nothing was left of it."""

    symbol: str
    side: str  # BOTH, LONG or SHORT
    is_short: bool
    opened_at: datetime
    closed_at: datetime
    number: int = 0  # of the fill that closed it
    reason: str = ""  # why the exchange closed it; empty: an order
    held: Decimal = ZERO
    entries: list[Part] = field(default_factory=list)
    exits: list[Part] = field(default_factory=list)
    profit: Decimal = ZERO
    open_fee: Decimal = ZERO
    close_fee: Decimal = ZERO
    funding: Decimal = ZERO

    @property
    def quantity(self) -> Decimal:
        """How much was opened, and closed."""
        return sum((part for part, _ in self.entries), ZERO)

    @property
    def net(self) -> Decimal:
        """Profit less fees, and funding."""
        return self.profit - self.open_fee - self.close_fee + self.funding

    def average(self, parts: list[Part]) -> Decimal:
        """The average price; of an inverse contract the harmonic one."""
        whole = sum((part for part, _ in parts), ZERO)
        if is_inverse(self.symbol):
            return (whole / sum((part / price for part, price in parts), ZERO)).quantize(PRICE_STEP)
        return (sum((part * price for part, price in parts), ZERO) / whole).quantize(PRICE_STEP)


def list_closed(account: Account) -> list[ClosedPosition]:
    """All of an account, in the order in which they were closed."""
    running: dict[tuple[str, str], ClosedPosition] = {}
    found: list[ClosedPosition] = []
    for fill in account.contract_fills:
        key = (fill.symbol, fill.side)
        for part, fee in _split(fill):
            position = running.setdefault(key, _open(fill, part))
            _add(position, fill, part, fee)
            if not position.held:
                found.append(running.pop(key))
    _share_funding(account, [*found, *running.values()])
    return found


def _split(fill: ContractFill) -> Iterator[Part]:
    """What a fill closes and what it opens, each with its part of the commission."""
    fee = (fill.commission * fill.closed / fill.quantity).quantize(Decimal("1e-8"))
    if fill.closed:
        yield fill.closed, fee
    if fill.closed != fill.quantity:
        yield fill.quantity - fill.closed, fill.commission - fee


def _open(fill: ContractFill, part: Decimal) -> ClosedPosition:
    return ClosedPosition(
        symbol=fill.symbol,
        side=fill.side,
        is_short=part < 0,
        opened_at=fill.at,
        closed_at=datetime.max.replace(tzinfo=fill.at.tzinfo),
    )


def _add(position: ClosedPosition, fill: ContractFill, part: Decimal, fee: Decimal) -> None:
    if position.is_short == (part < 0):
        position.entries.append((abs(part), fill.price))
        position.open_fee += fee
    else:
        position.exits.append((abs(part), fill.price))
        position.close_fee += fee
        position.profit += fill.profit
    position.held += part
    if not position.held:
        position.closed_at, position.number, position.reason = fill.at, fill.id, fill.reason


def _share_funding(account: Account, positions: list[ClosedPosition]) -> None:
    """To the first position that was open then: the venue has no funding for each side."""
    for row in account.rows:
        if row.extra.get("kind") != "funding":
            continue
        symbol = row.extra["symbol"]
        ours = [one for one in positions if one.symbol == symbol and one.opened_at <= row.at < one.closed_at]
        if ours:
            ours[0].funding += row.amount

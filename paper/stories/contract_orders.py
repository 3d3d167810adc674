"""Orders of perpetuals: those that wait at a price of their own or for one that triggers them, and those of what was traded.

`await long|short QUANTITY SYMBOL at PRICE` waits, `trigger long|short QUANTITY SYMBOL at PRICE` is triggered at a price to make a
position smaller, `trail long|short QUANTITY SYMBOL by PERCENT` once the price has gone back by so much; `reach SYMBOL` lets the oldest
of a contract have its price, `drop SYMBOL` cancels it. In hedge mode a stop is of the other side's position.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from paper.engine.venue import Venue
from paper.histories.accounts import Account, ContractFill, WaitingContract
from paper.stories.futures import contract_size, is_inverse, last_price, trade
from paper.stories.lines import StoryFault
from paper.stories.words import Words, read_amount

ZERO = Decimal(0)
SMALLEST = Decimal("1e-8")
OTHER = {"LONG": "SHORT", "SHORT": "LONG"}
TRAILED_AT = ("bitget", "mexc")


def wait(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`await long|short QUANTITY SYMBOL at PRICE`."""
    side, order = _read(venue, words, at, "await")
    order.price = order.trigger
    order.trigger = ZERO
    order.side = side if account.is_hedged else "BOTH"
    account.waiting_contracts.append(order)


def stop(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`trigger long|short QUANTITY SYMBOL at PRICE`: at the market's price once that is reached."""
    side, order = _read(venue, words, at, "trigger")
    order.side = OTHER[side] if account.is_hedged else "BOTH"
    is_above = order.trigger > last_price(venue, order.symbol, at)
    order.takes_profit = is_above is not order.is_buy
    account.waiting_contracts.append(order)


@dataclass(slots=True, kw_only=True)
class Trailing(WaitingContract):
    """One that follows the price: it is triggered once that has gone back by a part of its best since then."""

    callback: Decimal  # that part, as a percentage


def trail(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`trail long|short QUANTITY SYMBOL by PERCENT`: at once, from the last price on."""
    if account.exchange not in TRAILED_AT or (account.exchange == "bitget" and account.is_unified):
        raise StoryFault(f"only {' and '.join(TRAILED_AT)} list such orders, of a unified account neither")
    match words:
        case (side, quantity, symbol, "by", percent):
            best = last_price(venue, symbol, at)
        case _:
            raise StoryFault("expected: trail long|short QUANTITY SYMBOL by PERCENT")
    part = best * read_amount(percent) / 100
    trigger = best + part if side == "long" else best - part
    told, order = _read(venue, (side, quantity, symbol, "at", f"{trigger:.2f}"), at, "trail")
    plain = {one.name: getattr(order, one.name) for one in fields(order)}
    trailing = Trailing(**plain, callback=read_amount(percent))
    trailing.side = OTHER[told] if account.is_hedged else "BOTH"
    account.waiting_contracts.append(trailing)


def _read(venue: Venue, words: Words, at: datetime, verb: str) -> tuple[str, WaitingContract]:
    match words:
        case ("long" | "short" as side, quantity, symbol, "at", price):
            order = WaitingContract(
                id=next(venue.numbers),
                symbol=symbol,
                is_buy=side == "long",
                quantity=read_amount(quantity),
                trigger=read_amount(price),
                at=at,
                changed_at=at,
            )
            return side.upper(), order
    raise StoryFault(f"expected: {verb} long|short QUANTITY SYMBOL at PRICE")


def reach(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`reach SYMBOL`: what waits is traded, what is triggered becomes an order that is."""
    order = _find(account, words[0])
    order.changed_at = at
    order.state = "triggered" if order.trigger else "filled"
    order.became = next(venue.numbers) if order.trigger else order.id
    trade(
        venue, account, order.symbol, order.quantity if order.is_buy else -order.quantity, order.side, at, order.became
    )


def drop(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`drop SYMBOL`: the oldest that waits."""
    order = _find(account, words[0])
    order.state, order.changed_at = "cancelled", at


def _find(account: Account, symbol: str) -> WaitingContract:
    found = next((one for one in account.waiting_contracts if one.symbol == symbol and one.state == "open"), None)
    if found is None:
        raise StoryFault(f"no order of {symbol} waits")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedContract:
    """An order of a contract as a list has it; one that a trigger made is at the market's price."""

    id: int
    symbol: str
    side: str  # BOTH, LONG or SHORT
    is_buy: bool
    quantity: Decimal
    filled: Decimal
    cost: Decimal  # of what is filled: prices times quantities
    price: Decimal  # 0: at the market's
    profit: Decimal
    commission: Decimal
    state: str  # open, filled or cancelled
    at: datetime
    changed_at: datetime
    reason: str = ""  # why the exchange gave it; empty: its owner did

    @property
    def average(self) -> Decimal:
        """What its fills cost on average."""
        return (self.cost / self.filled).quantize(SMALLEST) if self.filled else ZERO

    @property
    def reduces(self) -> bool:
        """Whether it makes a position of hedge mode smaller, or took a profit."""
        return self.is_buy is (self.side == "SHORT") if self.side in OTHER else bool(self.profit)

    @property
    def coins(self) -> Decimal:
        """What was traded, in the coin of an inverse contract."""
        if not is_inverse(self.symbol) or not self.cost:
            return ZERO
        return (self.filled * contract_size(self.symbol) / self.average).quantize(SMALLEST)


def list_contract_orders(account: Account) -> list[ListedContract]:
    """All orders of contracts but those that wait for a trigger, by their ids."""
    parts: dict[int, list[ContractFill]] = {}
    for fill in account.contract_fills:
        parts.setdefault(fill.order or fill.id, []).append(fill)
    waiting = {one.id: one for one in account.waiting_contracts if not one.trigger}
    running = {one.id: one.left for one in account.contract_orders if one.is_running}
    traded = [
        _of_fills(number, fills, waiting.get(number), running.get(number, ZERO)) for number, fills in parts.items()
    ]
    idle = [_of_waiting(one) for one in waiting.values() if one.id not in parts]
    return sorted([*traded, *idle], key=lambda one: one.id)


def _of_fills(number: int, fills: list[ContractFill], waited: WaitingContract | None, left: Decimal) -> ListedContract:
    filled = sum((abs(fill.quantity) for fill in fills), ZERO)
    return ListedContract(
        id=number,
        symbol=fills[0].symbol,
        side=fills[0].side,
        is_buy=fills[0].quantity > 0,
        quantity=filled + left,
        filled=filled,
        cost=sum((abs(fill.quantity) * fill.price for fill in fills), ZERO),
        price=waited.price if waited else ZERO,
        profit=sum((fill.profit for fill in fills), ZERO),
        commission=sum((fill.commission for fill in fills), ZERO),
        state="open" if left else "filled",
        at=waited.at if waited else fills[0].at,
        changed_at=fills[-1].at,
        reason=fills[-1].reason,
    )


def _of_waiting(one: WaitingContract) -> ListedContract:
    return ListedContract(
        id=one.id,
        symbol=one.symbol,
        side=one.side,
        is_buy=one.is_buy,
        quantity=one.quantity,
        filled=ZERO,
        cost=ZERO,
        price=one.price,
        profit=ZERO,
        commission=ZERO,
        state=one.state,
        at=one.at,
        changed_at=one.changed_at,
    )


def list_triggers(account: Account) -> list[WaitingContract]:
    """All orders of contracts that a price triggers, or triggered, by their ids; not those that follow it."""
    return [one for one in account.waiting_contracts if one.trigger and not isinstance(one, Trailing)]


def list_trailing(account: Account) -> list[Trailing]:
    """All orders of contracts that follow the price, or followed it, by their ids."""
    return [one for one in account.waiting_contracts if isinstance(one, Trailing)]

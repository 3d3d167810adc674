"""Perpetuals: fills, average entry prices, profit paid on closing, and what open positions are marked at.

USD-M contracts (BTCUSDT) are settled in USDT. COIN-M contracts (BTCUSD_PERP) are settled in the coin; their quantity
is a number of contracts of 100 or 10 USD. A contract trades at the price of the pair with USDT; its mark price is a
little beside that, another distance every minute, because a mark price is no price that anybody traded at.
"""

from datetime import datetime
from decimal import Decimal

from paper.engine.venue import Venue
from paper.histories.accounts import Account, ContractFill, ContractOrder, FuturesPosition
from paper.market.klines import EPOCH, MINUTE
from paper.stories.earnings import INVERSE, book_futures
from paper.stories.lines import StoryFault
from paper.stories.words import read_amount

COMMISSION = Decimal("0.0005")
SMALLEST = Decimal("1e-8")
ENTRY_STEP = Decimal("1e-12")  # to which an average entry price is rounded
LARGEST_PREMIUM = 3
PREMIUM = Decimal("0.0001")  # of a mark price: up to three of them above or below
ZERO = Decimal(0)
CLEARANCE = ("binance", "bitget")  # that show what they take for a liquidation as a row of its own
Words = tuple[str, ...]


def buy(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`long QUANTITY SYMBOL`: buy; against a short position that is net, in hedge mode a long one beside it."""
    trade(venue, account, words[1], read_amount(words[0]), "LONG" if account.is_hedged else "BOTH", at)


def sell(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`short QUANTITY SYMBOL`: sell, in the same way."""
    trade(venue, account, words[1], -read_amount(words[0]), "SHORT" if account.is_hedged else "BOTH", at)


def close(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`close [QUANTITY] SYMBOL [long|short]`: all of a position or a part; its profit goes to the wallet."""
    _close(venue, account, words, at)


def liquidate(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`liquidate [QUANTITY] SYMBOL [long|short] [fee FEE]`: the same, by the exchange, which takes a fee for that."""
    fee = words[words.index("fee") + 1] if "fee" in words else ""
    if fee and account.exchange not in CLEARANCE:
        raise StoryFault(f"{account.exchange} shows no fee of a liquidation")
    _force(venue, account, words[:-2] if fee else words, at, "liquidation")
    if fee:
        symbol = account.contract_fills[-1].symbol
        book_futures(venue, account, "clearance", -read_amount(fee), at, asset=margin_asset(symbol), symbol=symbol)


def deleverage(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`deleverage [QUANTITY] SYMBOL [long|short]`: the same, against somebody who is liquidated."""
    _force(venue, account, words, at, "adl")


def deliver(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`deliver SYMBOL [long|short]`: the same, because the contract ends."""
    _force(venue, account, words, at, "delivery")


def _force(venue: Venue, account: Account, words: Words, at: datetime, reason: str) -> None:
    _close(venue, account, words, at)
    account.contract_fills[-1].reason = reason


def _close(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    *part, symbol = words[:-1] if words[-1] in ("long", "short") else words
    side = words[-1].upper() if words[-1] in ("long", "short") else ""
    position = next((p for p in account.positions if p.symbol == symbol and side in ("", p.side)), None)
    if position is None:
        raise StoryFault(f"there is no position in {symbol}")
    left = read_amount(part[0]) if part else abs(position.quantity)
    if left > abs(position.quantity):
        raise StoryFault(f"the position in {symbol} is {position.quantity}, not {left}")
    trade(venue, account, symbol, -left if position.quantity > 0 else left, position.side, at)


def hedge(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`hedge on|off`, while nothing is open."""
    if words not in (("on",), ("off",)) or account.positions:
        raise StoryFault("expected: hedge on | hedge off, without an open position")
    account.is_hedged = words == ("on",)


def order(venue: Venue, account: Account, words: Words, at: datetime) -> None:
    """`order QUANTITY SYMBOL`: what is traded of a contract from now on fills this order; `order cancel SYMBOL` ends it."""
    said, symbol = words
    running = find_running(account, symbol)
    if (said == "cancel") is (running is None):
        raise StoryFault(f"an order of {symbol} runs already" if running else f"no order of {symbol} runs")
    if running:
        running.is_cancelled = True
    else:
        order = ContractOrder(id=next(venue.numbers), symbol=symbol, left=read_amount(said))
        account.contract_orders.append(order)


def find_running(account: Account, symbol: str) -> ContractOrder | None:
    """The order of a contract that is filled in parts."""
    return next((one for one in account.contract_orders if one.symbol == symbol and one.is_running), None)


def trade(
    venue: Venue, account: Account, symbol: str, quantity: Decimal, side: str, at: datetime, order: int = 0
) -> None:
    """One fill, of an order: what it closes pays its profit, what is left of it opens or enlarges a position."""
    price, number = last_price(venue, symbol, at), next(venue.numbers)
    position = next((p for p in account.positions if (p.symbol, p.side) == (symbol, side)), None)
    held = position.quantity if position else ZERO
    closed = min(abs(quantity), abs(held)).copy_sign(quantity) if held * quantity < 0 else ZERO
    paid = profit_of(symbol, -closed, position.entry, price).quantize(SMALLEST) if position and closed else ZERO
    cost = (size(symbol, quantity, price) * COMMISSION).quantize(SMALLEST)
    if paid:
        _book(venue, account, "profit", paid, at, symbol, number)
    if cost:
        _book(venue, account, "commission", -cost, at, symbol, number)
    if not order and (running := find_running(account, symbol)):
        order = running.id
        running.left = max(running.left - abs(quantity), ZERO)
    _hold(account, position, FuturesPosition(symbol=symbol, quantity=held + quantity, entry=price, side=side))
    account.contract_fills.append(
        ContractFill(
            id=number,
            symbol=symbol,
            side=side,
            quantity=quantity,
            price=price,
            profit=paid,
            commission=cost,
            asset=margin_asset(symbol),
            at=at,
            order=order,
            closed=closed,
        )
    )


def _hold(account: Account, old: FuturesPosition | None, new: FuturesPosition) -> None:
    """Put a position in the place of the old one; its entry price is the fill's until this has averaged it."""
    if old is None:
        account.positions.append(new)
        return
    if old.quantity * new.quantity > 0:
        is_larger = abs(new.quantity) > abs(old.quantity)
        new.entry = _average(old, new.quantity - old.quantity, new.entry) if is_larger else old.entry
    account.positions[account.positions.index(old)] = new
    account.positions[:] = [position for position in account.positions if position.quantity]


def _average(old: FuturesPosition, more: Decimal, price: Decimal) -> Decimal:
    """The average price after an enlargement: of an inverse contract the harmonic one."""
    whole = old.quantity + more
    if is_inverse(old.symbol):
        return (whole / (old.quantity / old.entry + more / price)).quantize(ENTRY_STEP)
    return ((old.quantity * old.entry + more * price) / whole).quantize(ENTRY_STEP)


def is_inverse(symbol: str) -> bool:
    """Whether a contract is settled in its own coin."""
    return symbol.endswith(INVERSE)


def pair_of(symbol: str) -> str:
    """The pair whose price a contract follows."""
    return symbol.removesuffix("USD" + INVERSE) + "USDT" if is_inverse(symbol) else symbol


def last_price(venue: Venue, symbol: str, at: datetime) -> Decimal:
    """What a contract trades at. Raises KeyError for one that does not exist."""
    return venue.price(pair_of(symbol), at)


def mark_price(venue: Venue, symbol: str, at: datetime) -> Decimal:
    """What open positions are valued with."""
    return mark(last_price(venue, symbol, at), at)


def mark(price: Decimal, at: datetime) -> Decimal:
    """The mark price in the minute of `at` of what trades at `price`."""
    step = (at - EPOCH) // MINUTE % (2 * LARGEST_PREMIUM + 1) - LARGEST_PREMIUM
    return (price * (1 + step * PREMIUM)).quantize(SMALLEST)


def margin_asset(symbol: str) -> str:
    """What a contract is settled in."""
    return symbol.removesuffix("USD" + INVERSE) if is_inverse(symbol) else "USDT"


def profit_of(symbol: str, quantity: Decimal, entry: Decimal, price: Decimal) -> Decimal:
    """Profit of a quantity from its entry price to another one, in the margin asset."""
    if not is_inverse(symbol):
        return quantity * (price - entry)
    worth = quantity * contract_size(symbol)
    return worth / entry - worth / price


def profit(venue: Venue, position: FuturesPosition, at: datetime) -> Decimal:
    """Profit of an open position, in its margin asset, as the exchange writes it."""
    found = profit_of(position.symbol, position.quantity, position.entry, mark_price(venue, position.symbol, at))
    return found.quantize(SMALLEST) if is_inverse(position.symbol) else found


def unrealised(venue: Venue, account: Account, at: datetime, asset: str = "USDT") -> Decimal:
    """Profit of all open positions that are settled in an asset."""
    held = (p for p in account.positions if margin_asset(p.symbol) == asset)
    return sum((profit(venue, position, at) for position in held), ZERO)


def contract_size(symbol: str) -> Decimal:
    """What one inverse contract is worth in USD."""
    return Decimal(100) if symbol.startswith("BTC") else Decimal(10)


def size(symbol: str, quantity: Decimal, price: Decimal) -> Decimal:
    """How large a position is, in its margin asset."""
    return abs(quantity) * (contract_size(symbol) / price if is_inverse(symbol) else price)


def _book(venue: Venue, account: Account, kind: str, amount: Decimal, at: datetime, symbol: str, number: int) -> None:
    book_futures(venue, account, kind, amount, at, asset=margin_asset(symbol), symbol=symbol, trade=str(number))

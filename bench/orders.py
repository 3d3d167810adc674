"""The paper exchange's trading core: its book alone beside a Rust one (nanobook), and all of it, in commands a second."""

import importlib
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Decimal
from itertools import count
from statistics import median
from typing import Any, NamedTuple

from bench.budgets import Line, measure_seconds
from paper.ledger.balances import OUTSIDE, Ledger
from paper.market.klines import Symbol
from paper.trading.filters import Filters, Range
from paper.trading.floor import Floor
from paper.trading.ladder import Ladder
from paper.trading.order_desk import OrderDesk
from paper.trading.orders import SMALLEST, Order, OrderType

COMMANDS, OWNERS, SAMPLES = 20_000, 50, 5
BOOK_SHARE, CORE_RATE = 0.6, 40_000
RATE, CENT = Decimal("0.001"), Decimal("0.01")
PAIR = Symbol(base="BTC", quote="USDT")
FILTERS = Filters(
    price=Range(least=CENT, most=Decimal(1_000_000), step=CENT),
    quantity=Range(least=Decimal("0.00001"), most=Decimal(9_000), step=Decimal("0.00001")),
    notional=Range(least=Decimal(5), most=Decimal(9_000_000)),
    most_orders=10_000,
)
START, STEP = datetime(2026, 7, 1, tzinfo=UTC), timedelta(milliseconds=1)


class Command(NamedTuple):
    """An order to place, or the number of an earlier command whose order is taken back."""

    owner: str
    is_buy: bool
    quantity: Decimal
    price: Decimal
    cancelled: int  # -1: none


def measure_orders() -> Iterator[Line]:
    """The book and the peer on the same flow by turns; then orders with money, filters, commissions and reports."""
    orders = draw_commands(
        COMMANDS, 1, cancelled=0
    )  # nanobook 0.19 never ends a trade through prices that were left empty
    yield _rate("Book alone", lambda: run_book(orders))
    if peer := _find_peer(orders):
        yield _rate("  nanobook (Rust, whole numbers)", peer)
        shares = [measure_seconds(peer, 1) / measure_seconds(lambda: run_book(orders), 1) for _ in range(SAMPLES)]
        yield Line(what="  time of it in ours, by turns", value=1 / median(shares), unit="x", samples=SAMPLES,
                   budget=1 / BOOK_SHARE)  # fmt: skip
    else:
        print("  nanobook is not installed; make bench installs it")
    commands = draw_commands(COMMANDS, 1, cancelled=1 / 3)
    yield _rate("Whole core: money, filters, commissions, reports", lambda: run_core(commands), CORE_RATE)


def _rate(what: str, act: Callable[[], object], rate: float | None = None) -> Line:
    """Microseconds a command, and the budget that a rate a second leaves it."""
    seconds = measure_seconds(act, SAMPLES)
    budget = 1e6 / rate if rate else None
    return Line(what=f"{what} ({COMMANDS / seconds:,.0f} a second)", value=seconds / COMMANDS * 1e6, unit="µs",
                samples=SAMPLES, budget=budget)  # fmt: skip


def draw_commands(number: int, seed: int, cancelled: float) -> list[Command]:
    """Limit orders around a price that wanders, a twentieth of them far through it; of all commands a share takes one back."""
    draw, middle = random.Random(seed), 6_000_000
    placed: list[int] = []
    commands: list[Command] = []
    for index in range(number):
        middle += draw.randint(-20, 20)
        if placed and draw.random() < cancelled:
            commands.append(Command("", False, SMALLEST, CENT, placed.pop(draw.randrange(len(placed)))))
            continue
        is_buy, is_through = draw.random() < 0.5, draw.random() < 0.05
        distance = -500 if is_through else draw.randint(1, 1_000)
        price = middle - distance if is_buy else middle + distance
        quantity = draw.randint(20, 2_000)
        owner = f"user {draw.randrange(OWNERS)}"
        commands.append(Command(owner, is_buy, Decimal(quantity).scaleb(-5), Decimal(price).scaleb(-2), -1))
        placed.append(index)
    return commands


def make_order(number: int, command: Command, at: datetime) -> Order:
    """The order of a command."""
    return Order(
        id=number,
        owner=command.owner,
        symbol=PAIR.name,
        type=OrderType.LIMIT,
        is_buy=command.is_buy,
        quantity=command.quantity,
        price=command.price,
        at=at,
        changed_at=at,
    )


def run_book(commands: list[Command]) -> list[tuple[int, Decimal, Decimal]]:
    """What is traded in a ladder without money: maker, quantity, price."""
    ladder, traded, at = Ladder(), list[tuple[int, Decimal, Decimal]](), START
    orders: dict[int, Order] = {}
    for number, command in enumerate(commands):
        if command.cancelled >= 0:
            ladder.leave(orders[command.cancelled])
            continue
        order = orders[number] = make_order(number, command, at)
        while (left := order.left) and (offer := ladder.next_offer(is_buy=order.is_buy, at=at)):
            if not order.accepts(offer.price):
                break
            part = min(offer.quantity, left)
            ladder.use(offer, part, is_buy=order.is_buy, at=at)
            order.filled += part
            if maker := offer.maker:
                maker.filled += part
                traded.append((maker.id, part, offer.price))
                if not maker.left:
                    ladder.leave(maker)
        if order.left:
            ladder.join(order, at)
    return traded


def run_core(commands: list[Command]) -> Ledger:
    """The same with everything; returns who has what."""
    ledger, numbers = Ledger(), count(1)
    desk = OrderDesk(Floor(ledger, {PAIR.name: PAIR}, charge, Ladder, numbers.__next__, filters={PAIR.name: FILTERS}))
    for owner in range(OWNERS):
        for asset in (PAIR.base, PAIR.quote):
            ledger.move(asset, Decimal(10**9), OUTSIDE, (f"user {owner}", "spot"))
    orders: dict[int, Order] = {}
    at = START
    for number, command in enumerate(commands):
        at += STEP
        if command.cancelled >= 0:
            if (order := orders[command.cancelled]).waits:
                desk.cancel(order.owner, order.symbol, at, order.id)
        else:
            order = orders[number] = make_order(next(numbers), command, at)
            desk.place(order, at)
        ledger.take_moved()
    return ledger


def charge(order: Order, asset: str, amount: Decimal, at: datetime, is_maker: bool) -> tuple[str, Decimal]:
    """A thousandth of what is received."""
    return asset, (amount * RATE).quantize(SMALLEST, ROUND_UP)


def _find_peer(commands: list[Command]) -> Callable[[], Any] | None:
    try:
        nanobook = importlib.import_module("nanobook")
    except ImportError:
        return None
    whole = [
        ("buy" if one.is_buy else "sell", int(one.price.scaleb(2)), int(one.quantity.scaleb(5))) for one in commands
    ]

    def run() -> Any:
        exchange = nanobook.Exchange()
        for side, price, quantity in whole:
            exchange.submit_limit(side, price, quantity)
        return exchange.trades()

    return run

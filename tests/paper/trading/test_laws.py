"""What holds after every command, whatever three owners and the market do: an auditor follows the reports and compares.

`LAWS=5000 .venv/bin/python -m pytest tests/paper/trading/test_laws.py` tries more lives than the suite does.
"""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from paper.trading.ladder import Ladder
from paper.trading.orders import Order, OrderType, Rejected, Report, SelfTrade, TimeInForce
from tests.paper.trading.auditor import Auditor
from tests.paper.trading.pit import NAME, Pit, a_thousandth

LIVES = int(os.environ.get("LAWS", "40"))
OWNERS = {"Ann": (10, 1_000), "Ben": (20, 2_000), "Cid": (3, 300)}
owners, sides = st.sampled_from(list(OWNERS)), st.sampled_from(["buy", "sell"])
prices = st.sampled_from(["98", "99.5", "100", "101.3333", "102"])
quantities = st.sampled_from(["1", "2", "0.33333333", "5", "1.00000001"])
modes, lasting = st.sampled_from(SelfTrade), st.sampled_from(TimeInForce)
shown = st.dictionaries(prices, quantities, max_size=4)
STOPS = [OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT]


def charge(order: Order, asset: str, amount: Decimal, at: datetime, is_maker: bool) -> tuple[str, Decimal]:
    """Cid pays in another coin."""
    paid = a_thousandth(order, asset, amount, at, is_maker)
    return ("BNB", paid[1] / 2) if order.owner == "Cid" else paid


class Lives(RuleBasedStateMachine):
    """Three owners and a market."""

    def __init__(self) -> None:
        super().__init__()
        self.pit, self.auditor = Pit(charge), Auditor()
        for owner, (base, quote) in OWNERS.items():
            self.pit.fund(owner, BTC=base, USDT=quote, BNB=1)
            for asset, amount in (("BTC", base), ("USDT", quote), ("BNB", 1)):
                self.auditor.has[owner, asset] += amount
        self.pit.print(100, 1)

    def do(self, command: Callable[[], list[Report] | None], placed: list[Order] | None = None) -> bool:
        """Do a command of the desk, let the auditor read what happened; of a refused one nothing did."""
        before = self.photograph()
        self.pit.reports = []
        try:
            self.pit.reports += command() or []
        except Rejected:
            assert self.photograph() == before and not self.pit.desk.floor.take_reports()
            assert not self.pit.desk.floor.due
            for order in placed or []:
                del self.auditor.orders[order.id]
            return False
        self.auditor.read(self.pit.reports, self.pit.now)
        for order in placed or []:
            self.auditor.judge_end(order)
        return True

    def photograph(self) -> tuple[Any, ...]:
        """Everything that a refused command leaves as it was."""
        floor = self.pit.desk.floor
        book = floor.books[NAME]
        assert isinstance(book, Ladder)
        orders = [
            (one.id, one.status, one.quantity, one.held, one.ahead, one.amended)
            for one in floor.waiting.orders.values()
        ]
        offers = [(one.price, one.quantity, one.maker and one.maker.id) for one in self.offers(book)]
        return (
            [self.pit.has(owner, asset) for owner in OWNERS for asset in ("BTC", "USDT")],
            orders,
            offers,
            {*floor.waiting.lists},
        )

    def offers(self, book: Ladder) -> list[Any]:
        return [one for is_buy in (True, False) for one in book.list_offers(is_buy=is_buy, at=self.pit.now)]

    @rule(
        owner=owners,
        side=sides,
        quantity=quantities,
        price=prices,
        self_trade=modes,
        lasts=lasting,
        only_makes=st.booleans(),
    )
    def limit(self, owner: str, side: str, quantity: str, price: str, only_makes: bool, **more: Any) -> None:
        if only_makes:
            more |= {"type": OrderType.LIMIT_MAKER, "lasts": TimeInForce.GTC}
        self.place(self.pit.order(owner, side, quantity, price, **more))

    @rule(owner=owners, side=sides, quantity=quantities, amount=st.sampled_from([0, 0, 50, "333.33333333"]), mode=modes)
    def market(self, owner: str, side: str, quantity: str, amount: Any, mode: SelfTrade) -> None:
        size = {"amount": amount} if amount else {"quantity": quantity}
        self.place(self.pit.order(owner, side, self_trade=mode, **size))

    @rule(owner=owners, side=sides, quantity=quantities, kind=st.sampled_from(STOPS), data=st.data())
    def stop(self, owner: str, side: str, quantity: str, kind: OrderType, data: st.DataObject) -> None:
        price = data.draw(prices) if kind.has_limit else 0
        trailing = data.draw(st.sampled_from([0, 0, 50, 300]))
        trigger = 0 if trailing and data.draw(st.booleans()) else data.draw(prices)
        more = {"type": kind, "trigger": trigger, "trailing": trailing, "self_trade": data.draw(modes)}
        self.place(self.pit.order(owner, side, quantity, price, **more, lasts=data.draw(lasting)))

    def place(self, order: Order) -> None:
        self.auditor.expect([order], [], [])
        self.do(lambda: self.pit.desk.place(order, self.pit.now), [order])

    @rule(owner=owners, side=sides, kind=st.sampled_from(["oco", "oto", "otoco"]), quantity=quantities, data=st.data())
    def list_of_orders(self, owner: str, side: str, kind: str, quantity: str, data: st.DataObject) -> None:
        low, high = ("98", "102") if side == "sell" else ("102", "98")
        profit_price = data.draw(st.sampled_from([high, "100", "101.3333"]))
        limit = data.draw(st.sampled_from(["0", low, high, "99.5"]))
        loss_type = OrderType.STOP_LOSS_LIMIT if limit != "0" else OrderType.STOP_LOSS
        mode = data.draw(modes)
        profit = self.pit.order(owner, side, quantity, profit_price, type=OrderType.LIMIT_MAKER, self_trade=mode)
        loss = self.pit.order(owner, side, quantity, limit, type=loss_type, trigger=low, self_trade=mode)
        bound, working = [profit, loss], None
        if kind != "oco":
            opposite = data.draw(sides)
            working = self.pit.order(
                owner, opposite, data.draw(quantities), data.draw(prices), self_trade=data.draw(modes)
            )
            bound = bound if kind == "otoco" else [data.draw(st.sampled_from(bound))]
        orders = [working, *bound] if working else bound
        self.auditor.expect(orders, bound if working else [], bound if len(bound) > 1 else [])
        number = self.pit.number_list(orders)
        for order in orders:
            self.auditor.orders[order.id].list_id = number
        self.do(lambda: self.pit.desk.place_list(self.pit.make_list(number, bound, working), self.pit.now), orders)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if not (waiting := list(self.pit.desk.floor.waiting.orders.values())):
            return
        order = data.draw(st.sampled_from(waiting))
        held = sum(one.held for one in waiting if one is order or (order.list_id and one.list_id == order.list_id))
        asset = "USDT" if order.is_buy else "BTC"
        free = self.free(order.owner, asset)
        same = [one for one in waiting if one.list_id == order.list_id and one.is_buy is not order.is_buy and one.held]
        self.do(lambda: self.pit.desk.cancel(order.owner, NAME, self.pit.now, number=order.id))
        assert order.is_cancelled and (same or self.free(order.owner, asset) - free == held)

    def free(self, owner: str, asset: str) -> Decimal:
        return self.pit.has(owner, asset)[0]

    @rule(owner=owners)
    def cancel_all(self, owner: str) -> None:
        if self.do(lambda: self.pit.desk.cancel_all(owner, NAME, self.pit.now)):
            assert not self.pit.desk.floor.waiting.own(owner, NAME)
            assert self.pit.has(owner, "BTC")[1] == self.pit.has(owner, "USDT")[1] == 0

    @rule(quantity=quantities, data=st.data())
    def amend(self, quantity: str, data: st.DataObject) -> None:
        if not (waiting := list(self.pit.desk.floor.waiting.orders.values())):
            return
        order = data.draw(st.sampled_from(waiting))
        was = {number: seen.quantity for number, seen in self.auditor.orders.items()}
        self.auditor.expect_amended(order, Fraction(quantity))
        if not self.do(lambda: self.pit.desk.amend(order, Decimal(quantity), self.pit.now)):
            for number, before in was.items():
                self.auditor.orders[number].quantity = before

    @rule(quantity=quantities, price=prices, mode=modes, data=st.data())
    def replace(self, quantity: str, price: str, mode: SelfTrade, data: st.DataObject) -> None:
        if not (waiting := list(self.pit.desk.floor.waiting.orders.values())):
            return
        order = data.draw(st.sampled_from(waiting))
        successor = self.pit.order(order.owner, "buy" if order.is_buy else "sell", quantity, price, self_trade=mode)
        self.auditor.expect([successor], [], [])
        if self.do(lambda: self.pit.desk.replace(order, successor, self.pit.now), [successor]):
            assert order.is_cancelled and not order.held

    @rule(bids=shown, asks=shown)
    def show(self, bids: dict[str, str], asks: dict[str, str]) -> None:
        if bids and asks and max(map(Decimal, bids)) >= min(map(Decimal, asks)):
            asks = {}
        for is_bid, quotes in ((True, bids), (False, asks)):
            self.auditor.expect_shown(is_bid, {Fraction(p): Fraction(q) for p, q in quotes.items()}, self.pit.now)
        self.do(lambda: self.pit.show(bids, asks))

    @rule(price=prices, quantity=quantities, hits_bids=st.booleans())
    def print(self, price: str, quantity: str, hits_bids: bool) -> None:
        self.auditor.expect_print(Fraction(price), Fraction(quantity), hits_bids)
        self.do(lambda: self.pit.print(price, quantity, hits_bids=hits_bids))

    @rule()
    def wait(self) -> None:
        self.pit.now += timedelta(seconds=61)

    @invariant()
    def money_is_where_the_auditor_has_it(self) -> None:
        assert not any(self.pit.ledger.totals().values())
        locked = self.auditor.locked()
        for owner in OWNERS:
            for asset in ("BTC", "USDT", "BNB"):
                free, held = self.pit.has(owner, asset)
                assert free >= 0 and held == locked.get((owner, asset), 0), (owner, asset, held)
                assert free + held == self.auditor.has[owner, asset]

    @invariant()
    def the_same_orders_wait(self) -> None:
        floor = self.pit.desk.floor
        assert floor.waiting.orders.keys() == {number for number, seen in self.auditor.orders.items() if seen.is_open}
        assert floor.waiting.lists.keys() == {one.list_id for one in floor.waiting.orders.values() if one.list_id}
        resting = {number for number, seen in self.auditor.orders.items() if seen.in_book}
        book = floor.books[NAME]
        assert isinstance(book, Ladder) and {one.maker.id for one in self.offers(book) if one.maker} == resting


Lives.TestCase.settings = settings(
    max_examples=LIVES,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
TestLives = pytest.mark.timeout(0)(Lives.TestCase)

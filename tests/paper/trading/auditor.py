"""An auditor who reads commands and reports alone, counts in fractions, and shares no arithmetic with the trading core."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from paper.trading.orders import Kind, Order, OrderType, Report, SelfTrade, Status, TimeInForce

EIGHTH = 10**8
FORGOTTEN = timedelta(seconds=60)
STOPS = {OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT}
ENDED = {Kind.CANCELED: Status.CANCELED, Kind.EXPIRED: Status.EXPIRED}


@dataclass
class Seen:
    """An order as the auditor knows it."""

    order: Order  # only for what never changes: its owner, side, type, prices
    quantity: Fraction
    list_id: int
    is_pending: bool  # for another of its list
    is_alone: bool = True
    filled: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    prevented: Fraction = Fraction(0)
    status: Status | None = None  # not reported yet
    came: int = 0  # when it was new, triggered or activated
    in_book: bool = False

    @property
    def left(self) -> Fraction:
        if self.order.amount:  # of the quote: there is no telling
            return Fraction(self.is_open)
        return self.quantity - self.filled - self.prevented

    @property
    def is_open(self) -> bool:
        return self.status in (Status.PENDING, Status.NEW, Status.PARTIALLY_FILLED)

    def needs(self) -> Fraction:
        if not self.is_open or self.status is Status.PENDING:
            return Fraction(0)
        cost = self.left * Fraction(self.order.price or self.order.trigger) * EIGHTH
        return Fraction(-(-cost.numerator // cost.denominator), EIGHTH) if self.order.is_buy else self.left


@dataclass
class Shown:
    """A price that the market has displayed."""

    shown: Fraction = Fraction(0)
    taken: Fraction = Fraction(0)
    at: datetime | None = None

    def available(self, at: datetime) -> Fraction:
        if self.at and at - self.at >= FORGOTTEN:
            self.taken, self.at = Fraction(0), None
        return max(Fraction(0), self.shown - self.taken)


class Auditor:
    """What everybody has and which orders wait, by the reports alone."""

    def __init__(self) -> None:
        self.has: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
        self.orders: dict[int, Seen] = {}
        self.market: dict[bool, defaultdict[Fraction, Shown]] = {is_bid: defaultdict(Shown) for is_bid in (True, False)}
        self._count = 0
        self._printed: tuple[Fraction, Fraction, bool] | None = None

    def expect(self, orders: list[Order], pending: list[Order], bound: list[Order]) -> None:
        """These are about to be placed; `bound`: one of them ends the other."""
        for one in orders:
            is_alone = one not in bound
            self.orders[one.id] = Seen(one, Fraction(one.quantity), one.list_id, one in pending, is_alone)

    def expect_shown(self, is_bid: bool, quotes: dict[Fraction, Fraction], at: datetime) -> None:
        """The market is about to show this on one side."""
        side = self.market[is_bid]
        last = (min if is_bid else max)(quotes, default=None)
        for price in {*side, *quotes}:
            level = side[price]
            level.available(at)
            if price in quotes:
                level.shown = quotes[price]
                level.taken = min(level.taken, level.shown)
            elif last is not None and (price > last if is_bid else price < last):
                level.shown = level.taken = Fraction(0)
            else:
                level.shown = Fraction(0)

    def expect_print(self, price: Fraction, quantity: Fraction, hits_bids: bool) -> None:
        """The market is about to trade."""
        self._printed = (price, quantity, hits_bids)

    def expect_amended(self, order: Order, quantity: Fraction) -> None:
        """An order, and what it is bound to, is about to have another quantity."""
        for one in self._bound(self.orders[order.id]):
            one.quantity = quantity

    def _bound(self, seen: Seen) -> list[Seen]:
        if seen.is_alone:
            return [seen]
        return [one for one in self.orders.values() if one.list_id == seen.list_id and one.is_open and not one.is_alone]

    def read(self, reports: list[Report], at: datetime) -> None:
        """Follow what happened in one command."""
        sides = Counter(one.fill.id for one in reports if one.fill)
        takers = {one.fill.id: self.orders[one.order.id] for one in reports if one.fill and not one.fill.is_maker}
        for report in reports:
            seen = self.orders[report.order.id]
            assert seen.status is None or seen.is_open, f"{report.kind} of an order that had ended"
            self._count += 1
            if report.fill:
                taker = takers.get(report.fill.id)
                self._judge(seen, report, taker if sides[report.fill.id] == 2 else None, at)
                self._fill(seen, report)
            else:
                self._change(seen, report)
            assert report.status is seen.status and report.filled == seen.filled and report.cost == seen.cost
            assert seen.order.amount or seen.filled + seen.prevented <= seen.quantity
            assert (seen.status is Status.FILLED) <= (seen.left == 0)
            assert seen.left or not seen.is_open
        self._printed = None
        for seen in self.orders.values():
            waits_for_price = seen.order.type in STOPS and not seen.in_book and seen.came == 0
            seen.in_book = seen.is_open and seen.status is not Status.PENDING and not waits_for_price
            if seen.status is Status.EXPIRED and not seen.is_alone:
                assert all(one.filled or (one.order.type in STOPS and one.came) for one in self._bound(seen)), (
                    "both wait"
                )

    def _change(self, seen: Seen, report: Report) -> None:
        match report.kind:
            case Kind.NEW:
                seen.status = Status.PENDING if seen.is_pending else Status.NEW
            case Kind.TRIGGERED | Kind.ACTIVATED:
                seen.status = Status.NEW if seen.status is Status.PENDING else seen.status
            case Kind.PREVENTED:
                self._prevent(seen, report)
            case Kind.CANCELED | Kind.EXPIRED:
                seen.status = ENDED[report.kind]
        is_stop = seen.order.type in STOPS
        if report.kind is Kind.TRIGGERED or (report.kind in (Kind.NEW, Kind.ACTIVATED) and not is_stop):
            seen.came = self._count

    def _prevent(self, seen: Seen, report: Report) -> None:
        match = report.prevented
        assert match is not None
        maker, taker = self.orders[match.maker], self.orders[match.taker]
        assert maker.order.owner == taker.order.owner and taker.order.self_trade is not SelfTrade.NONE
        assert match.price == maker.order.price
        seen.prevented += Fraction(match.maker_quantity if seen is maker else match.taker_quantity)
        if not seen.left or (seen.order.amount and report.status is Status.EXPIRED_IN_MATCH):
            seen.status = Status.EXPIRED_IN_MATCH

    def _fill(self, seen: Seen, report: Report) -> None:
        fill, order = report.fill, seen.order
        assert fill is not None
        quantity, cost = Fraction(fill.quantity), Fraction(fill.cost)
        assert quantity > 0 and cost == Fraction(int(quantity * Fraction(fill.price) * EIGHTH), EIGHTH)
        seen.filled, seen.cost = seen.filled + quantity, seen.cost + cost
        sign = 1 if order.is_buy else -1
        self.has[order.owner, "BTC"] += sign * quantity
        self.has[order.owner, "USDT"] -= sign * cost
        self.has[order.owner, fill.commission_asset] -= Fraction(fill.commission)
        seen.status = report.status if order.amount else Status.PARTIALLY_FILLED if seen.left else Status.FILLED

    def _judge(self, seen: Seen, report: Report, taker: Seen | None, at: datetime) -> None:
        """Whether nobody better came before, and the market gave no more than it had."""
        fill, order = report.fill, seen.order
        assert fill is not None and seen.status is not Status.PENDING
        price, quantity = Fraction(fill.price), Fraction(fill.quantity)
        assert not order.price or (price <= order.price if order.is_buy else price >= order.price)
        if not fill.is_maker:
            assert order.type is not OrderType.LIMIT_MAKER
            self._judge_prices(not order.is_buy, price, at, quantity if taker is None else None)
            return
        assert price == order.price
        for other in self.orders.values():
            if other.in_book and other.is_open and other is not seen and other.order.is_buy is order.is_buy:
                gains = Fraction(other.order.price) - price if order.is_buy else price - Fraction(other.order.price)
                assert gains < 0 or (gains == 0 and other.came > seen.came), "somebody stood before it"
        if taker:
            assert taker.order.owner != order.owner or taker.order.self_trade is SelfTrade.NONE
        elif self._printed:
            self._judge_print(order, price, quantity)
        else:
            self._cross(order, quantity, at)

    def _judge_prices(self, of_bids: bool, price: Fraction, at: datetime, of_market: Fraction | None) -> None:
        """Whether a taker got the best price there was, and the market could give what it gave."""
        for shown, level in self.market[of_bids].items():
            assert not (shown > price if of_bids else shown < price) or not level.available(at), "the market was better"
        for other in self.orders.values():
            if other.in_book and other.is_open and other.order.is_buy is of_bids:
                better = other.order.price > price if of_bids else other.order.price < price
                assert not better, "somebody was better"
        if of_market is not None:
            self._take(self.market[of_bids][price], of_market, at)

    def _take(self, level: Shown, quantity: Fraction, at: datetime) -> None:
        assert quantity <= level.available(at), "more than was shown"
        level.taken, level.at = level.taken + quantity, at

    def _judge_print(self, order: Order, price: Fraction, quantity: Fraction) -> None:
        assert self._printed is not None
        printed, rest, hits_bids = self._printed
        assert price > printed if order.is_buy and not hits_bids else price >= printed or not order.is_buy
        assert price < printed if not order.is_buy and hits_bids else price <= printed or order.is_buy
        assert quantity <= rest, "more than was traded"
        self._printed = (printed, rest - quantity, hits_bids)

    def _cross(self, order: Order, quantity: Fraction, at: datetime) -> None:
        side = self.market[not order.is_buy]
        for price in sorted(side, reverse=not order.is_buy):
            if quantity and (price <= order.price if order.is_buy else price >= order.price):
                part = min(quantity, side[price].available(at))
                if part:
                    self._take(side[price], part, at)
                quantity -= part
        assert not quantity, "more than crossed it"

    def locked(self) -> dict[tuple[str, str], Fraction]:
        """What is locked of everybody's."""
        found: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
        groups: defaultdict[tuple[int, bool], list[Seen]] = defaultdict(list)
        for number, seen in self.orders.items():
            if seen.is_open:
                groups[(number, True) if seen.is_alone else (seen.list_id, False)].append(seen)
        for group in groups.values():
            order = group[0].order
            found[order.owner, "USDT" if order.is_buy else "BTC"] += max(one.needs() for one in group)
        return found

    def judge_end(self, order: Order) -> None:
        """What an order's words promise of it, once its command is done."""
        seen = self.orders[order.id]
        if order.lasts is TimeInForce.FOK and seen.came:
            assert seen.filled in (0, seen.quantity) and not seen.is_open
        if order.lasts is TimeInForce.IOC and seen.came:
            assert not seen.is_open
        if order.type is OrderType.MARKET:
            assert not seen.is_open
        if order.amount:
            assert order.quantity == seen.filled + seen.prevented and seen.cost <= order.amount

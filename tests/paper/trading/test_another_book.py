"""The ladder beside nanobook, an order book in Rust that shares nothing with it: the same orders, the same trades."""

import random

import nanobook
import pytest

from paper.trading.orders import SelfTrade, TimeInForce
from tests.paper.trading.pit import Pit

ORDERS = 2_000
KINDS = [*[TimeInForce.GTC] * 3, TimeInForce.IOC, TimeInForce.FOK]
OWNERS = [f"Owner {number}" for number in range(200)]  # so many that hardly anybody meets himself


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_orders_make_the_same_trades_one_by_one(seed: int) -> None:
    draw, pit, peer = random.Random(seed), Pit(), nanobook.Exchange()
    for owner in OWNERS:
        pit.fund(owner, BTC=10**9, USDT=10**12)
    numbers: dict[int, int] = {}
    for index in range(ORDERS):
        is_buy, price, quantity = draw.random() < 0.5, 10_000 + draw.randint(-15, 15), draw.randint(1, 50)
        side, lasts = ("buy" if is_buy else "sell"), draw.choice(KINDS)
        order = pit.place(OWNERS[index % len(OWNERS)], side, quantity, price, lasts=lasts, self_trade=SelfTrade.NONE)
        numbers[order.id] = peer.submit_limit(side, price, quantity, lasts.value).order_id

    fills = [one.fill for one in pit.reports if one.fill]
    takers, makers = ([one for one in fills if one.is_maker is is_maker] for is_maker in (False, True))
    ours = [
        (numbers[taker.order], numbers[maker.order], int(taker.price), int(taker.quantity))
        for taker, maker in zip(takers, makers, strict=True)
    ]
    theirs = [(one.aggressor_order_id, one.passive_order_id, one.price, one.quantity) for one in peer.trades()]
    assert len(ours) > ORDERS // 3
    assert ours == theirs

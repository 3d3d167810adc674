"""Orders on margin of a classic account: through whole runs to their end, and what their rows say of who gave them."""

from decimal import Decimal as D
from typing import Any

import pytest

from finance.records import FillMarket
from monitor.exchanges.bitget import fills, margin_orders
from monitor.exchanges.contract import Pair
from tests.exchanges.test_order_hours import KEY, PASSPHRASE, SECRET, STORY, WITH, live
from tests.venue import Opener as VenueOpener
from tests.worker import Opener

PAIR = Pair(symbol="BTCUSDT", base="BTC", quote="USDT")
ROW = {"symbol": "BTCUSDT", "orderType": "limit", "orderId": "1111506377509580801", "clientOid": "mine", "loanType": "normal",
       "price": "25000", "side": "buy", "status": "live", "baseSize": "0.0002", "quoteSize": "5", "priceAvg": "0", "size": "0",
       "amount": "0", "cTime": "1772324077966", "uTime": "1772324077966"}  # fmt: skip
TRADE = {"orderId": "1", "tradeId": "2", "orderType": "market", "priceAvg": "64000", "size": "0.01", "amount": "640",
         "tradeScope": "taker", "cTime": "1772324077966"}  # fmt: skip
STATES = "select market, side, type, state, executed_quantity from order_revisions where market <> 'spot' order by id"
AGREE = """
    select o.state, o.executed_quantity = abs(f.quantity) and o.executed_quote = abs(f.cost) as agrees
    from order_revisions o
    join (
      select account_id, market, symbol, order_id, sum(base_quantity) as quantity, sum(quote_quantity) as cost
      from fills
      group by 1, 2, 3, 4
    ) f on (f.account_id, f.market, f.symbol, f.order_id) = (o.account_id, o.market, o.symbol, o.exchange_id)
    where o.state = 'filled' and o.market <> 'spot'
    """
MARKETS = ("cross_margin", "isolated_margin")


def test_orders_on_margin_are_followed_to_their_end(open_venue: VenueOpener, open_worker: Opener) -> None:
    passphrase = f"passphrase {PASSPHRASE}"
    story = STORY.format(name="bitget classic", key=KEY, secret=SECRET, passphrase=passphrase)
    venue = open_venue(story + "".join(f"+2m transfer 2000 USDT from spot to {market}\n" for market in MARKETS))
    worker = open_worker(venue)
    worker.add_at("bitget", "Ann", WITH)
    worker.run(venue.now())

    live(worker, venue, *(f"buy 0.01 BTCUSDT on {market}" for market in MARKETS))
    live(worker, venue, *(f"limit buy 0.02 BTCUSDT at 20000 on {market}" for market in MARKETS))
    assert [tuple(row.values()) for row in worker.rows(STATES) if row["type"] == "limit"] == [
        (market, "buy", "limit", "open", 0) for market in MARKETS
    ]
    live(worker, venue, "fill 0.005 BTCUSDT")
    live(worker, venue, "fill BTCUSDT", "cancel BTCUSDT")

    told = [f"{row['market']} {row['type']} {row['state']}" for row in worker.rows(STATES)]
    assert sorted(one for one in told if not one.endswith("open")) == [
        *("cross_margin limit filled", "cross_margin limit partially_filled", "cross_margin market filled"),
        *("isolated_margin limit cancelled", "isolated_margin market filled"),
    ]
    assert worker.rows("select * from open_orders") == []
    assert [tuple(row.values()) for row in worker.rows(AGREE)] == [("filled", True)] * 3


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, ("buy", "limit", "open", D("0.0002"), None, D(25000))),
        ({"status": "partial_fill", "size": "0.0001", "amount": "2.5"}, ("buy", "limit", "partially_filled", D("0.0002"), None, D(25000))),
        ({"status": "reject"}, ("buy", "limit", "rejected", D("0.0002"), None, D(25000))),
        ({"orderType": "market", "baseSize": "", "quoteSize": "40"}, ("buy", "market", "open", None, D(40), None)),
        ({"orderType": "market", "side": "liquidation-sell", "status": "filled"}, ("sell", "liquidation", "filled", D("0.0002"), None, None)),
        ({"orderType": "market", "side": "systemRepay-selll", "status": "filled"}, ("sell", "market", "filled", D("0.0002"), None, None)),
    ],
)  # fmt: skip
def test_a_row_says_what_was_asked_for_and_who_gave_it(row: dict[str, str], said: tuple[Any, ...]) -> None:
    """The last word is spelled so in the documentation."""
    order = margin_orders.read_order(ROW | row, market="cross_margin", pair=PAIR)
    assert (order.side, order.type, order.state, order.quantity, order.quote_quantity, order.price) == said
    assert (order.market, order.executed_quantity) == ("cross_margin", D(row.get("size", "0")))


@pytest.mark.parametrize("word", ["liquidation_sell", "system_repay_sell", "liquidation-sell", "systemRepay-sell"])
def test_what_the_exchange_sold_is_a_trade_like_any_other(word: str) -> None:
    (fill,) = fills.read_trade(TRADE | {"side": word}, market=FillMarket.CROSS_MARGIN, pair=PAIR)
    assert (fill.base_quantity, fill.quote_quantity) == (D("-0.01"), D(640))

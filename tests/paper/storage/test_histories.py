"""The past in SQL is the past in lists, part by part; and whoever reads for an account sees its own rows alone."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from paper.engine.changes import Changes
from paper.engine.days import end_days
from paper.engine.remembering import Remembering
from paper.engine.venue import Venue
from paper.histories.listed import ListedHistories
from paper.histories.questions import Histories, Part
from paper.platform.opening import Platform
from paper.trading.orders import Order, OrderList, OrderType
from sql.rows import load_value
from tests.paper.platform.standing import join, stand
from tests.postgres import Server, open_database
from tests.venue import START

EVER = START - timedelta(days=9), START + timedelta(days=9)


class Both:
    """The venue's own journal, and one that remembers the same in lists."""

    def __init__(self, platform: Platform) -> None:
        self._stored, self._listed = platform.journal, Remembering(platform.venue.accounts, platform.venue.books)

    def require_room(self) -> None:
        self._stored.require_room()

    def write(self, changes: Changes) -> None:
        self._stored.write(changes)
        self._listed.write(changes)

    async def committed(self) -> None:
        await self._stored.committed()


@pytest.fixture(scope="module")
def told(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Platform, str, str]]:
    """A platform at which two owners have traded with the market and with each other, and these two."""
    with (
        open_database(server) as database,
        stand(database, Path(tmp_path_factory.mktemp("paper")), START) as platform,
    ):
        venue = platform.venue
        venue.journal = Both(platform)
        owners = [join(platform, START)[0] for _ in range(2)]
        for number in range(12):
            venue.clock.advance(timedelta(seconds=20))
            trade(venue, owners[number % 2], number)
        end_days(venue, START, START + timedelta(days=2))
        platform.journal.flush()
        yield platform, owners[0], owners[1]


def trade(venue: Venue, owner: str, number: int) -> None:
    """A purchase at the market's price, an order that rests, and a list, one of which is taken back."""
    now = venue.catch_up()
    price = venue.price("BTCUSDT", now)
    orders = [
        make(venue, owner, now, type=OrderType.MARKET, quantity=Decimal("0.002")),
        make(venue, owner, now, price=(price / 2).quantize(Decimal("0.01"))),
    ]
    for order in orders:
        venue.open_market.look_at("BTCUSDT", now)
        venue.note_trades(venue.open_market.desk.place(order, now), now, owner)
    if number % 4 < 2:
        above = make(
            venue, owner, now, type=OrderType.LIMIT_MAKER, is_buy=False, price=(price * 2).quantize(Decimal("0.01"))
        )
        below = make(
            venue, owner, now, type=OrderType.STOP_LOSS, is_buy=False, trigger=(price / 2).quantize(Decimal("0.01"))
        )
        found = OrderList(id=next(venue.numbers), owner=owner, symbol="BTCUSDT", client_id=f"l{number}", at=now, working=None,
                          others=[above, below])  # fmt: skip
        above.list_id = below.list_id = found.id
        venue.note_trades(venue.open_market.desk.place_list(found, now), now, owner, [found])
    if number % 3 == 0:
        venue.note_trades(venue.open_market.desk.cancel(owner, "BTCUSDT", now, orders[1].id), now, owner)


def make(venue: Venue, owner: str, now: datetime, **more: Any) -> Order:
    number = next(venue.numbers)
    said: dict[str, Any] = {"type": OrderType.LIMIT, "is_buy": True, "quantity": Decimal("0.001")} | more
    return Order(id=number, owner=owner, symbol="BTCUSDT", client_id=f"c{number}", at=now, changed_at=now, **said)


def plain(found: Any) -> Any:
    """What is told of it: rows without identity."""
    if isinstance(found, list | tuple):
        return [plain(one) for one in found]
    if isinstance(found, OrderList):
        return (found.id, found.client_id, found.at, plain(found.orders), found.is_done)
    if hasattr(found, "__slots__"):
        return {name: getattr(found, name) for name in found.__slots__ if name not in ("ahead", "best")}
    return found


def ask(histories: Histories, owner: str) -> dict[str, Any]:
    """All that may be asked of an owner's past."""
    numbers = [one.id for one in histories.orders(owner, "spot", "BTCUSDT", Part(most=1000))]
    since = START + timedelta(seconds=70)
    parts = [Part(most=3), Part(most=1000), Part(most=4, first=numbers[5]), Part(most=4, since=since),
             Part(most=100, since=since, until=since + timedelta(minutes=1)), Part(most=2, until=since)]  # fmt: skip
    return {
        "orders": [histories.orders(owner, "spot", "BTCUSDT", part) for part in parts],
        "others": histories.orders(owner, "spot", "ETHUSDT", parts[1]),
        "order": [histories.order(owner, "BTCUSDT", numbers[3], ""), histories.order(owner, "BTCUSDT", 0, f"c{numbers[2]}"),
                  histories.order(owner, "BTCUSDT", 10**9, "")],
        "open": histories.open_orders(owner),
        "fills": [histories.fills(owner, "spot", "BTCUSDT", part) for part in parts],
        "of one": histories.fills(owner, "spot", "BTCUSDT", parts[1], order=numbers[0]),
        "lists": [histories.order_lists(owner, part) for part in parts],
        "list": [histories.order_list(owner, 0, "l0"), histories.order_list(owner, 10**9, "")],
        "open lists": histories.open_lists(owner),
        "deposits": histories.deposits(owner, *EVER, EVER[1]),
        "withdrawals": histories.withdrawals(owner, *EVER),
        "days": histories.day_ends(owner),
    }  # fmt: skip


def test_both_histories_tell_the_same(told: tuple[Platform, str, str]) -> None:
    platform, *owners = told
    listed = ListedHistories(platform.venue.accounts)
    for owner in owners:
        expected, found = ask(listed, owner), ask(platform.venue.histories, owner)
        assert expected["fills"][1] and expected["lists"][1] and expected["days"] and expected["deposits"]
        for question, answer in expected.items():
            assert plain(found[question]) == plain(answer), question
    assert ask(listed, owners[0]) != ask(listed, owners[1])


@pytest.mark.parametrize(
    "table", ["orders", "fills", "order_lists", "deposits", "daily_balances", "places", "balances"]
)
def test_who_reads_for_an_account_sees_no_other(told: tuple[Platform, str, str], table: str) -> None:
    platform, first, _ = told
    histories = platform.venue.histories
    with histories._reader() as db:  # type: ignore[attr-defined]
        count = f"select count(*) from {table}"
        assert load_value(db, count) == 0
        with db.transaction():
            db.execute("select set_config('paper.account', %s, true)", [str(platform.venue.accounts[first].uid)])
            mine = load_value(db, count)
    assert 0 < mine < load_value(platform.journal._reign.db, count)

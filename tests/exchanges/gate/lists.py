"""Gate's lists, as a server gives them: what a row of each is, how it is asked for, and how many rows it gives at most."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.exchanges.gate.readers import MAIN
from tests.exchanges.gate.server import Query

UNTIL = datetime(2026, 11, 20, 12, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=20)
LONGEST = timedelta(days=30)
Row = dict[str, Any]


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def ms(at: datetime) -> int:
    return seconds(at) * 1000


@dataclass(slots=True, kw_only=True)
class History:
    """One list of the exchange: what a row of it is, and how it is asked for."""

    path: str
    limit: int
    row: Callable[[int, datetime], Row]
    paging: str = "page"  # or offset
    asked: str = ""  # a further parameter that chooses rows
    rows: list[tuple[datetime, Row]] = field(default_factory=list)

    def make(self, count: int, since: datetime = SINCE, until: datetime = UNTIL) -> None:
        """`count` rows in (since, until)."""
        step = (until - since) / (count + 1)
        moments = [(since + step * (n + 1)).replace(microsecond=0) for n in range(count)]
        self.rows = [(at, self.row(n, at)) for n, at in enumerate(moments)]

    def answer(self, query: Query) -> list[Row]:
        """A page, the newest first; of a choice that is not the first one nothing."""
        if self.asked and query.get(self.asked) not in ("withdraw", "platform"):
            return []
        limit = int(query["limit"])
        assert limit <= self.limit, "more rows than the exchange gives"
        first = (int(query["page"]) - 1) * limit if self.paging == "page" else int(query["offset"])
        if "from" not in query:
            chosen = self.rows
        else:
            assert int(query["to"]) - int(query["from"]) <= LONGEST.total_seconds(), "a window that is too wide"
            chosen = [(at, row) for at, row in self.rows if int(query["from"]) <= seconds(at) <= int(query["to"])]
        return [row for _, row in sorted(chosen, key=lambda one: one[0], reverse=True)][first : first + limit]


def moved(n: int, at: datetime) -> Row:
    return {"id": f"d{n}", "currency": "USDT", "amount": "5", "fee": "1", "txid": f"0x{n}", "timestamp": str(seconds(at)),
            "status": "PEND"}  # fmt: skip


def pushed(n: int, at: datetime) -> Row:
    return {"id": n, "currency": "USDT", "amount": "5", "create_time": seconds(at), "status": "RECEIVED"}


def between_subs(n: int, at: datetime) -> Row:
    number = f"c{n}" if n % 2 else ""
    return {"uid": MAIN, "sub_account": "7", "timest": str(seconds(at)), "currency": "USDT", "amount": "5",
            "direction": "to", "client_order_id": number, "status": "success"}  # fmt: skip


def booked(n: int, at: datetime) -> Row:
    return {
        "id": str(100 + n),
        "time": ms(at),
        "currency": "USDT",
        "change": "1",
        "balance": str(n + 1),
        "type": "airdrop",
    }


def of_contracts(n: int, at: datetime) -> Row:
    return {"time": f"{seconds(at)}.25", "change": "-1", "balance": str(9999 - n), "type": "fund", "contract": "LTC_USDT",
            "trade_id": "0", "text": ""}  # fmt: skip


def interest(n: int, at: datetime) -> Row:
    return {"currency": "USDT", "interest": f"0.{n + 1}", "status": 1, "create_time": ms(at), "type": "platform"}


def settled(n: int, at: datetime) -> Row:
    return {"id": n, "status": "SETTLEMENT_SUCCESS", "complete_time": seconds(at), "invest_amount": "1",
            "settlement_amount": "2", "invest_currency": "USDT", "settlement_currency": "USDT"}  # fmt: skip


def traded(n: int, at: datetime) -> Row:
    return {"id": str(n), "order_id": "1", "currency_pair": "LTC_USDT", "side": "buy", "amount": "1", "price": "5", "fee": "0",
            "fee_currency": "LTC", "create_time_ms": f"{ms(at)}.5"}  # fmt: skip


HISTORIES: dict[str, History] = {
    "deposits": History(path="/wallet/deposits", limit=500, row=moved, paging="offset"),
    "withdrawals": History(path="/wallet/withdrawals", limit=1000, row=moved, paging="offset"),
    "transfers between users": History(
        path="/wallet/push", limit=100, row=pushed, paging="offset", asked="transaction_type"
    ),
    "transfers with sub-accounts": History(
        path="/wallet/sub_account_transfers", limit=100, row=between_subs, paging="offset"
    ),
    "account book": History(path="/spot/account_book", limit=1000, row=booked),
    "trades": History(path="/spot/my_trades", limit=1000, row=traded),
    "account book of futures_usdt": History(
        path="/futures/usdt/account_book", limit=1000, row=of_contracts, paging="offset"
    ),
    "account book of futures_btc": History(
        path="/futures/btc/account_book", limit=1000, row=of_contracts, paging="offset"
    ),
    "account book of delivery": History(
        path="/delivery/usdt/account_book", limit=1000, row=of_contracts, paging="offset"
    ),
    "account book of options": History(path="/options/account_book", limit=1000, row=of_contracts, paging="offset"),
    "interest of Earn": History(path="/earn/uni/interest_records", limit=100, row=interest),
    "margin interest": History(path="/margin/uni/interest_records", limit=100, row=interest),
    "interest of the unified account": History(path="/unified/interest_records", limit=100, row=interest, asked="type"),
    "settled dual investments": History(path="/earn/dual/orders", limit=100, row=settled),
}

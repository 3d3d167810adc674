"""The past as lists, which accounts keep in memory."""

from collections.abc import Collection, Mapping
from datetime import datetime

from paper.histories.accounts import Account, Deposit, Withdrawal
from paper.histories.questions import DayEnd, Newest, Part
from paper.trading.orders import Fill, Order, OrderList, PreventedMatch, Status


class ListedHistories:
    """The histories of accounts that remember everything themselves."""

    is_stored = False

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts

    def orders(self, owner: str, wallet: str, symbol: str, part: Part) -> list[Order]:
        """Orders of a market and a pair."""
        return part.choose([one for one in self._accounts[owner].list_orders(wallet) if one.symbol == symbol])

    def order(self, owner: str, symbol: str, number: int, client_id: str) -> Order | None:
        """The order of a number, or the last one of a client's id."""
        for one in reversed(self._accounts[owner].list_orders()):
            is_named = one.id == number if number else one.client_id == client_id
            if symbol in ("", one.symbol) and is_named and client_id in ("", one.client_id):
                return one
        return None

    def newest_orders(self, owner: str, wanted: Newest, statuses: Collection[Status] = ()) -> list[Order]:
        """Orders in spot, the newest first."""
        own = [one for one in self._accounts[owner].list_orders() if wanted.symbol in ("", one.symbol)]
        return wanted.choose([one for one in own if not statuses or one.status in statuses])

    def open_orders(self, owner: str) -> list[Order]:
        """Orders in spot that wait."""
        return [one for one in self._accounts[owner].list_orders() if one.waits]

    def newest_fills(self, owner: str, wanted: Newest) -> list[Fill]:
        """Fills in spot, the newest first."""
        own = [one for one in self._accounts[owner].fills if one.market == "spot"]
        return wanted.choose([one for one in own if wanted.symbol in ("", one.symbol)])

    def fills(self, owner: str, wallet: str, symbol: str, part: Part, order: int = 0) -> list[Fill]:
        """Fills of a market and a pair, or those of one order."""
        found = [one for one in self._accounts[owner].fills if (one.symbol, one.market) == (symbol, wallet)]
        return part.choose([one for one in found if order in (0, one.order)])

    def prevented_matches(self, owner: str, symbol: str, order: int = 0) -> list[PreventedMatch]:
        """Trades of a pair with itself that an account was kept from, or those of one order."""
        found = [one for one in self._accounts[owner].prevented if one.symbol == symbol]
        return [one for one in found if order in (0, one.taker, one.maker)]

    def order_lists(self, owner: str, part: Part) -> list[OrderList]:
        """Lists of orders."""
        return part.choose(self._accounts[owner].lists)

    def order_list(self, owner: str, number: int, client_id: str) -> OrderList | None:
        """The list of a number, or the last one of a client's id."""
        for found in reversed(self._accounts[owner].lists):
            is_named = found.id == number if number else found.client_id == client_id
            if is_named and client_id in ("", found.client_id):
                return found
        return None

    def open_lists(self, owner: str) -> list[OrderList]:
        """Lists of which an order waits."""
        return [one for one in self._accounts[owner].lists if not one.is_done]

    def deposits(self, owner: str, since: datetime, until: datetime, now: datetime) -> list[Deposit]:
        """Deposits that came inside a time and are shown by now."""
        return [d for d in self._accounts[owner].deposits if since <= d.inserted_at <= until and d.shown_at <= now]

    def withdrawals(self, owner: str, since: datetime, until: datetime) -> list[Withdrawal]:
        """Withdrawals that were applied for inside a time."""
        return [w for w in self._accounts[owner].withdrawals if since <= w.applied_at <= until]

    def day_ends(self, owner: str) -> list[DayEnd]:
        """What was in spot at the ends of the last days."""
        return list(self._accounts[owner].days)

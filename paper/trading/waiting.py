"""Orders that wait, found by number, by owner and symbol, and by the ids that their owners gave them."""

from collections import Counter, defaultdict
from collections.abc import Collection

from paper.trading.orders import Order, OrderList


class Waiting:
    """All of one venue. Nothing of it takes longer the more of them wait."""

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.lists: dict[int, OrderList] = {}  # that have an order which waits
        self.symbols: Counter[str] = Counter()  # how many wait, by symbol
        self._own: defaultdict[str, defaultdict[str, dict[int, Order]]] = defaultdict(lambda: defaultdict(dict))
        self._triggered: Counter[tuple[str, str]] = Counter()  # how many of these wait for a trigger
        self._named: dict[tuple[str, str], Order] = {}  # by owner and his id
        self._own_lists: defaultdict[str, dict[int, OrderList]] = defaultdict(dict)  # by owner

    def add(self, order: Order) -> None:
        """Take in an order."""
        pair = (order.owner, order.symbol)
        self.orders[order.id] = self._own[order.owner][order.symbol][order.id] = order
        self.symbols[order.symbol] += 1
        if order.type.is_triggered:
            self._triggered[pair] += 1
        if order.client_id:
            self._named[order.owner, order.client_id] = order

    def remove(self, order: Order) -> None:
        """Let go of an order, if it is here."""
        if self.orders.pop(order.id, None) is None:
            return
        pair = (order.owner, order.symbol)
        own = self._own[order.owner]
        own[order.symbol].pop(order.id)
        if not own[order.symbol]:
            del own[order.symbol]
        self.symbols[order.symbol] -= 1
        if not self.symbols[order.symbol]:
            del self.symbols[order.symbol]
        if order.type.is_triggered:
            self._triggered[pair] -= 1
        if order.client_id:
            self._named.pop((order.owner, order.client_id), None)

    def rename(self, order: Order, client_id: str) -> None:
        """Give an order another id of its owner's."""
        self._named.pop((order.owner, order.client_id), None)
        order.client_id = client_id
        self._named[order.owner, client_id] = order

    def own(self, owner: str, symbol: str) -> Collection[Order]:
        """What an owner has waiting at a symbol, the oldest first."""
        return self._own[owner][symbol].values() if symbol in self.own_symbols(owner) else ()

    def own_symbols(self, owner: str) -> Collection[str]:
        """The symbols at which an owner has something waiting."""
        return self._own[owner].keys() if owner in self._own else ()

    def count_triggered(self, owner: str, symbol: str) -> int:
        """How many of these wait for a trigger."""
        return self._triggered[owner, symbol]

    def named(self, owner: str, client_id: str) -> Order | None:
        """The order to which its owner gave an id."""
        return self._named.get((owner, client_id))

    def add_list(self, found: OrderList) -> None:
        """Take in a list."""
        self.lists[found.id] = self._own_lists[found.owner][found.id] = found

    def remove_list(self, found: OrderList) -> None:
        """Let go of a list, if it is here."""
        if self.lists.pop(found.id, None):
            self._own_lists[found.owner].pop(found.id)

    def own_lists(self, owner: str) -> Collection[OrderList]:
        """What an owner has of lists."""
        return self._own_lists[owner].values() if owner in self._own_lists else ()

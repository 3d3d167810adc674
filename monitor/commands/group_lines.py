"""The orders of a trade as `trades show` prints them, and the stop that was known at its entry."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from finance.decimals import plain
from finance.order_groups import GroupedOrder
from finance.order_roles import RoleSource
from finance.trade_notes import TradeNote
from monitor.commands.columns import align, as_price
from monitor.trading.store.grouped import Ending

SOURCES = {
    RoleSource.NOTE: "as you said",
    RoleSource.EXCHANGE: "by the exchange",
    RoleSource.CLIENT_ID: "by its name",
    RoleSource.PLAN: "by a plan",
    RoleSource.LEGACY: "by the older system",
    RoleSource.INFERRED: "inferred from its price",
    RoleSource.UNKNOWN: "nothing says for what",
}
COLUMNS = ("role", "price", "order", "known")


class Stop(NamedTuple):
    """The stop that was known at a trade's entry, and from where."""

    price: Decimal | None
    source: RoleSource | None
    is_said: bool  # its price is the owner's word

    @classmethod
    def of(cls, note: TradeNote, ending: Ending | None) -> "Stop":
        """The owner's word, or else what orders and plans show."""
        if note.stop:
            return cls(note.stop, RoleSource.NOTE, True)
        return cls(ending.stop, ending.stop_source, False) if ending else cls(None, None, False)

    def describe(self) -> list[str]:
        """A line, where it is not among the owner's words."""
        if self.is_said or self.price is None or self.source is None:
            return []
        return [f"  stop at its entry {as_price(self.price)}, {SOURCES[self.source]}"]


def describe_group(group: Sequence[GroupedOrder]) -> list[str]:
    """A table of orders with their roles, and an empty line; nothing where no order is known."""
    rows = [
        (
            one.role.name,
            "" if one.price is None else as_price(one.price),
            f"with {one.order_id}" if one.is_preset else one.order_id,
            SOURCES[one.source],
        )
        for one in group
    ]
    return [*(f"  {line}" for line in align([COLUMNS, *rows], ("role", "order", "known"))), ""] if rows else []


def order_json(one: GroupedOrder) -> dict[str, object]:
    """An order of a trade, every digit."""
    return {
        "order": one.order_id,
        "symbol": one.symbol or None,
        "role": one.role.name,
        "source": str(one.source),
        "price": None if one.price is None else plain(one.price),
        "is_preset": one.is_preset,
    }

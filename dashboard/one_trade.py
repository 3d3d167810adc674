"""Which trade an id stands for."""

from collections.abc import Sequence

from dashboard.errors import BadChoice, NotThere
from dashboard.history.trade_rows import TradeRow


def pick_trade(found: Sequence[TradeRow], name: str) -> TradeRow:
    """The one of those that have the id `name`. Raises NotThere for none, and BadChoice where several accounts have one."""
    if not found:
        raise NotThere(
            f"There is no trade {name} here. A rebuilt history may begin with another one: look at all of them."
        )
    if len(found) > 1:
        accounts = ", ".join(f"account={one.account_id}" for one in found)
        raise BadChoice(f"Several accounts have a trade {name}. Say whose is meant: {accounts}.")
    return found[0]

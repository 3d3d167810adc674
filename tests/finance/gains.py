"""An hour's gains by themselves, without trades."""

from collections.abc import Mapping
from decimal import Decimal

from finance.attribution.events import Standing
from finance.attribution.explanation import Explanation, Gains, sum_amounts
from finance.attribution.gains import HourlyGains, book_changes, open_inventories


def compute_gains(
    explained: Explanation, before: Standing, after: Standing, costs: Mapping[str, Decimal] | None
) -> Gains:
    """Those of the explained hour; `costs` are those of what `before` holds, without them the history begins here."""
    inventories = open_inventories(before, costs)
    hours = HourlyGains(inventories, before, costs)
    return hours.end_hour(sum_amounts(book_changes(inventories, explained.changes).values()), after)

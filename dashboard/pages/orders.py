"""Orders: what waits now, and what was ordered in a period and what has become of it."""

from dashboard.frame import Frame
from dashboard.history.orders import NEWEST, SORTS, load_counts, load_orders, load_unread, load_waiting
from dashboard.listing import find_sheet, order_by
from dashboard.page import Model, Page
from dashboard.periods import EPOCH
from sql.rows import Db

MOST_WAITING = 50  # that are shown above the list


def make_orders(db: Db, frame: Frame) -> Model:
    """What waits, and one page of the period's list."""
    view, bounds = frame.view, frame.bounds
    if view.period.key == "all":
        bounds = EPOCH, bounds[1]  # orders of before the first valued hour belong to the list, too
    sheet = find_sheet(view)
    found = load_orders(
        db,
        frame.account_id,
        bounds,
        limit=sheet.limit,
        skip=sheet.skip,
        find=view.find,
        order=order_by(view, "orders", SORTS, NEWEST),
        zone=view.zone,
    )
    waiting = load_waiting(db, frame.account_id, MOST_WAITING + 1)
    return {
        "waiting": waiting[:MOST_WAITING],
        "has_more_waiting": len(waiting) > MOST_WAITING,
        "orders": found[: view.rows],
        "has_more": len(found) > view.rows,
        "counts": load_counts(db, frame.account_id, bounds),
        "unread": load_unread(db, frame.account_id),
    }


ORDERS = Page(name="orders", title="Orders", path="/orders", make=make_orders, needs_history=False)

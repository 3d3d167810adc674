"""Flows: the ledger of money in and out, with the price each was valued at, pending ones, and corrections."""

from dashboard.frame import Frame
from dashboard.history.accounts import load_transfers
from dashboard.history.flows import COLUMNS, NEWEST, load_flows, load_revisions, load_sums
from dashboard.listing import find_sheet, order_by
from dashboard.page import Model, Page
from dashboard.periods import EPOCH
from sql.rows import Db

MOST_TRANSFERS = 100


def make_flows(db: Db, frame: Frame) -> Model:
    """One sheet of the period's ledger, its sums, and what was corrected."""
    since, through = frame.bounds
    if frame.view.period.key == "all":
        since = EPOCH  # what came before the first valued hour belongs to the ledger, too
    view, sheet = frame.view, find_sheet(frame.view)
    order = order_by(view, "flows", COLUMNS, NEWEST)
    found = load_flows(
        db,
        frame.account_id,
        since,
        through,
        limit=sheet.limit,
        skip=sheet.skip,
        find=view.find,
        order=order,
        currency=frame.currency,
        zone=frame.view.zone,
    )
    return {
        "flows": found[: view.rows],
        "has_more": len(found) > view.rows,
        "sums": load_sums(db, frame.account_id, since, through, frame.currency),
        "transfers": load_transfers(db, frame.account_id, MOST_TRANSFERS, frame.currency, since, through),
        "revisions": load_revisions(db, frame.account_id, since),
    }


FLOWS = Page(name="flows", title="Flows", path="/flows", make=make_flows, needs_history=False)

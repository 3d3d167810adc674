"""Flows: the ledger of money in and out, with the price each was valued at, pending ones, and corrections."""

from dashboard.frame import Frame
from dashboard.history.flows import load_flows, load_revisions, load_sums
from dashboard.page import Model, Page
from dashboard.periods import EPOCH
from sql.rows import Db

SHEET = 50


def make_flows(db: Db, frame: Frame) -> Model:
    """One sheet of the period's ledger, its sums, and what was corrected."""
    window = frame.span.window if frame.span else None
    since = window.since if window else EPOCH
    through = window.through if window else None
    if frame.view.period.key == "all":
        since = EPOCH  # what came before the first valued hour belongs to the ledger, too
    found = load_flows(db, frame.account_id, since, through, limit=SHEET + 1, skip=SHEET * (frame.view.sheet - 1))
    return {
        "flows": found[:SHEET],
        "has_more": len(found) > SHEET,
        "sums": load_sums(db, frame.account_id, since, through),
        "revisions": load_revisions(db, frame.account_id, since),
    }


FLOWS = Page(name="flows", title="Flows", path="/flows", make=make_flows, needs_history=False)

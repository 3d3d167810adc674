"""Why an hour that stands may lack something all the same, and whether quantities show that it does."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from finance.decimals import ZERO, total
from finance.flow_values import ValuedFlow
from finance.hidden_flows import find_hidden
from finance.observed import COUNTED
from finance.prices import VALUATION_ASSET
from finance.valuation import Valuation, sum_quantities
from monitor.database import Db
from monitor.exchanges.sources import SourceReading, SourceState
from monitor.ledger.store.events import load_moves, load_standings
from monitor.performance.store.history import load_last_valued
from monitor.snapshots.unread import Judged


def list_caveats(histories: Iterable[SourceReading], judged: Judged) -> list[str]:
    """What is refused, where neither the exchange's totals nor anything else says that it hides nothing."""
    refused = [f"{h.source}: {h.problem}" for h in histories if h.state is SourceState.REFUSED]
    return [*refused, *judged.caveats]


def tell_hidden(
    db: Db,
    account_id: int,
    valuation: Valuation,
    prices: Mapping[str, Decimal],
    flows: Iterable[ValuedFlow],
    until: datetime,
) -> str:
    """Why an hour with caveats has no figure: what changed since the last valued one, and nothing explains; or nothing."""
    last = load_last_valued(db, account_id, taken_until=until)
    if last is None:
        return ""
    before = load_standings(db, account_id, [last.hour])[last.hour]
    profit = ((asset, -amount) for asset, amount in before.unrealised.items())
    held = sum_quantities([*before.quantities.items(), *profit, (VALUATION_ASSET, -before.counted)])
    counted = total(h.balance.quantity for h in valuation.holdings if h.wallet.startswith(COUNTED))
    found = sum_quantities(
        (h.asset, h.balance.quantity - h.balance.unrealised)
        for h in valuation.holdings
        if not h.wallet.startswith(COUNTED)
    )
    moves = [(flow.entry.asset, flow.entry.quantity) for flow in flows]
    moves += [(move.asset, move.quantity) for move in load_moves(db, account_id, last.taken_at, until)]
    hidden = find_hidden(held, found, moves, prices, counted=total([counted, -before.counted]))
    if hidden == ZERO:
        return ""
    return (
        f"{hidden:+,.2f} {VALUATION_ASSET} came or went since {last.taken_at:%Y-%m-%d %H:%M} UTC that nothing explains; "
        "what is refused may hide it. If it was money in or out, say so: python -m monitor flow add"
    )

"""Money, times and flows in few words, for tables of cases."""

from datetime import UTC, datetime
from decimal import Decimal

from finance.benchmark import BenchmarkConfig, Rebalance
from finance.ledger_entries import LedgerEntry
from finance.records import FlowKind, FlowState

D = Decimal
FIFTY_FIFTY = (("BTC", D("0.5")), ("ETH", D("0.5")))


def at(text: str) -> datetime:
    """A UTC time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def config(
    rebalance: Rebalance = Rebalance.NEVER, weights: tuple[tuple[str, Decimal], ...] = FIFTY_FIFTY
) -> BenchmarkConfig:
    """A benchmark."""
    return BenchmarkConfig(id=1, account_id=1, name="x", weights=weights, rebalance=rebalance, is_default=True)


def flow(text: str, when: str, number: int = 1) -> LedgerEntry:
    """A counted flow, as in "+0.5 BTC" or "-100 USDT fee 1"."""
    words = text.split()
    quantity = D(words[0])
    moment = at(when)
    return LedgerEntry(
        id=number,
        account_id=1,
        kind=FlowKind.DEPOSIT if quantity > 0 else FlowKind.WITHDRAWAL,
        exchange_id=str(number),
        state=FlowState.COUNTED,
        asset=words[1],
        amount=abs(quantity),
        fee=D(words[3]) if len(words) > 2 else D(0),
        requested_at=moment,
        occurred_at=moment,
        first_seen_at=moment,
    )

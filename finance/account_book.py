"""All trades and fees of an account, in coins and in contracts: booked and taken out together, hour after hour."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from finance.attribution.explanation import Explanation, Gain
from finance.contract_book import ContractBook
from finance.contract_hours import ContractHour, ContractSums
from finance.trade_book import TradeBook
from finance.trades import Fee, Trade, TradeMove


class BookedRows(NamedTuple):
    """What was booked: moves and fees in order, and the trades that have changed."""

    moves: Sequence[TradeMove]
    fees: Sequence[Fee]
    trades: Sequence[Trade]


class AccountBook:
    """An account's trades; those in contracts from the reading on from which their fills are known."""

    def __init__(self, coins: TradeBook, contracts: ContractBook | None = None) -> None:
        self.coins, self.contracts = coins, contracts

    def book(
        self, explained: Explanation, hour: ContractHour | None = None
    ) -> tuple[Mapping[Gain, Decimal], ContractSums]:
        """Take in an hour, and what happened to contracts in it; returns what coins that went have gained, and what contracts made."""
        if self.contracts is None or hour is None:
            return self.coins.book(explained.changes, explained.through), ContractSums()
        sums, known = self.contracts.book(hour), len(self.coins.fees)
        gains = self.coins.book(explained.changes, explained.through, self.contracts.bearers)
        for fee in self.coins.fees[known:]:
            self.contracts.pay(fee)
        return gains, sums

    def take_rows(self) -> BookedRows:
        """What was booked since the rows were taken last."""
        moves, fees, trades = self.coins.take_rows()
        in_moves, in_trades = self.contracts.take_rows() if self.contracts else ([], [])
        return BookedRows([*moves, *in_moves], fees, [*trades, *in_trades])

    @property
    def open(self) -> list[Trade]:
        """The trades that are open once the rows were taken, in the order in which they were opened."""
        found = [*self.coins.trades.values(), *(self.contracts.trades.values() if self.contracts else ())]
        return sorted(found, key=lambda one: (one.opened_at, one.id))

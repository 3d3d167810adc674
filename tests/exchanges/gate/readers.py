"""What the worker reads of each of Gate's answers, by the reader that it uses."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

from finance.records import ContractQuery, FlowKind, IncomeKind
from monitor.exchanges.gate import (
    book,
    closed_positions,
    contract_books,
    contract_orders,
    deposits,
    earn,
    fills,
    futures,
    interest,
    key,
    margin,
    orders,
    spot,
    totals,
    transfers,
    triggers,
    unified,
)
from monitor.exchanges.http.fields import a_list

Reader = Callable[[object], Any]
KEY = "c5dcfbf1f3a70123456789abcdef0123"
MAIN = "10001"
SINCE, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)
QUERY = ContractQuery(wallet=futures.USDT_FUTURES, symbol="LTC_USDT", since=SINCE, until=UNTIL)
DELIVERED = ContractQuery(wallet=futures.DELIVERY, symbol="LTC_USDT_20240324", since=SINCE, until=UNTIL)
MULTIPLIERS = {"LTC_USDT": Decimal("0.1"), "BTC_USD": Decimal(1)}


def read_positions(answer: object, settle: str = "USDT") -> Any:
    """The positions that are open."""
    return [
        futures.read_position(row, settle, MULTIPLIERS)
        for row in futures.read_positions(answer)
        if futures.is_open(row)
    ]


def told_by_book(answer: object) -> Any:
    """What only the account book tells, and all of its rows."""
    rows = book.read_book(answer)
    return {"rows": rows, "told": book.read_reported(rows)}


def told_by_contracts(answer: object, wallet: str = futures.USDT_FUTURES) -> Any:
    """What a book of contracts tells."""
    return contract_books.read_income(contract_books.read_book(answer, coin="USDT"), wallet, wallet)


def of_contracts(read: Callable[[Any, str, Any], Any], answer: object) -> Any:
    """What is read of the rows of contracts."""
    return [read(row, futures.USDT_FUTURES, MULTIPLIERS) for row in a_list(answer)]


READERS: dict[str, Reader] = {
    "/account/detail": key.read_uid,
    "/account/main_keys": partial(key.read_permissions, key=KEY),
    "/unified/unified_mode": unified.read_mode,
    "/unified/accounts": unified.read_accounts,
    "/wallet/total_balance": partial(totals.read_totals, mode="classic"),
    "/spot/accounts": spot.read_accounts,
    "/margin/accounts": margin.read_isolated,
    "/margin/cross/accounts": margin.read_cross,
    "/futures/usdt/accounts": futures.read_account,
    "/options/accounts": futures.read_options,
    "/futures/usdt/positions": read_positions,
    "/futures/usdt/contracts/LTC_USDT": futures.read_multiplier,
    "/earn/uni/lends": earn.read_lending,
    "/earn/dual/orders": lambda answer: [*earn.read_dual(answer), *interest.read_settled(answer)],
    "/earn/structured/orders": earn.read_structured,
    "/earn/staking/assets": earn.read_staking,
    "/loan/collateral/orders": earn.read_loans,
    "/loan/multi_collateral/orders": earn.read_multi_loans,
    "/wallet/deposits": deposits.read_deposits,
    "/wallet/withdrawals": deposits.read_withdrawals,
    "/wallet/push": partial(transfers.read_pushes, kind=FlowKind.TRANSFER_OUT),
    "/wallet/sub_account_transfers": partial(transfers.read_sub_transfers, uid=MAIN),
    "/spot/account_book": told_by_book,
    "/futures/usdt/account_book": told_by_contracts,
    "/options/account_book": partial(told_by_contracts, wallet=futures.OPTIONS),
    "/earn/uni/interest_records": partial(interest.read_interest, kind=IncomeKind.EARN_INTEREST, wallet=earn.LENDING),
    "/margin/uni/interest_records": partial(
        interest.read_interest, kind=IncomeKind.MARGIN_INTEREST, wallet=margin.ISOLATED
    ),
    "/unified/interest_records": partial(
        interest.read_interest, kind=IncomeKind.MARGIN_INTEREST, wallet=unified.UNIFIED
    ),
    "/spot/my_trades": fills.read_trades,
    "/spot/open_orders": orders.read_open,
    "/spot/orders": orders.read_orders,
    "/spot/price_orders": lambda answer: [triggers.read_spot(row) for row in a_list(answer)],
    "/futures/usdt/orders": partial(of_contracts, contract_orders.read_order),
    "/futures/usdt/orders_timerange": partial(of_contracts, contract_orders.read_order),
    "/futures/usdt/price_orders": partial(of_contracts, triggers.read_contract),
    "/futures/usdt/my_trades_timerange": partial(
        fills.read_contract_trades, query=QUERY, multiplier=Decimal("0.1"), is_hedged=False
    ),
    "/futures/usdt/position_close": partial(closed_positions.read_closed, query=QUERY),
    "/delivery/usdt/settlements": partial(
        fills.read_settlements, query=DELIVERED, multiplier=Decimal("0.1"), is_hedged=False
    ),
    "/flash_swap/orders": fills.read_converts,
    "/wallet/small_balance_history": fills.read_dust,
}


def say(value: Any) -> Any:
    """What was read, as data: what is empty, and what is no part of the value (its raw row, its number), left out."""
    if is_dataclass(value):
        told = {
            field.name: say(getattr(value, field.name))
            for field in fields(value)
            if field.compare and field.name != "raw"
        }
        return {name: said for name, said in told.items() if said not in ("", "0", None, [])}
    if isinstance(value, (list, tuple)):
        return [say(one) for one in value]
    if isinstance(value, dict):
        return {str(name): say(one) for name, one in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value) if isinstance(value, Enum) else value

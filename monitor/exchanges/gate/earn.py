"""Earn and loans: what is lent, invested and staked, and what is borrowed against a pledge.

What is settled may stay in the lists, so the status says what still counts; one that nobody knows is believed to be held, and
said once. Staking by voucher (type 0) gives a coin of its own that lies in spot and counts there. What fixed-term Earn and
plans of auto-invest hold is in the exchange's total alone.
"""

import logging

from finance.decimals import ZERO, exact
from finance.observed import Balance
from monitor.exchanges.http.fields import Malformed, Row, a_list, amount, asset, text

LENDING, DUAL, STRUCTURED, STAKING, LOANS = "earn_lending", "dual_investment", "structured", "staking", "loans"
VOUCHERS = ("ETH2", "GT2", "GTETH")  # coins in spot that stand for what is staked
BY_VOUCHER = "0"
SETTLED = {
    DUAL: ("SETTLEMENT_SUCCESS", "CANCELED", "FAILED"),
    STRUCTURED: ("DONE", "FAILED"),
    LOANS: ("initial", "finished", "closed_liquidated"),
}
OPEN = {
    DUAL: ("INIT", "SETTLEMENT_PROCESSING"),
    STRUCTURED: ("SUCCESS",),
    LOANS: ("collateral_deducted", "collateral_returning", "lent", "repaying", "liquidating"),
}
Held = tuple[Balance, ...]  # by one row of a list
LOG = logging.getLogger(__name__)


@exact
def _lent(row: Row) -> Balance:
    whole, leaving = amount(row, "amount"), amount(row, "frozen_amount", default=ZERO)
    if leaving > whole:
        raise Malformed("more is being redeemed than is lent")
    return Balance(asset=asset(row, "currency"), free=whole - leaving, locked=leaving)


def read_lending(answer: object) -> list[Held]:
    """What is lent; `amount` has in it what is being redeemed."""
    return [(_lent(row),) for row in a_list(answer)]


def read_dual(answer: object) -> list[Held]:
    """What is invested in dual investment and not settled."""
    return [(_locked(row, "invest_currency", "invest_amount"),) if _counts(row, DUAL) else () for row in a_list(answer)]


def read_structured(answer: object) -> list[Held]:
    """What is locked in structured products."""
    return [(_locked(row, "lock_coin", "amount"),) if _counts(row, STRUCTURED) else () for row in a_list(answer)]


def read_staking(answer: object) -> list[Held]:
    """What is staked without a voucher, with what is being redeemed."""
    return [(_staked(row),) if text(row, "type") != BY_VOUCHER else () for row in a_list(answer)]


@exact
def _staked(row: Row) -> Balance:
    staked = amount(row, "mortgage_amount") + amount(row, "freeze_amount", default=ZERO)
    return Balance(asset=asset(row, "mortgage_coin"), free=ZERO, locked=staked)


def read_loans(answer: object) -> list[Held]:
    """Debt and pledge of each loan in one coin."""
    return [_read_loan(row) if _counts(row, LOANS) else () for row in a_list(answer)]


def _read_loan(row: Row) -> Held:
    pledge = _locked(row, "collateral_currency", "collateral_amount")
    return (pledge, _owed(row, "borrow_currency", "left_repay_total"))


def read_multi_loans(answer: object) -> list[Held]:
    """Debts and pledges of each loan in several coins."""
    return [_read_multi_loan(row) if _counts(row, LOANS) else () for row in a_list(answer)]


def _read_multi_loan(order: Row) -> Held:
    pledges = a_list(order.get("collateral_currencies"), "collateral_currencies")
    debts = a_list(order.get("borrow_currencies"), "borrow_currencies")
    return (
        *(_locked(row, "currency", "left_collateral") for row in pledges),
        *(_owed(row, "currency", "left_repay_principal", "left_repay_interest") for row in debts),
    )


def _locked(row: Row, coin: str, name: str) -> Balance:
    return Balance(asset=asset(row, coin), free=ZERO, locked=amount(row, name))


@exact
def _owed(row: Row, coin: str, *parts: str) -> Balance:
    return Balance(asset=asset(row, coin), free=ZERO, owed=sum((amount(row, part) for part in parts), ZERO))


def _counts(row: Row, what: str) -> bool:
    """Whether an order still holds something."""
    status = text(row, "status")
    if status not in SETTLED[what] and status not in OPEN[what]:
        LOG.warning("Gate shows a status of %s that nobody knows, counted as held: %s", what, status[:40])
    return status not in SETTLED[what]

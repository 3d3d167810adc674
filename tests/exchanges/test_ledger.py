"""A ledger's balances prove that no row is missing, whatever order rows of one moment come in."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from itertools import permutations

import pytest

from monitor.errors import ExchangeUnavailable
from monitor.exchanges.ledger import LedgerRow, follow_balances

START = datetime(2026, 3, 1, tzinfo=UTC)


def row(number: int, size: str, balance: str, *, after: int = 0, fee: str = "0", asset: str = "USDT") -> LedgerRow:
    """A row `after` so many seconds."""
    at = START + timedelta(seconds=after)
    return LedgerRow(
        exchange_id=str(number), asset=asset, size=D(size), fee=D(fee), balance=D(balance), occurred_at=at, word="any"
    )


TWINS = (row(3, "-40", "60"), row(1, "100", "100"), row(2, "-10", "50"))


@pytest.mark.parametrize("order", list(permutations(TWINS)))
def test_rows_of_one_moment_follow_each_other(order: tuple[LedgerRow, ...]) -> None:
    after = (row(9, "5", "55", after=1),)

    followed = follow_balances((*order, *after), "Reading it", is_fee_beside=False)

    assert [moved for _, moved in followed] == [100, -40, -10, 5]


@pytest.mark.parametrize(
    ("balance", "moved"), [("90", D(-10)), ("89", D(-11))], ids=["the fee is inside", "the fee is beside"]
)
def test_the_balances_tell_whether_a_fee_is_inside(balance: str, moved: D) -> None:
    rows = (row(1, "100", "100"), row(2, "-10", balance, after=1, fee="-1"))

    assert follow_balances(rows, "Reading it", is_fee_beside=False)[1][1] == moved


def test_a_first_row_moved_what_is_declared() -> None:
    rows = (row(1, "-10", "90", fee="-1"),)

    assert [follow_balances(rows, "it", is_fee_beside=beside)[0][1] for beside in (False, True)] == [-10, -11]


def test_many_alike_in_one_moment_are_no_puzzle() -> None:
    rows = [row(number, "0", "100") for number in range(200)]

    with pytest.raises(ExchangeUnavailable):
        follow_balances([*rows, row(201, "1", "102")], "it", is_fee_beside=False)


@pytest.mark.parametrize("missing", [1, 2])
def test_a_missing_row_is_found(missing: int) -> None:
    rows = [row(1, "100", "100"), row(2, "-10", "90", after=1), row(3, "7", "97", after=2), row(4, "1", "98", after=3)]
    del rows[missing]

    with pytest.raises(ExchangeUnavailable, match="a row is missing"):
        follow_balances(rows, "Reading it", is_fee_beside=False)


def test_assets_have_balances_of_their_own_and_a_row_counts_once() -> None:
    rows = (row(1, "1", "1"), row(2, "5", "5", asset="BTC"), row(1, "1", "1"), row(4, "2", "3", after=1))

    assert [moved for _, moved in follow_balances(rows, "it", is_fee_beside=False)] == [5, 1, 2]

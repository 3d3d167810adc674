"""Cost and gains of one asset: published cases, and laws that hold for any bookings by every method."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finance.inventory import Inventory, Lot, Method
from tests.monitor.notation import D

AVERAGE, FIFO, LIFO, HIFO = Method
EXACT = Context(prec=200)
Booking = tuple[Decimal, Decimal]  # units and their value


def trades(text: str) -> list[Booking]:
    """Units and prices, as in "+2 at 75.8, -1 at 85.73"."""
    pairs = (pair.split(" at ") for pair in text.split(", "))
    return [(D(units), D(units) * D(price)) for units, price in pairs]


def amounts(text: str) -> list[Booking]:
    """Units and what was paid or got for all of them, as in "+109 for 3149.20, -15 for 531.50"."""
    pairs = (pair.split(" for ") for pair in text.split(", "))
    return [(D(units), D(value).copy_sign(D(units))) for units, value in pairs]


def book(method: Method, bookings: Sequence[Booking]) -> tuple[Inventory, Decimal]:
    """The inventory after `bookings` and the gain of all of them."""
    inventory = Inventory(method)
    with localcontext(EXACT):
        gain = sum((inventory.book(*booking) for booking in bookings), D(0))
    return inventory, gain


# Portfolio Performance d26a30f, CostCalculationTest: testFifoBuySellTransactions and testFifoBuySellTransactions2.
ONE_SALE_FIRST = amounts("+109 for 3149.20, -15 for 531.50, +52 for 1684.92, +32 for 959.30")
ONE_SALE_LAST = amounts("+109 for 3149.20, +52 for 1684.92, -15 for 531.50")


@pytest.mark.parametrize(
    ("bookings", "method", "cost"),
    [
        (ONE_SALE_FIRST, FIFO, "5360.04"),
        (ONE_SALE_FIRST, AVERAGE, "5360.04"),
        (ONE_SALE_LAST, FIFO, "4400.74"),
        (ONE_SALE_LAST, AVERAGE, "4383.74"),
    ],
)
def test_cost_is_that_of_portfolio_performance(bookings: list[Booking], method: Method, cost: str) -> None:
    assert round(book(method, bookings)[0].cost, 2) == D(cost)


@pytest.mark.parametrize("method", Method)
def test_nothing_is_left_of_the_cost_of_what_is_gone(method: Method) -> None:
    """Portfolio Performance, CostCalculationTest.testThatRoundingDifferencesAreRemovedIfZeroSharesHeld: 1 cent for 10."""
    inventory, gain = book(method, amounts("+10 for 0.01, -3 for 0.01, -3 for 0.01, -4 for 0.01"))
    assert (inventory.quantity, inventory.cost, inventory.lots, gain) == (0, 0, (), D("0.02"))


# Ghostfolio c542997, portfolio-calculator-*.spec.ts with the activities of test/import/ok; gross of fees.
@pytest.mark.parametrize(
    ("bookings", "quantity", "cost", "gain"),
    [
        ("-1 at 44558.42, -1 at 46737.48", "-2", "-91295.90", "0"),  # btcusd-short: average price 45647.95
        ("+2 at 75.8, -1 at 85.73", "1", "75.80", "9.93"),  # novn-buy-and-sell-partially: 21.93 with 12.00 unrealised
        ("+2 at 142.9, -1 at 136.6, -1 at 136.6", "0", "0", "-12.6"),  # baln-buy-and-sell-in-two-activities
        ("+9 at 209.45, -9 at 210, +10 at 204.11, -10 at 208.01", "0", "0", "43.95"),  # jnug
    ],
)
def test_cost_and_gains_are_those_of_ghostfolio(bookings: str, quantity: str, cost: str, gain: str) -> None:
    inventory, gained = book(AVERAGE, trades(bookings))
    assert (inventory.quantity, inventory.cost, gained) == (D(quantity), D(cost), D(gain))


# rp2 eb2a368, input/test_hifo2.ods, asset B2, in the order of time.
RP2 = trades(
    "+59 at 3, +486 at 12, -246.7210203 at 11, +1 at 13, +9 at 2, +85 at 1, +31 at 20, +72 at 28, -3.44934058 at 29, "
    "+18 at 26, +97 at 25, +52 at 10, -13.18924158 at 9, +53 at 7, +81 at 6, -27.32555644 at 4, -13.66776282 at 5, "
    "+3 at 8, +34 at 30, +4 at 40, -16.88820448 at 34, -16.88999542 at 35, -16.42478947 at 37, +48 at 39, "
    "-15.37571299 at 43, +31 at 41, -3.13513969 at 42, +32 at 38, +34 at 33, -17.18297715 at 32, +3 at 36"
)


@pytest.mark.parametrize(
    ("method", "gain"), [(FIFO, "2074.06221992"), (LIFO, "236.52328369"), (HIFO, "-1302.66567181")]
)
def test_gains_are_those_of_rp2(method: Method, gain: str) -> None:
    """input/golden/generic/test_hifo2_generic_*_rp2_full_report.ods, "Gain / Loss Summary" of B2."""
    assert book(method, RP2)[1] == D(gain)


def test_which_units_go_first() -> None:
    bookings = trades("+1 at 100, +1 at 300, +1 at 200, -1 at 250")
    gains = {method: book(method, bookings)[1] for method in Method}
    assert gains == {AVERAGE: 50, FIFO: 150, LIFO: 50, HIFO: -50}
    assert [lot.cost for lot in book(HIFO, bookings)[0].lots] == [200, 100]


@pytest.mark.parametrize("method", Method)
def test_through_zero_the_first_part_closes_and_the_rest_opens(method: Method) -> None:
    """2 bought at 100, 5 sold at 130: 2 gain 30 each, 3 are short at 130."""
    inventory, gain = book(method, trades("+2 at 100, -5 at 130"))
    assert (inventory.quantity, inventory.cost, gain) == (-3, -390, 60)


units = st.decimals("-1000", "1000", places=8, allow_nan=False)
values = st.decimals("-1000000", "1000000", places=10, allow_nan=False)
booked = st.lists(st.tuples(units, values), max_size=25)
prices = st.decimals("0.01", "100000", places=6, allow_nan=False)
traded = st.lists(st.tuples(units, prices), max_size=25).map(lambda found: [(u, u * p) for u, p in found])


@settings(max_examples=60, deadline=None)
@given(booked)
def test_the_gain_and_the_cost_are_all_that_was_booked_by_every_method(bookings: list[Booking]) -> None:
    """Whatever the values: nothing is lost in rounding, and what is left has the cost of its lots."""
    with localcontext(EXACT):
        for method in Method:
            inventory, gain = book(method, bookings)
            assert (
                inventory.quantity
                == sum((u for u, _ in bookings), D(0))
                == sum((o.quantity for o in inventory.lots), D(0))
            )
            assert inventory.cost == sum((o.cost for o in inventory.lots), D(0))
            assert inventory.cost - gain == sum((v for _, v in bookings), D(0))
            assert all(lot.quantity * inventory.quantity > 0 for lot in inventory.lots)


@settings(max_examples=60, deadline=None)
@given(traded, st.sampled_from(Method))
def test_short_is_long_with_its_signs_turned(bookings: list[Booking], method: Method) -> None:
    inventory, gain = book(method, bookings)
    mirrored, loss = book(method, [(-u, -v) for u, v in bookings])
    assert (mirrored.quantity, mirrored.cost, loss) == (-inventory.quantity, -inventory.cost, -gain)


@settings(max_examples=60, deadline=None)
@given(traded, st.sampled_from(Method), st.integers(0, 24), st.integers(1, 9))
def test_one_fill_in_two_pieces_gains_the_same(bookings: list[Booking], method: Method, at: int, tenths: int) -> None:
    """But for the last of the 18 decimals, by which a cost is divided once more."""
    with localcontext(EXACT):
        pieces = [(u * s / 10, v * s / 10) for u, v in bookings[at : at + 1] for s in (tenths, 10 - tenths)]
        whole, gain = book(method, bookings)
        cut, same = book(method, [*bookings[:at], *pieces, *bookings[at + 1 :]])
        assert cut.quantity == whole.quantity
        assert abs(cut.cost - whole.cost) == abs(same - gain) <= D("1e-16")


@settings(max_examples=40, deadline=None)
@given(traded, st.integers(0, 24))
def test_average_cost_goes_on_from_quantity_and_cost_alone(bookings: list[Booking], at: int) -> None:
    """What is stored of an hour is enough for the next one."""
    whole, gain = book(AVERAGE, bookings)
    first, before = book(AVERAGE, bookings[:at])
    again = Inventory(AVERAGE, first.quantity, first.cost)
    with localcontext(EXACT):
        after = sum((again.book(*booking) for booking in bookings[at:]), D(0))
        assert (again.quantity, again.cost, before + after) == (whole.quantity, whole.cost, gain)


def test_a_cost_that_is_divided_is_rounded_half_to_even() -> None:
    third = (D(100) / 3).quantize(D("1e-18"), ROUND_HALF_EVEN)
    inventory, gain = book(AVERAGE, amounts("+3 for 100, -1 for 50"))
    assert (inventory.cost, gain) == (100 - third, 50 - third)


def test_a_lot_is_divided_without_a_digit_lost() -> None:
    lot = Lot(D(3), D("100.00000000000000000001"))  # more digits than a share has
    assert lot.divide(D(1)) == (Lot(D(1), D("33.333333333333333333")), Lot(D(2), D("66.66666666666666666701")))
    assert lot.divide(D(3)) == (lot, Lot(D(0), D(0)))

"""Quantities rebuilt backwards: laws, contradictions, and times of open positions."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.flow_values import Move, ValuationPrice
from monitor.recovery.daily_records import Midnight, bracket_unrecorded
from monitor.recovery.reconstruction import Booking, find_open_spans, reconstruct_hours, value_reconstructed

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = [START + number * HOUR for number in range(6)]
END = START + 6 * HOUR
ASSETS = st.sampled_from(["BTC", "ETH", "USDT"])
AMOUNTS = st.builds(
    lambda sign, size: Decimal(sign * size).scaleb(-18),
    st.sampled_from([1, -1]),
    st.integers(10**15, 5 * 10**18),
)
MOVES = st.lists(
    st.builds(
        lambda minutes, asset, quantity: Move(at=START + timedelta(minutes=minutes), asset=asset, quantity=quantity),
        st.integers(0, 359),
        ASSETS,
        AMOUNTS,
    ),
    min_size=1,
    max_size=12,
).map(lambda moves: sorted(moves, key=lambda move: move.at))
FIRST = {"BTC": Decimal(100), "ETH": Decimal(100), "USDT": Decimal(100)}


def held_before(moves: list[Move], moment: datetime) -> dict[str, Decimal]:
    """Forwards: what there is at first and everything that moved before `moment`."""
    held = defaultdict[str, Decimal](Decimal, FIRST)
    for move in moves:
        if move.at < moment:
            held[move.asset] += move.quantity
    return {asset: quantity for asset, quantity in held.items() if quantity}


@given(moves=MOVES)
def test_going_back_meets_every_hour_of_going_forward(moves: list[Move]) -> None:
    rebuilt = reconstruct_hours(held_before(moves, END), moves, HOURS, start=FIRST, may_owe=False)

    assert rebuilt.contradiction == ""
    assert rebuilt.hours == {hour: held_before(moves, hour) for hour in HOURS}
    assert rebuilt.start == FIRST


@given(moves=MOVES, hidden=st.integers(0, 11))
def test_a_move_that_nobody_tells_is_always_noticed_between_two_readings(moves: list[Move], hidden: int) -> None:
    told = [move for number, move in enumerate(moves) if number != hidden % len(moves)]
    rebuilt = reconstruct_hours(held_before(moves, END), told, HOURS, start=FIRST, may_owe=True)

    missing = moves[hidden % len(moves)]
    assert f"{missing.quantity.normalize():+f} {missing.asset} came or went" in rebuilt.contradiction


def test_more_spent_than_there_was_is_noticed_without_an_earlier_reading() -> None:
    bought = Move(at=START + HOUR, asset="BTC", quantity=Decimal(1))
    moves = [bought]  # and half of it was sent away later, unrecorded

    rebuilt = reconstruct_hours({"BTC": Decimal("0.5")}, moves, HOURS, start=None, may_owe=False)

    assert "before 2026-03-01 01:00:00 UTC there would be -0.5 BTC" in rebuilt.contradiction
    assert reconstruct_hours({"BTC": Decimal("0.5")}, moves, HOURS, start=None, may_owe=True).contradiction == ""


def test_what_exchanges_round_is_no_contradiction() -> None:
    bought = Move(at=START + HOUR, asset="BTC", quantity=Decimal("1.00000001"))

    assert reconstruct_hours({"BTC": Decimal(1)}, [bought], HOURS, start={}, may_owe=False).contradiction == ""
    assert (
        reconstruct_hours({"BTC": Decimal("0.99999999")}, [bought], HOURS, start={}, may_owe=False).contradiction != ""
    )


def test_what_exchanges_round_is_nothing_at_the_beginning() -> None:
    bought = Move(at=START + HOUR, asset="BTC", quantity=Decimal("0.99999999"))

    rebuilt = reconstruct_hours({"BTC": Decimal(1)}, [bought], HOURS, start=None, may_owe=False)
    assert rebuilt.start == {}
    assert rebuilt.hours == {hour: {} if hour <= bought.at else {"BTC": 1} for hour in HOURS}
    assert reconstruct_hours({"BTC": Decimal("1.00000001")}, [bought], HOURS, start=None, may_owe=False).start != {}


def booked(minutes: int) -> Booking:
    return Booking(symbol="BTCUSDT", at=START + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("bookings", "before", "after", "open_at"),
    [
        ([], (), (), []),
        ([booked(90), booked(200)], (), (), [2, 3]),
        ([booked(60), booked(120)], (), (), [2]),  # what happens at the full hour is not yet done
        ([booked(90)], (), (), []),
        ([booked(90)], (), ("BTCUSDT",), [2, 3, 4, 5]),
        ([], (), ("BTCUSDT",), [1, 2, 3, 4, 5]),
        ([booked(200)], ("BTCUSDT",), (), [1, 2, 3]),
    ],
)
def test_a_position_may_be_open_from_its_first_booking_to_its_last(
    bookings: list[Booking], before: tuple[str, ...], after: tuple[str, ...], open_at: list[int]
) -> None:
    open_spans = find_open_spans(bookings, (START, END), before=before, after=after)

    assert [
        number for number, hour in enumerate(HOURS) if any(open_span.holds(hour) for open_span in open_spans)
    ] == open_at


def test_a_rebuilt_hour_without_a_price_has_no_nav() -> None:
    held = {"BTC": Decimal("-0.5"), "ETH": Decimal(0), "USDT": Decimal(100000)}
    prices = {asset: ValuationPrice(value=Decimal(price), route="") for asset, price in (("BTC", 60000), ("USDT", 1))}

    assert value_reconstructed(held, prices).problems == ("ETH has no price",)
    assert value_reconstructed(held, prices).nav is None
    prices["ETH"] = ValuationPrice(value=Decimal(3000), route="")
    whole = value_reconstructed(held, prices)
    assert (whole.nav, [h.asset for h in whole.holdings]) == (Decimal(70000), ["BTC", "USDT"])
    assert whole.holdings[0].balance.owed == Decimal("0.5")


def midnight(day: int, recorded: str, rebuilt: str, asset: str = "ETH") -> Midnight:
    return Midnight(
        at=START + timedelta(days=day), recorded={asset: Decimal(recorded)}, reconstructed={asset: Decimal(rebuilt)}
    )


SPAN = (START + timedelta(hours=20), START + timedelta(days=3, hours=9))
RECORDS = {
    "on the first day": ([midnight(1, "2", "2"), midnight(2, "2", "2"), midnight(3, "2", "2")], (SPAN[0], 1)),
    "on the second": ([midnight(1, "1.9", "2"), midnight(2, "2", "2"), midnight(3, "2", "2")], (1, 2)),
    "after the last": ([midnight(1, "1.9", "2"), midnight(2, "1.9", "2"), midnight(3, "1.9", "2")], (3, SPAN[1])),
    "a day without a record": ([midnight(1, "1.9", "2"), midnight(3, "2", "2")], (1, 3)),
    "came, went and came": ([midnight(1, "2", "2"), midnight(2, "1.9", "2"), midnight(3, "2", "2")], None),
    "another amount": ([midnight(1, "1.8", "2"), midnight(2, "2", "2"), midnight(3, "2", "2")], None),
    "another coin as well": ([midnight(1, "5", "6", "BNB"), midnight(2, "2", "2")], None),
}


@pytest.mark.parametrize("name", RECORDS)
def test_daily_records_say_between_which_midnights_a_coin_came(name: str) -> None:
    midnights, expected = RECORDS[name]
    found = bracket_unrecorded({"ETH": Decimal("0.1")}, midnights, SPAN)

    if expected is None:
        assert found == ()
    else:
        edges = [START + timedelta(days=client) if isinstance(client, int) else client for client in expected]
        assert [(one.asset, one.quantity, one.since, one.until) for one in found] == [("ETH", Decimal("0.1"), *edges)]

"""How far trades went against and for their owner: a worked example, and brute force over minutes."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.attribution.events import Event, Income
from finance.contract_hours import Booked
from finance.excursions import Candle, Excursion, find_excursion
from finance.records import ContractFill, IncomeKind
from finance.trades import Fee, Trade, TradeMove
from tests.finance import test_contract_trades as contracts
from tests.finance.test_trades import book, flow, trade
from tests.monitor.notation import D, at

MINUTE = timedelta(minutes=1)
BEGIN = at("2026-05-01 10:00")


def interest(text: str, minute: int) -> Income:
    units, asset = text.split()
    paid_at = at(f"2026-05-01 10:{minute:02}")
    return Income(kind=IncomeKind.MARGIN_INTEREST, asset=asset, quantity=-D(units), occurred_at=paid_at)


def rows(fills: Sequence[Event]) -> tuple[Trade, list[TradeMove], list[Fee]]:
    """The only trade of `fills`, its moves and fees."""
    found = book(fills)
    [one] = found.trades.values()
    return one, found.moves, found.fees


def candle(minute: int, low: str, high: str, close: str, minutes: int = 1) -> Candle:
    since = BEGIN + minute * MINUTE
    return Candle(since=since, until=since + minutes * MINUTE, low=D(low), high=D(high), close=D(close))


def test_a_long_trade() -> None:
    """Bought at 100, fell to 94, rose to 115, fell to 104, sold at 108: with a fee of 1 each, as one counts by hand."""
    found = find_excursion(
        *rows([trade("+1 BTC at 100", 2, "1 USDT"), trade("-1 BTC at 108", 9, "1 USDT")]),
        [
            candle(1, "1", "900", "100"),
            candle(2, "90", "120", "99"),  # before the purchase it was at 90: no part of the trade
            candle(3, "94", "100", "96"),
            candle(4, "95", "115", "110"),
            candle(5, "104", "112", "105"),
            candle(9, "80", "190", "85"),  # after the sale
        ],
    )
    assert found == Excursion(worst=D(-7), best=D(14), drawdown=D(20))


def test_a_short_trade_with_two_exits() -> None:
    fills = [trade("-2 BTC at 100", 0), trade("+1 BTC at 90", 4), trade("+1 BTC at 105", 8)]
    found = find_excursion(*rows(fills), [candle(2, "85", "110", "95"), candle(6, "80", "120", "100")])
    # at 85: 2 x 15; at 110: 2 x -10; 10 realised, then at 80: 10 + 20, at 120: 10 - 20
    assert found == Excursion(worst=D(-20), best=D(30), drawdown=D(50))


def test_interest_every_hour_hides_no_price_and_makes_the_debt_larger() -> None:
    """2 sold at 100; 0.1 of interest at 100 makes 2.1 of them: at 140 they cost 294, of which 210 were got or noted."""
    fills: list[Event] = [trade("-2 BTC at 100", 0), interest("0.1 BTC", 4), trade("+2.1 BTC at 90", 9)]
    found = find_excursion(*rows(fills), [candle(3, "60", "140", "100", 3), candle(6, "95", "130", "100", 3)])
    assert found == Excursion(worst=D("-94"), best=D(80), drawdown=D(174))  # at 60 before it, at 140 after it


def test_coins_that_leave_with_their_gain_are_no_loss() -> None:
    """One of two bought at 100 leaves at 200: with it what it was worth more, which nobody has lost."""
    happened: list[Event] = [trade("+2 BTC at 100", 0), flow("-1 BTC", 3, "-200"), trade("-1 BTC at 200", 6)]
    assert find_excursion(*rows(happened), [candle(1, "100", "200", "200")]) == Excursion(
        worst=D(0), best=D(200), drawdown=D(200)
    )
    assert find_excursion(*rows(happened), []) == Excursion(worst=D(0), best=D(200), drawdown=D(0))


def test_a_reward_has_no_price_of_its_own_and_hides_none() -> None:
    """It counts at its hour's closing price, 100, which the trade never saw."""
    reward = Income(kind=IncomeKind.DIVIDEND, asset="BTC", quantity=D(1), occurred_at=at("2026-05-01 10:04"))
    happened: list[Event] = [trade("+1 BTC at 50", 0), reward, trade("-2 BTC at 50", 9)]
    found = find_excursion(*rows(happened), [candle(3, "40", "60", "50", 3)])
    assert found == Excursion(worst=D(-70), best=D(10), drawdown=D(80))  # at 60 before it; at 40 two, of a cost of 150


def test_what_went_as_fees_of_other_trades_leaves_nothing_to_say() -> None:
    """Of 2 BNB one was sold and the other one paid the fees of bitcoins: when is not a matter of the trade's rows."""
    happened = [trade("+2 BNB at 5", 0), trade("+1 BTC at 100", 1, "0.95 BNB"), trade("-1.05 BNB at 5", 2)]
    found = book(happened)
    assert found.trades["f0"].closed_at
    moves = [move for move in found.moves if move.trade == "f0"]
    assert find_excursion(found.trades["f0"], moves, [], [candle(1, "4", "6", "5")]) is None


def rows_of_contract(*happened: ContractFill | Booked, price: str = "1") -> tuple[Trade, list[TradeMove], list[Fee]]:
    """The same of a contract; `price` is that of a bitcoin in the hour, in which some contracts settle."""
    life = contracts.Life()
    life.live(*happened, price=price)
    [one] = life.trades.values()
    return one, [*life.moves], life.fees


def test_a_contract_is_worth_what_it_settles_in_and_funding_is_part_of_its_path() -> None:
    """One bitcoin long at 100 for 2 of funding got and 1 of commission: at 94 it stood at 2 - 1 - 6."""
    found = find_excursion(
        *rows_of_contract(
            contracts.fill("+1 at 100", 2), contracts.commission("-1", "2"), contracts.funding("2", 3),
            contracts.fill("-1 at 108", 9),
        ),
        [candle(1, "1", "900", "100"), candle(2, "90", "120", "99"), candle(3, "94", "100", "96"), candle(4, "95", "115", "110", 5)],
    )  # fmt: skip
    assert found == Excursion(worst=D(-5), best=D(16), drawdown=D(20))  # 95 after 115


def test_the_coins_of_an_inverse_contract_count_at_its_own_price() -> None:
    """10 contracts of 100 dollars long at 100 are 10 coins: at 80 these are 800 dollars, at 125 they are 1,250. A quarter of a
    coin that is gained counts as its hour says."""
    fills = [
        contracts.fill("+10 at 100", 0, of=contracts.INVERSE),
        contracts.fill("-10 at 125", 9, of=contracts.INVERSE),
    ]
    found = find_excursion(*rows_of_contract(*fills, price="110"), [candle(3, "80", "120", "90", 3)])
    assert found == Excursion(worst=D(-200), best=D(220), drawdown=D(400))  # at 125 it gained 2 coins of 110


def test_a_contract_that_left_nobody_knows_how_has_no_path() -> None:
    life = contracts.Life()
    life.live(contracts.fill("+4 at 100", 1))
    life.live(until=120, held={})
    [one] = life.trades.values()
    assert one.closed_at and find_excursion(one, [*life.moves], [], [candle(2, "90", "110", "100")]) is None


prices = st.integers(min_value=50, max_value=150)
minutes = st.lists(st.tuples(prices, prices, prices), min_size=62, max_size=62)


@settings(max_examples=60, deadline=None)
@given(minutes, st.lists(prices, min_size=3, max_size=3), st.booleans())
def test_hours_without_a_fill_lose_nothing(
    closes: list[tuple[int, int, int]], quoted: list[int], is_short: bool
) -> None:
    """Ten minutes as one candle: the same best and worst point as brute force over the minutes, and no smaller drawdown."""
    sign, back = ("-", "+") if is_short else ("+", "-")
    fills = [
        trade(f"{sign}2 BTC at {quoted[0]}", 1),
        trade(f"{back}1 BTC at {quoted[1]}", 25),
        trade(f"{back}1 BTC at {quoted[2]}", 59),
    ]
    each, coarse = draw_candles(closes)
    given_rows = rows(fills)
    fine, found = find_excursion(*given_rows, each), find_excursion(*given_rows, coarse)

    assert found and fine
    assert (found.worst, found.best) == (fine.worst, fine.best) == brute_force(closes, quoted, -1 if is_short else 1)
    assert found.drawdown >= fine.drawdown


def draw_candles(closes: list[tuple[int, int, int]]) -> tuple[list[Candle], list[Candle]]:
    """Every minute, and the same with one candle for ten minutes where no fill is: at 1, 25 and 59 there is one."""
    each = [candle(n, str(min(three)), str(max(three)), str(three[2])) for n, three in enumerate(closes)]
    coarse = []
    for ten in range(0, 60, 10):
        inside = each[ten : ten + 10]
        if ten in (0, 20, 50):
            coarse += inside
            continue
        low, high = min(one.low for one in inside), max(one.high for one in inside)
        coarse.append(candle(ten, str(low), str(high), str(inside[-1].close), 10))
    return each, coarse


@settings(max_examples=60, deadline=None)
@given(minutes, st.lists(prices, min_size=3, max_size=3), st.booleans(), st.booleans())
def test_hours_without_a_fill_lose_nothing_of_a_contract(
    closes: list[tuple[int, int, int]], quoted: list[int], is_short: bool, is_inverse: bool
) -> None:
    """The same of contracts, with a commission, and funding as a candle of ten minutes begins."""
    sign, place = -1 if is_short else 1, contracts.INVERSE if is_inverse else contracts.LINEAR
    fills = [
        contracts.fill(f"{quantity * sign:+d} at {price}", minute, of=place)
        for quantity, price, minute in zip((2, -1, -1), quoted, (1, 25, 59), strict=True)
    ]
    costs = [
        contracts.booked(IncomeKind.FUTURES_COMMISSION, "-0.5", 1, of="1"),
        contracts.booked(IncomeKind.FUNDING_FEE, "-3", 30.01),
    ]
    given_rows = rows_of_contract(*fills, *costs, price="90")
    each, coarse = draw_candles(closes)
    fine, found = find_excursion(*given_rows, each), find_excursion(*given_rows, coarse)

    assert found and fine
    assert (found.worst, found.best) == (fine.worst, fine.best)
    expected = brute_force_of_contract(closes, quoted, sign, is_inverse=is_inverse)
    assert [round(Fraction(one), 12) for one in (found.worst, found.best)] == [round(one, 12) for one in expected]
    assert found.drawdown >= fine.drawdown


def brute_force_of_contract(
    closes: list[tuple[int, int, int]], quoted: list[int], sign: int, *, is_inverse: bool
) -> tuple[Fraction, Fraction]:
    """Every price of every minute, one by one; of an inverse contract in coins, gained ones worth 90."""
    first, second, third = map(Fraction, quoted)

    def gain(units: int, price: Fraction, coin: Fraction) -> Fraction:
        """Of units that were entered at `first`."""
        return sign * units * (100 * (1 / first - 1 / price) * coin if is_inverse else price - first)

    after_two = gain(1, second, Fraction(90))
    nets = [Fraction(0), after_two + gain(1, second, second) - Fraction(1, 2)]
    nets.append(after_two + gain(1, third, Fraction(90)) - Fraction(7, 2))
    for minute, prices_then in enumerate(closes[:59]):
        known = () if minute < 1 else prices_then[2:] if minute in (1, 25) else prices_then
        paid = Fraction(1, 2) + (3 if minute >= 30 else 0)
        for price in map(Fraction, known):
            open_gain = gain(2, price, price) if minute < 25 else after_two + gain(1, price, price)
            nets.append(open_gain - paid)
    return min(nets), max(nets)


def brute_force(closes: list[tuple[int, int, int]], quoted: list[int], sign: int) -> tuple[Decimal, Decimal]:
    """Every price of every minute, one by one."""
    first, second, third = quoted
    nets = [0, sign * (second - first) * 2, sign * ((second - first) + (third - first))]
    for minute, prices_then in enumerate(closes[:59]):
        if minute < 1:
            continue
        known = prices_then[2:] if minute in (1, 25) else prices_then
        for price in known:
            realised = sign * (second - first) if minute >= 25 else 0
            units = 1 if minute >= 25 else 2
            nets.append(realised + sign * units * (price - first))
    return Decimal(min(nets)), Decimal(max(nets))

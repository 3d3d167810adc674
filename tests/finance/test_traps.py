"""Traps that other journals fell into, one test each; a fee in a third coin is in `test_gains`, dust, a fill through zero, another name
and another scale of a coin in `test_trades`, a liquidation in two fills in `test_contract_trades`, a stop in profit in
`test_order_groups`, and three exits that are one win in `test_trade_metrics`."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from finance.attribution.events import Event, Income
from finance.attribution.explanation import Gain, Part
from finance.attribution.hour import explain_hour
from finance.moments import minute_of
from finance.order_evidence import TradeFacts, Words
from finance.order_groups import group_orders
from finance.records import IncomeKind
from finance.trade_book import TradeBook
from finance.trade_metrics import ClosedTrade, compute_metrics
from finance.trade_notes import compute_risk
from finance.trades import MoveKind, Trade, list_exits
from tests.finance import test_contract_trades as contracts
from tests.finance import test_order_groups as groups
from tests.finance.gains import compute_gains
from tests.finance.test_explanation import END, START, after, fill, standing
from tests.finance.test_trades import CLOSING, book, flow, only, trade
from tests.monitor.notation import D, at


def measured(one: Trade, risk: Decimal | None = None) -> ClosedTrade:
    made = ClosedTrade.of(one, None, None, account="Ann", symbol="BTCUSDT", market="spot", exchange="binance")
    return replace(made, risk=risk)


def test_r_is_taken_from_the_first_stop_and_not_from_one_that_was_moved_after_the_entry() -> None:
    """Entered at 100 with a stop at 90, which follows to 99; 5 were made of the 10 that were risked, not of 1."""
    made = only([trade("+1 BTC at 100", 1), trade("-1 BTC at 105", 9)])
    facts = TradeFacts(
        is_short=False, opened_at=made.opened_at, closed_at=made.closed_at, entry_price=D(100), entered_by={"1"}, exited_by=set()
    )  # fmt: skip
    soon, later = made.opened_at + timedelta(seconds=9), made.opened_at + timedelta(minutes=5)
    stop = replace(groups.order(2, kind="stop_loss", trigger=99), ordered_at=soon, updated_at=later)
    entry = replace(groups.ENTRY, ordered_at=made.opened_at, updated_at=made.opened_at)
    group = group_orders(facts, [entry, stop], Words(), {"2": D(90)})
    assert (group.stop, compute_risk(made, group.stop)) == (90, 10)
    assert compute_metrics([measured(made, compute_risk(made, group.stop))]).average_r == D("0.5")


def test_funding_paid_between_two_exits_is_of_the_trade_and_of_neither_exit() -> None:
    found = contracts.book(
        contracts.fill("+2 at 100", 1), contracts.fill("-1 at 110", 2), contracts.funding("-3", 3), contracts.fill("-1 at 120", 4)
    )  # fmt: skip
    [paid] = found.trades.values()
    assert [one.gain for one in list_exits(found.moves)] == [10, 20]
    assert (paid.gross, paid.funding, paid.fees, paid.net) == (30, -3, 0, 27)


def test_a_withdrawal_at_a_loss_is_transferred_and_no_lost_trade() -> None:
    """Of two bought at 100 one leaves at 80 and one is sold at 110: 10 are realised, 20 have left with the coin."""
    happened: list[Event] = [trade("+2 BTC at 100", 1), flow("-1 BTC", 2, "-80"), trade("-1 BTC at 110", 3)]
    start = standing(START, {"USDT": D(1000)}, CLOSING)
    now = after(start, happened, CLOSING)
    gains = compute_gains(explain_hour(start, now, happened), start, now, None)
    left = only(happened)
    assert (left.gross, left.net, left.transferred, left.is_countable) == (10, 10, -20, False)
    assert (gains.amounts[Gain.REALISED], gains.amounts[Gain.TRANSFERRED]) == (10, -20)
    assert [one.kind for one in list_exits(book(happened).moves)] == [MoveKind.TRANSFER, MoveKind.MANUAL]


def test_a_deposit_that_is_sold_the_same_day_is_no_win_unless_asked_for() -> None:
    """2 came at 100 and were sold at 110: 20 by the market after the deposit, never the 220 that were got."""
    one = only([flow("+2 BTC", 1, "200"), trade("-2 BTC at 110", 2)])
    assert (one.gross, one.counts(deposits=False), one.counts(deposits=True)) == (20, False, True)
    asked = compute_metrics([measured(one)])
    assert (asked.winning, asked.net) == (1, 20)


def test_coin_margined_profit_against_a_falling_coin() -> None:
    """1,000 dollars short from 100 to 50 win 10 coins, which are worth 500 by then: what the 10 that secured it have lost."""
    inverse = contracts.INVERSE
    life = contracts.Life()
    life.live(contracts.fill("-10 at 100", 1, of=inverse), contracts.fill("+10 at 50", 2, of=inverse), price="50")
    [short] = life.trades.values()
    assert (short.side, short.settled_gross, short.gross) == ("SHORT", 10, 500)

    before = standing(START, {"BTC": D(10)}, {"BTC": D(100)})
    won = Income(kind=IncomeKind.REALISED_PROFIT, asset="BTC", quantity=D(10), occurred_at=at("2026-05-01 10:30"))
    explained = explain_hour(before, after(before, [won], {"BTC": D(50)}), [won])
    assert (explained.parts[Part.POSITIONS], explained.parts[Part.PRICE_EFFECT], explained.nav_change) == (500, -500, 0)


def test_quote_coins_that_are_not_usdt_count_at_their_minute_on_both_sides() -> None:
    """10 ETH for a bitcoin of 100 then, sold for 120 USDC of 1.01 then, whatever both are worth at the hour; USDC is no trade."""
    bought = replace(fill("+10 ETH", "-1 BTC", "2026-05-01 10:20"), number=2)
    sold = replace(fill("-10 ETH", "+120 USDC", "2026-05-01 10:40", "0.2 USDC"), number=3)
    closing = {**CLOSING, "BTC": D(90), "USDC": D("1.02")}
    before = standing(START, {"BTC": D(1)}, {**CLOSING, "BTC": D(80), "USDC": D(1)})
    minutes = {("BTC", minute_of(bought.occurred_at)): D(100), ("USDC", minute_of(sold.occurred_at)): D("1.01")}
    explained = explain_hour(before, after(before, [bought, sold], closing), [bought, sold], minutes=minutes)
    found = TradeBook.begin(before)
    found.book(explained.changes, END)
    assert {name: (one.entry_value, one.exit_value, one.gross, one.fees) for name, one in found.trades.items()} == {
        "o.BTC": (80, 100, 20, 0), "f2": (100, D("121.20"), D("21.20"), D("0.202"))
    }  # fmt: skip
    assert explained.parts[Part.RESIDUAL] == 0

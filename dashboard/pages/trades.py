"""Trades: what was bought and sold again, what it made, on which coins and when, and what is open."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from dashboard.charts.trade_sizes import draw_trade_sizes
from dashboard.charts.trades import TradeTrack, draw_trade_bars, draw_trade_net, make_bars
from dashboard.frame import Frame
from dashboard.history.netting import load_netted
from dashboard.history.open_contracts import load_contracts
from dashboard.history.open_trades import load_open
from dashboard.history.rates import USDT
from dashboard.history.round_trips import MOST_MOVES, FoundTrip, count_open_moves, load_round_trips
from dashboard.history.trade_sums import (
    Realised,
    TradeGroup,
    load_open_before,
    load_realised,
    load_trade_groups,
    load_trade_steps,
)
from dashboard.history.trades import SORTS, load_closed, load_closed_sums
from dashboard.listing import find_order, find_sheet
from dashboard.page import Chart, Model, Page
from dashboard.pages.readout import Readout, lay_readout
from dashboard.pages.trade_measures import describe_sizes, find_counted, find_wanted, make_sizes, make_trade_lines
from dashboard.reading import UNKNOWN, Reading, Value
from dashboard.rounding import apportion
from dashboard.trade_reasons import explain_no_trade
from finance.decimals import total
from look.coins import coin
from sql.rows import Db

SHORT = timedelta(days=3)  # up to which hours are drawn one by one
MOST_TRIPS = 25  # of the period
MOST_COINS = 5  # of the best, and of the worst
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BEGUN = {"flow": "came in", "opening": "held before", "unexplained": "came without a record"}  # other than by a fill
ENDED = {
    "manual": "order",
    "tp": "take profit",
    "sl": "stop",
    "liquidation": "liquidation",
    "adl": "deleveraging by the exchange",
    "delivery": "delivery of the contract",
    "convert": "convert",
    "dust": "dust conversion",
    "transfer": "transfer",
    "unexplained": "left without a record",
    None: "fee",
}
TRADES_PATH, TRADE_PATH = "/trades", "/trades/trade"


def make_trades(db: Db, frame: Frame) -> Model:
    """What closed trades of the period came to, and one page of their list; what is open now."""
    wanted, view = find_wanted(frame), frame.view
    sums = load_closed_sums(db, wanted)
    track = load_trade_track(db, frame)["track"]
    opened = load_open(db, frame.account_id)
    counted = find_counted(db, frame)
    sheet, order = find_sheet(view), find_order(view, "trades", SORTS)
    sort = view.sort.replace("trades.", "") if order else "-exit_time"
    listed = load_closed(
        db, replace(wanted, find=view.find, zone=view.zone), sort=sort, limit=sheet.limit, skip=sheet.skip
    )
    contracts, gains = load_contracts(db, frame.account_id), [one.gain for one in opened]
    coins = load_trade_groups(db, wanted, "coin")
    realised = load_realised(db, frame.account_id, wanted.since, wanted.until)
    return {
        "span": frame.shown,
        "sums": sums,
        "realised": realised,
        "realised_parts": split_realised(realised),
        "position_parts": apportion([realised.by_contracts, realised.open_contracts, realised.beside_contracts]),
        "open_before": load_open_before(db, frame.account_id) if realised.positions else (),
        "opened": opened,
        "unrealised": None if None in gains else total(gain for gain in gains if gain is not None),
        "contracts": contracts,
        "explain_no_trade": explain_no_trade,
        "netted": load_netted(db, frame.account_id, contracts),
        "coins": [(coin(one.name), one) for one in pick_coins(coins)],
        "coin_count": len(coins),
        "weekdays": [(WEEKDAYS[int(one.name) - 1], one) for one in load_trade_groups(db, wanted, "weekday")],
        "hours": [(f"{one.name}:00", one) for one in load_trade_groups(db, wanted, "hour")],
        "trades": listed[: view.rows],
        "has_more": len(listed) > view.rows,
        "begun": BEGUN,
        "ended": ENDED,
        "trade_path": TRADE_PATH,
        "round_trips": find_round_trips(db, frame),
        "track": track,
        "counted": len(counted),
        "trade_lines": make_trade_lines(counted),
        **make_sizes(counted),
        "describe_sizes": describe_sizes,
        "readout": lay_track(track),
        "alt_net": _describe_net(track),
        "alt_bars": _describe_bars(track),
    }


def find_round_trips(db: Db, frame: Frame) -> Sequence[FoundTrip] | None:
    """The newest round trips of the period in what is open; None where too much has moved in it for a page."""
    if count_open_moves(db, frame.account_id) > MOST_MOVES:
        return None
    span = frame.shown
    return load_round_trips(db, frame.account_id, span.start.hour, span.end.hour, is_open=True)[:MOST_TRIPS]


def split_realised(found: Realised) -> list[Decimal]:
    """What was realised by trades and beside them, in cents that add up to all of it."""
    return apportion([found.by_trades, found.rest])


def pick_coins(found: Sequence[TradeGroup]) -> list[TradeGroup]:
    """The coins that made most and those that lost most, the best first; all of them where they are few."""
    ranked = sorted(found, key=lambda one: (-one.net, one.name))
    return ranked if len(ranked) <= 2 * MOST_COINS else [*ranked[:MOST_COINS], *ranked[-MOST_COINS:]]


def load_trade_track(db: Db, frame: Frame) -> dict[str, TradeTrack | None]:
    """What the charts are drawn from; None where no trade was closed, and for one hour alone."""
    span = frame.shown
    since, until = span.start.hour, span.end.hour
    is_hourly = until - since <= SHORT
    steps = load_trade_steps(db, find_wanted(frame), is_hourly=is_hourly)
    if not steps or span.is_one_hour:
        return {"track": None}
    display = replace(frame.display, currency=USDT)
    return {"track": TradeTrack(since=since, until=until, steps=steps, is_hourly=is_hourly, display=display)}


def lay_track(track: TradeTrack | None) -> Readout | None:
    """Where time lies in the chart of what trades made."""
    return lay_readout(track.since, track.until, track.step) if track else None


def _read_net(_: Db, __: Frame, facts: Callable[[], dict[str, TradeTrack | None]], moment: datetime) -> Reading:
    """What all trades had made by the end of a day or hour, and what was closed in it."""
    track = facts()["track"]
    if track is None:
        return Reading(moment, (), UNKNOWN)
    passed = sum(step.at <= moment for step in track.steps)
    made = track.sums[passed - 1] if passed else Decimal(0)
    values = [Value("So far", made, USDT, track.display.signed_money(made))]
    last = track.steps[passed - 1] if passed else None
    if last and moment < last.at + track.step:
        when = "In this hour" if track.is_hourly else "On this day"
        values.append(Value(when, last.net, USDT, track.display.signed_money(last.net)))
        values.append(Value("Closed", Decimal(last.trades), "trades", f"{last.trades}"))
    return Reading(moment, values)


def _describe_net(track: TradeTrack | None) -> str:
    if track is None:
        return ""
    sums, display = track.sums, track.display
    return (
        f"Line chart from {display.day(track.since)} to {display.day(track.until)}: closed trades came to "
        f"{display.signed_money(sums[-1])} USDT after fees, at most {display.signed_money(max(sums))}, at least "
        f"{display.signed_money(min(sums))}."
    )


def _describe_bars(track: TradeTrack | None) -> str:
    if track is None:
        return ""
    bars = make_bars(track)
    best, worst = max(bars, key=lambda bar: bar.gained), min(bars, key=lambda bar: bar.lost)
    return (
        f"Bars of what closed trades won and lost, one for each {track.bar_name}: most was won in the one that begins "
        f"{track.display.day(best.since)}, {track.display.signed_money(best.gained)} USDT, most lost in the one of "
        f"{track.display.day(worst.since)}, {track.display.signed_money(worst.lost)} USDT."
    )


TRADES = Page(
    name="trades",
    title="Trades",
    path=TRADES_PATH,
    make=make_trades,
    charts=(
        Chart(
            name="tradenet",
            load=load_trade_track,
            part="track",
            draw=lambda facts, theme: draw_trade_net(facts["track"], theme),
            is_line=True,
            read=_read_net,
        ),
        Chart(
            name="tradebars",
            load=load_trade_track,
            part="track",
            draw=lambda facts, theme: draw_trade_bars(facts["track"], theme),
            is_line=True,
        ),
        Chart(
            name="tradesizes",
            load=make_trades,
            part="nets",
            draw=lambda facts, theme: draw_trade_sizes(facts["nets"], theme),
        ),
        Chart(
            name="traderisks",
            load=make_trades,
            part="multiples",
            draw=lambda facts, theme: draw_trade_sizes(facts["multiples"], theme),
        ),
    ),
)

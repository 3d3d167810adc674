"""How far closed trades went for and against their owner: read from klines once a trade has ended, the newest first.

Never in the way of the hours: it takes the calls that a run has left. Hours in which the trade only stood are looked at by
their lowest and highest price, those with a fill by their minutes. Of a coin these are what its pair with USDT was traded at, of a
contract its mark prices, with which the exchange values what is open, and at which it liquidates.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain

from finance.contract_trades import ContractTrade
from finance.excursions import Candle, find_excursion
from finance.moments import hour_of, minute_of
from finance.prices import VALUATION_ASSET, name_pair
from finance.trades import MoveKind, Trade
from monitor.accounts.client import AccountRun
from monitor.errors import ExchangeError
from monitor.exchanges.public import Kline
from monitor.trading.store.excursions import Grid, load_unread_trades, record_excursion
from monitor.trading.store.one_trade import load_fees_of, load_moves_of

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOST_TRADES = 10  # of an account in a run
MOST_CALLS = 28  # of an account in a run: those of the longest trade
MOST_MINUTES = 8  # hours of a trade whose minutes are read, one call each
HOURS_A_CALL = 500
LONGEST = timedelta(days=400)


async def read_excursions(run: AccountRun, most_calls: int) -> int:
    """Look at the account's trades that have closed; returns the calls used. Raises no ExchangeError."""
    left = min(most_calls, MOST_CALLS)
    used = 0
    for trade in load_unread_trades(run.db, run.account_id, minute_of(run.now), MOST_TRADES):
        moves = load_moves_of(run.db, run.account_id, trade.id)
        hours = sorted({hour_of(move.at) for move in moves if move.kind is not MoveKind.INCOME})
        calls = _count_calls(trade, hours)
        if used + calls > left:
            break
        used += calls
        try:
            candles, grid = await _fetch(run, trade, hours) if calls else ([], Grid.NONE)
        except ExchangeError as failure:
            run.log("warning", f"How far the trade {trade.id} went is not known until the next run. {failure}")
            run.note_pause(failure)
            break
        fees = load_fees_of(run.db, run.account_id, trade.id)
        found = find_excursion(trade, moves, fees, candles) if candles else None
        record_excursion(run.db, run.account_id, trade, grid if found else Grid.NONE, found, run.now)
    return used


def _count_calls(trade: Trade, hours: Sequence[datetime]) -> int:
    """How many calls its klines take; none for one that is too long to look at."""
    assert trade.closed_at
    length = trade.closed_at - trade.opened_at
    if length > LONGEST:
        return 0
    minutes = len(hours) if len(hours) <= MOST_MINUTES else 0
    return minutes + length // (HOURS_A_CALL * HOUR) + 1


async def _fetch(run: AccountRun, trade: Trade, hours: Sequence[datetime]) -> tuple[list[Candle], Grid]:
    """The candles of the trade's time, and how close they are where it had fills."""
    assert trade.closed_at
    market, symbol = run.client.market, trade.asset
    if isinstance(trade, ContractTrade):
        fetch = market.fetch_mark_klines
    else:
        fetch, symbol = market.fetch_klines, name_pair(symbol, VALUATION_ASSET)
    since, until = hour_of(trade.opened_at), hour_of(trade.closed_at) + HOUR
    whole = _as_candles(await fetch(symbol, HOUR, since, min(until, hour_of(run.now))), HOUR)
    if len(hours) > MOST_MINUTES:
        return whole, Grid.HOURS
    parts = [_as_candles(await fetch(symbol, MINUTE, hour, min(hour + HOUR, run.now)), MINUTE) for hour in hours]
    with_fills = {hour for hour, part in zip(hours, parts, strict=True) if part}
    candles = [*(one for one in whole if one.since not in with_fills), *chain(*parts)]
    return sorted(candles, key=lambda one: one.since), Grid.MINUTES if len(with_fills) == len(hours) else Grid.HOURS


def _as_candles(klines: Iterable[Kline], step: timedelta) -> list[Candle]:
    return [
        Candle(
            since=one.opened,
            until=one.opened + step,
            low=min(_list_known(one.low, one.open, one.close)),
            high=max(_list_known(one.high, one.open, one.close)),
            close=one.close,
        )
        for one in klines
    ]


def _list_known(*prices: Decimal | None) -> list[Decimal]:
    return [price for price in prices if price is not None]

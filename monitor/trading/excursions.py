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
from monitor.accounts.store.portfolios import load_read_exchanges
from monitor.errors import ExchangeError
from monitor.exchanges import EXCHANGES
from monitor.exchanges.public import Kline, Market
from monitor.trading.store.excursions import Grid, load_unread_trades, record_excursion
from monitor.trading.store.one_trade import load_fees_of, load_moves_of

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOST_TRADES = 10  # of an account in a run
MOST_CALLS = 28  # of an account in a run: those of the longest trade
MOST_MINUTES = 8  # hours of a trade whose minutes are read, one call each
HOURS_A_CALL = 500
LONGEST = timedelta(days=400)


async def read_excursions(run: AccountRun, most_calls: int, portfolio: int | None = None) -> int:
    """Look at the account's trades that have closed, or at those that are a `portfolio`'s alone, by the prices of the first
    exchange that has them; returns the calls used. Raises no ExchangeError.
    """
    number = run.account_id if portfolio is None else portfolio
    names = [run.client.exchange] if portfolio is None else load_read_exchanges(run.db)
    markets = [run.client.at(name).market for name in names if name in EXCHANGES]
    left = min(most_calls, MOST_CALLS)
    used = 0
    for trade in load_unread_trades(run.db, number, minute_of(run.now), MOST_TRADES):
        moves = load_moves_of(run.db, number, trade.id)
        hours = sorted({hour_of(move.at) for move in moves if move.kind is not MoveKind.INCOME})
        calls = _count_calls(trade, hours)
        if used + calls > left:
            break
        used += calls
        try:
            candles, grid = await _fetch(markets, run.now, trade, hours) if calls else ([], Grid.NONE)
        except ExchangeError as failure:
            run.log("warning", f"How far the trade {trade.id} went is not known until the next run. {failure}")
            run.note_pause(failure)
            break
        fees = load_fees_of(run.db, number, trade.id)
        found = find_excursion(trade, moves, fees, candles) if candles else None
        record_excursion(run.db, number, trade, grid if found else Grid.NONE, found, run.now)
    return used


def _count_calls(trade: Trade, hours: Sequence[datetime]) -> int:
    """How many calls its klines take; none for one that is too long to look at."""
    assert trade.closed_at
    length = trade.closed_at - trade.opened_at
    if length > LONGEST:
        return 0
    minutes = len(hours) if len(hours) <= MOST_MINUTES else 0
    return minutes + length // (HOURS_A_CALL * HOUR) + 1


async def _fetch(
    markets: Sequence[Market], now: datetime, trade: Trade, hours: Sequence[datetime]
) -> tuple[list[Candle], Grid]:
    """The candles of the trade's time at the first of `markets` that has any, and how close they are where it had fills."""
    assert trade.closed_at
    since, until = hour_of(trade.opened_at), min(hour_of(trade.closed_at) + HOUR, hour_of(now))
    symbol = trade.asset if isinstance(trade, ContractTrade) else name_pair(trade.asset, VALUATION_ASSET)
    for market in markets:
        fetch = market.fetch_mark_klines if isinstance(trade, ContractTrade) else market.fetch_klines
        whole = _as_candles(await fetch(symbol, HOUR, since, until), HOUR)
        if not whole and market is not markets[-1]:
            continue
        if len(hours) > MOST_MINUTES:
            return whole, Grid.HOURS
        parts = [_as_candles(await fetch(symbol, MINUTE, hour, min(hour + HOUR, now)), MINUTE) for hour in hours]
        with_fills = {hour for hour, part in zip(hours, parts, strict=True) if part}
        candles = [*(one for one in whole if one.since not in with_fills), *chain(*parts)]
        is_close = len(with_fills) == len(hours)
        return sorted(candles, key=lambda one: one.since), Grid.MINUTES if is_close else Grid.HOURS
    return [], Grid.NONE


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

"""`python -m monitor price list|set|forget`: what coins are worth that no market prices, by the owner's word.

A stated price holds for every account, from the next reading on. It ends by itself when the market prices the coin.
"""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from finance.prices import VALUATION_ASSET, StatedPrice, find_word, price_asset
from monitor.accounts.opening import using_client
from monitor.accounts.store.portfolios import load_exchanges
from monitor.commands.arguments import read_note, read_time
from monitor.database.runs import hold_run_lock
from monitor.errors import PriceError
from monitor.exchanges import FIRST_EXCHANGE
from monitor.exchanges.public import Ticker
from monitor.market.store.prices import load_stated_prices, record_stated_price
from monitor.settings import Settings
from sql.rows import Db

Arguments = argparse.Namespace
LARGEST = Decimal("1e18")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the commands to argparse."""
    commands = parser.add_subparsers(dest="action", required=True)
    commands.add_parser("list", help="every price you set, with its note; the one that counts is marked")
    setting = commands.add_parser("set", help="say what one unit of a coin is worth; 0: nothing")
    setting.add_argument("asset")
    setting.add_argument("value", help="in plain figures, like 0.25")
    setting.add_argument("--currency", default=VALUATION_ASSET, help="of the value, like EUR or BTC (USDT)")
    setting.add_argument("--since", type=read_time, help="from when on it holds, like 2026-01-31T08:00Z (now)")
    forgetting = commands.add_parser("forget", help="take back what was said")
    forgetting.add_argument("asset")
    for command in (setting, forgetting):
        command.add_argument("--note", type=read_note, required=True, help="why; kept with it for ever")
    parser.set_defaults(run=run_price_command)


def run_price_command(db: Db, settings: Settings, arguments: Arguments, now: datetime) -> int:
    """Carry the command out; returns the exit code. Raises MonitorError saying what is wrong."""
    exchanges = load_exchanges(db) or (FIRST_EXCHANGE,)
    words = load_stated_prices(db, exchanges[0])
    if arguments.action == "list":
        print("\n".join(_line(word, words, now) for word in words) or "No price was set yet.")
        return 0
    hold_run_lock(db)
    asset = arguments.asset.upper()
    if arguments.action == "forget":
        if not find_word(words, asset, now):
            raise PriceError(f"No price of {asset} holds. See: python -m monitor price list")
        word = StatedPrice(asset=asset, price=None, since=now, stated_at=now, note=arguments.note)
    else:
        tickers = asyncio.run(_fetch_tickers(settings, exchanges))
        word = _read_word(arguments, asset, tickers[0].at)
        for ticker in tickers:
            _judge(word, ticker)
    for exchange in exchanges:
        record_stated_price(db, exchange, word)
    print(_describe(word))
    return 0


def _read_word(arguments: Arguments, asset: str, now: datetime) -> StatedPrice:
    since = arguments.since or now
    if since > now:
        raise PriceError(f"--since {since:%Y-%m-%d %H:%M} UTC: a price holds from now on or from an earlier time.")
    price = _read_price(arguments.value)
    currency = arguments.currency.upper()
    return StatedPrice(asset=asset, price=price, currency=currency, since=since, stated_at=now, note=arguments.note)


def _read_price(text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal(-1)
    if not (price.is_finite() and 0 <= price < LARGEST):
        raise PriceError(f"'{text}' is not a price. Give it in plain figures, like 0.25, or 0 for a worthless coin.")
    return price


async def _fetch_tickers(settings: Settings, exchanges: Sequence[str]) -> list[Ticker]:
    async with using_client(settings, exchanges[0]) as client:
        return [await client.at(exchange).market.fetch_ticker() for exchange in exchanges]


def _judge(word: StatedPrice, ticker: Ticker) -> None:
    """Raise PriceError for what the market says better, and for a currency that it does not price."""
    traded = price_asset(word.asset, ticker.prices)
    if traded:
        raise PriceError(
            f"The market prices {word.asset} ({traded.route_name}), and its price wins. Nothing was changed."
        )
    if not price_asset(word.currency, ticker.prices):
        raise PriceError(f"--currency {word.currency}: the exchange has no price of it, so nobody could convert it.")


def _describe(word: StatedPrice) -> str:
    if word.price is None:
        return f"{word.asset} has no stated price any more. The next run says what that means."
    return (
        f"1 {word.asset} is worth {word.price:f} {word.currency} since {word.since:%Y-%m-%d %H:%M} UTC, until the market "
        "prices it. The next run counts it; an hour that has no NAV yet is read again by: python -m monitor run"
    )


def _line(word: StatedPrice, words: tuple[StatedPrice, ...], now: datetime) -> str:
    mark = "*" if find_word(words, word.asset, now) is word else " "
    what = "nothing is stated any more" if word.price is None else f"{word.price:f} {word.currency}"
    stated = "" if word.stated_at == word.since else f"stated {word.stated_at:%Y-%m-%d %H:%M}, "
    return f"{mark} {word.asset:<10}{what:<32}since {word.since:%Y-%m-%d %H:%M}  {stated}{word.note}"

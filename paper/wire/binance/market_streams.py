"""The market's streams: names and their feeds, each looked at once for all who listen to it."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from paper.engine.venue import Venue
from paper.wire.binance import feeds
from paper.wire.binance.feeds import Feed
from paper.wire.binance.kline_feed import Klines
from paper.wire.binance.pulse import Pulse
from paper.wire.binance.spot import INTERVALS

Tell = Callable[[str, str], None]  # a stream's name, and what it says
NAME = re.compile(
    r"!miniTicker@arr|[^@!\s]{1,30}@(?:trade|aggTrade|miniTicker|ticker|bookTicker|avgPrice"
    r"|kline_(?P<interval>[0-9]{1,2}[mhd])|depth(?P<levels>5|10|20)?(?P<fast>@100ms)?)",
    re.ASCII,
)
SECOND, FAST = timedelta(seconds=1), timedelta(milliseconds=100)


def is_stream(name: str) -> bool:
    """Whether a name is a stream's; there may be no such pair."""
    found = NAME.fullmatch(name)
    return found is not None and (not found["interval"] or found["interval"] in INTERVALS)


class MarketStreams:
    """Who listens to which stream of a venue."""

    def __init__(self, venue: Venue, pulse: Pulse) -> None:
        self._venue, self._pulse = venue, pulse
        self._feeds: dict[str, Feed] = {}
        self._listening: dict[str, list[Tell]] = {}

    def add(self, name: str, tell: Tell) -> None:
        """Tell `tell` what a stream says from now on, and how things are where it shows that."""
        now = self._venue.catch_up()
        if name not in self._feeds and (feed := self._make(name, now)):
            if not self._feeds:
                self._pulse.follow(self._look)
            self._feeds[name] = feed
            feed.look(now)
        if name in self._feeds:
            self._listening.setdefault(name, []).append(tell)
            for payload in self._feeds[name].show(now):
                tell(name, _encode(payload))

    def remove(self, name: str, tell: Tell) -> None:
        """Tell it no more."""
        if tell not in self._listening.get(name, ()):
            return
        self._listening[name].remove(tell)
        if not self._listening[name]:
            del self._listening[name], self._feeds[name]
            if not self._feeds:
                self._pulse.leave(self._look)

    def _look(self, now: datetime) -> None:
        for name, feed in [*self._feeds.items()]:
            for text in [_encode(payload) for payload in feed.look(now)]:
                for tell in self._listening.get(name, ()):
                    tell(name, text)

    def _make(self, name: str, now: datetime) -> Feed | None:
        """The feed of a name; None where there is no such pair."""
        venue = self._venue
        if name.startswith("!"):
            return feeds.States(partial(feeds.write_minis, venue), SECOND)
        pair, _, kind = name.partition("@")
        symbol = pair.upper()
        if symbol not in venue.market.symbols or pair != pair.lower():
            return None
        if kind in ("trade", "aggTrade"):
            return feeds.Trades(venue, symbol, now, feeds.write_trade if kind == "trade" else feeds.write_aggregate)
        if kind.startswith("kline_"):
            return Klines(venue, symbol, kind.partition("_")[2], now)
        if kind.startswith("depth"):
            return self._make_depth(symbol, kind, now)
        write = {
            "miniTicker": feeds.write_mini,
            "ticker": feeds.write_ticker,
            "bookTicker": feeds.write_best,
            "avgPrice": feeds.write_average,
        }[kind]
        return feeds.States(partial(write, venue, symbol), timedelta(0) if kind == "bookTicker" else SECOND)

    def _make_depth(self, symbol: str, kind: str, now: datetime) -> Feed:
        levels, _, speed = kind.removeprefix("depth").partition("@")
        every = FAST if speed else SECOND
        if levels:
            return feeds.States(partial(feeds.write_levels, self._venue, symbol, most=int(levels)), every)
        return feeds.Changes(self._venue, symbol, now, every)


def _encode(payload: object) -> str:
    return json.dumps(payload, separators=(",", ":"))

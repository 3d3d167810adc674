"""Which market: simulated:SEED, replay:FOLDER, live, or live:URL of another exchange that speaks Binance's protocol."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from paper.clock import VenueClock
from paper.engine.live import LiveMarket
from paper.market.klines import Market
from paper.market.replay import ReplayMarket
from paper.market.simulated import SimulatedMarket
from paper.wire.binance.upstream import Unreachable, Upstream

PAIRS = "BTCUSDT,ETHUSDT,BNBUSDT,SOLUSDT,ADAUSDT,LINKUSDT,ETHBTC"


@dataclass(frozen=True, slots=True)
class Source:
    """A market, and what has to go on for it to know prices."""

    market: Market
    follow: Callable[[], Coroutine[Any, Any, None]] | None = None


def open_market(text: str, pairs: str, clock: VenueClock) -> Source:
    """The market of that name; of a live one the `pairs`, with commas between them. Raises ValueError."""
    kind, _, rest = text.partition(":")
    if kind == "simulated" and rest.isdigit():
        return Source(SimulatedMarket(int(rest)))
    if kind == "replay" and rest:
        return Source(ReplayMarket(Path(rest)))
    if kind == "live":
        return asyncio.run(
            _open_live(Upstream.at(rest), [name.strip() for name in pairs.split(",") if name.strip()], clock)
        )
    raise ValueError(f"'{text}' is none of simulated:SEED, replay:FOLDER, live and live:URL")


async def _open_live(upstream: Upstream, names: list[str], clock: VenueClock) -> Source:
    if not names:
        raise ValueError("a live market needs pairs, as in --pairs BTCUSDT,ETHUSDT")
    try:
        market = LiveMarket(await upstream.list_symbols(names), clock.now)
        for name in names:
            market.remember(name, await upstream.list_minutes(name))
    except Unreachable as lack:
        raise ValueError(f"{lack}. Is the exchange reachable from here?") from None
    return Source(market, partial(upstream.follow, market))

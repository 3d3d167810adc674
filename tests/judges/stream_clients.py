"""What python-binance and the exchange's own Python client see of a paper exchange's streams, as JSON.

It runs in .venv-judges like `clients.py`; only the clients' base addresses are others.

    python stream_clients.py < ADDRESSES    an order of python-binance's and what it was told of it; every market stream that
                                            the exchange's own client listened to; the shapes that it knows of events
"""

import asyncio
import json
import logging
import sys
from functools import partial
from typing import Any

from binance import AsyncClient, BinanceSocketManager
from binance_common.configuration import ConfigurationWebSocketStreams
from binance_sdk_spot.spot import Spot
from binance_sdk_spot.websocket_api import models
from clients import describe_model  # type: ignore[import-not-found]  # beside it, where it runs

PAIR = "BTCUSDT"
EVENTS = {
    "executionReport": "ExecutionReport",
    "listStatus": "ListStatus",
    "outboundAccountPosition": "OutboundAccountPosition",
    "balanceUpdate": "BalanceUpdate",
}
STREAMS: dict[str, dict[str, Any]] = {
    "trade": {"symbol": PAIR},
    "agg_trade": {"symbol": PAIR},
    "kline": {"symbol": PAIR, "interval": "1m"},
    "mini_ticker": {"symbol": PAIR},
    "all_mini_ticker": {},
    "ticker": {"symbol": PAIR},
    "book_ticker": {"symbol": PAIR},
    "avg_price": {"symbol": PAIR},
    "partial_book_depth": {"symbol": PAIR, "levels": "5"},
    "diff_book_depth": {"symbol": PAIR, "update_speed": "100ms"},
}


async def trade_with_python_binance(given: dict[str, Any]) -> dict[str, Any]:
    """An order given over the WebSocket API and taken back over REST, and what its streams say meanwhile."""
    AsyncClient.API_URL, AsyncClient.WS_API_URL = f"{given['rest']}/api", f"{given['sockets']}/ws-api/v3"
    BinanceSocketManager.STREAM_URL = f"{given['sockets']}/"
    client = await AsyncClient.create(given["key"], given["secret"])
    manager = BinanceSocketManager(client)
    order = {"symbol": PAIR, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.1", "price": "30000"}
    async with manager.user_socket() as user, manager.symbol_book_ticker_socket(PAIR) as best:
        placed = await client.ws_create_order(**order)
        events = [await user.recv(), await user.recv()]
        waiting = await client.get_open_orders(symbol=PAIR)
        cancelled = await client.cancel_order(symbol=PAIR, orderId=placed["orderId"])
        events += [await user.recv(), await user.recv()]
        told = await best.recv()
    async with manager.depth_socket(PAIR, depth=BinanceSocketManager.WEBSOCKET_DEPTH_5) as depth:
        book = await depth.recv()
    await client.close_connection()
    return {
        "placed": placed,
        "waiting": waiting,
        "cancelled": cancelled,
        "events": events,
        "best": told,
        "depth": book,
    }


async def listen(given: dict[str, Any]) -> dict[str, Any]:
    """The first message of each stream as the exchange's client gives it on, and its shape."""
    api = Spot(config_ws_streams=ConfigurationWebSocketStreams(stream_url=given["sockets"])).websocket_streams
    await api.create_connection()
    told: dict[str, Any] = {}
    shapes, is_all_told = {}, asyncio.Event()

    def hear(name: str, message: Any) -> None:
        told.setdefault(name, message)
        if told.keys() == STREAMS.keys():
            is_all_told.set()

    for name, parameters in STREAMS.items():
        handle = await getattr(api, name)(**parameters)
        handle.on("message", partial(hear, name))
        shapes[name] = describe_model(handle._response_model)
    await is_all_told.wait()
    await api.close_connection(close_session=True)
    return {"heard": {name: type(message).__name__ for name, message in told.items()}, "shapes": shapes}


async def main(given: dict[str, Any]) -> dict[str, Any]:
    """Everything."""
    async with asyncio.timeout(60):
        heard, traded = await asyncio.gather(listen(given), trade_with_python_binance(given))
    events = {event: describe_model(getattr(models, name)) for event, name in EVENTS.items()}
    return {"traded": traded, "events": events} | heard


if __name__ == "__main__":
    logging.disable()
    json.dump(asyncio.run(main(json.load(sys.stdin))), sys.stdout)

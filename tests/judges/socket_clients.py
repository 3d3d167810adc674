"""What the exchange's own Python client makes of the WebSocket API, as JSON.

It runs in .venv-judges like `clients.py`, which says how an answer's shape is told.

    python socket_clients.py < CALLS    each call through its method: what came back, and its shape as the client declares it
"""

import asyncio
import inspect
import json
import logging
import sys
from typing import Any

from binance_common import utils
from binance_common.configuration import ConfigurationWebSocketAPI
from binance_sdk_spot.spot import Spot
from clients import describe_model, fill_in  # type: ignore[import-not-found]  # beside it, where it runs

Method = Any


class Learnt(Exception):
    """What a method was about to send."""


def find_methods(api: Any) -> dict[str, tuple[Method, Any]]:
    """Every method by what it sends, with the model of its answer."""
    found = {}
    for part in [value for name, value in vars(api).items() if name.endswith("Api")]:
        for name, method in inspect.getmembers(part, inspect.iscoroutinefunction):
            if not name.startswith("_"):
                sent = _learn(api, method)
                found[sent["payload"]["method"]] = (method, sent.get("response_model"))
    return found


def _learn(api: Any, method: Method) -> dict[str, Any]:
    """What a method sends, without sending it."""

    async def stop(**sent: Any) -> None:
        raise Learnt(sent)

    api.send_message = api.send_signed_message = stop
    try:
        method(**dict.fromkeys(inspect.signature(method).parameters, "-")).send(None)
    except Learnt as learnt:
        told: dict[str, Any] = learnt.args[0]
        return told
    finally:
        del api.send_message, api.send_signed_message
    raise AssertionError(f"{method.__qualname__} sends nothing")


async def ask(given: dict[str, Any]) -> list[dict[str, Any]]:
    """What is answered to each call (name and parameters), and the shape that the client knows of it."""
    utils.get_timestamp = lambda: given["now"]
    private = {"private_key": given["private"]} if "private" in given else {"api_secret": given["secret"]}
    api = Spot(
        config_ws_api=ConfigurationWebSocketAPI(api_key=given["key"], stream_url=given["address"], **private)
    ).websocket_api
    methods = find_methods(api)
    await api.create_connection()
    told: list[dict[str, Any]] = []
    for call in given["calls"]:
        results = [{"answer": one["answer"].get("result")} for one in told[-1:]]
        filled = call | {"parameters": fill_in(call["parameters"], results)}
        told.append(await _ask(api, *methods[call["name"]], filled))
    await api.close_connection(close_session=True)
    return told


async def _ask(api: Any, method: Method, model: Any, call: dict[str, Any]) -> dict[str, Any]:
    answers: list[Any] = []
    names = {utils.snake_to_camel(name): name for name in inspect.signature(method).parameters}
    kept = {name: getattr(api, name) for name in ("send_message", "send_signed_message")}
    for name, send in kept.items():
        setattr(api, name, _listen(send, answers))
    response = await method(**{names[name]: value for name, value in call["parameters"].items()})
    for name in kept:
        delattr(api, name)
    complaint = _complain(response)
    return {"name": call["name"], "answer": answers[-1], "complaint": complaint, "shape": describe_model(model)}


def _listen(send: Any, answers: list[Any]) -> Any:
    async def sending(**sent: Any) -> Any:
        response = await send(**sent | {"response_model": None})
        answers.append(response.data())
        return type(response)(data_function=lambda: _read(sent.get("response_model"), answers[-1]), rate_limits=[])

    return sending


def _read(model: Any, answer: Any) -> Any:
    return model.from_dict(answer) if model is not None else answer


def _complain(response: Any) -> str:
    try:
        response.data()
    except (ValueError, TypeError, AttributeError) as fault:
        return f"{type(fault).__name__}: {fault}"
    return ""


if __name__ == "__main__":
    logging.disable()
    json.dump(asyncio.run(ask(json.load(sys.stdin))), sys.stdout)

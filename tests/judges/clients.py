"""What the exchange's own Python clients know, and what they make of an answer, as JSON.

It runs in .venv-judges, which has the clients and nothing of ours, and imports nothing else.

    python clients.py describe       every method by "GET /path": its parameters, and the shape of its answer
    python clients.py ask < CALLS    the same; and each call through its method: what came back, and what is wrong with it
"""

import importlib
import inspect
import json
import logging
import pkgutil
import re
import sys
from collections.abc import Iterator
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from binance_common import utils
from binance_common.configuration import ConfigurationRestAPI
from binance_common.errors import Error
from pydantic import BaseModel

PREFIX = "binance_sdk_"
NOWHERE = "http://127.0.0.1:9"
WEIGHT = re.compile(r"Weight(?:\((\w+)\))?:([^\n]*)")
OWN = ("additional_properties",)  # fields of a model that are none of the answer
WORDS = {str: "text", int: "whole", float: "number", bool: "flag"}


class Sent(Exception):
    """What a method was about to send."""


def _stop(*_: Any, **sent: Any) -> None:
    raise Sent(sent)


def find_methods(configuration: ConfigurationRestAPI) -> Iterator[tuple[str, Any]]:
    """Every method of every client, with the client's name."""
    for found in pkgutil.iter_modules():
        if found.name.startswith(PREFIX):
            rest = importlib.import_module(f"{found.name}.rest_api")
            client = next(value for name, value in vars(rest).items() if name.endswith("RestAPI"))(configuration)
            for part in vars(client).values():
                if ".rest_api.api." in type(part).__module__:
                    methods = inspect.getmembers(part, inspect.ismethod)
                    yield from ((found.name, method) for name, method in methods if not name.startswith("_"))


def describe() -> dict[str, Any]:
    """Every method by what it sends."""
    told: dict[str, Any] = {}
    for client, method in find_methods(ConfigurationRestAPI(api_key="-", api_secret="-", base_path=NOWHERE)):
        sent = _learn(method)
        told.setdefault(
            _name(sent),
            {
                "client": client.removeprefix(PREFIX).replace("_", "-"),
                "method": method.__name__,
                "is_signed": _is_signed(method, sent),
                "weight": _find_weight(str(inspect.getdoc(method))),
                "parameters": _describe_parameters(method),
                "answer": describe_model(sent.get("response_model")),
            },
        )
    return told


def _learn(method: Any) -> dict[str, Any]:
    """What a method sends, without sending it."""
    module = sys.modules[method.__module__]
    module.send_request, kept = _stop, module.send_request  # type: ignore[attr-defined]
    try:
        method(**dict.fromkeys(inspect.signature(method).parameters, "-"))
    except Sent as sent:
        told: dict[str, Any] = sent.args[0]
        return told
    finally:
        module.send_request = kept  # type: ignore[attr-defined]
    raise AssertionError(f"{method.__qualname__} sends nothing")


def _name(sent: dict[str, Any]) -> str:
    return f"{sent['method']} {sent['path']}"


def _is_signed(method: Any, sent: dict[str, Any]) -> bool:
    """Whether a method signs, or should by its own text, which P2P's forgets to do."""
    return bool(sent.get("is_signed")) or "USER_DATA" in str(inspect.getdoc(method))


def _find_weight(text: str) -> list[str]:
    """Who pays for a call (UID: the account), and how much, in the words of the method's own text."""
    found = WEIGHT.search(text)
    return [found[1] or "IP", found[2].strip()] if found else []


def _describe_parameters(method: Any) -> dict[str, Any]:
    hints = get_type_hints(method)
    return {
        utils.snake_to_camel(name): {
            "is_required": parameter.default is inspect.Parameter.empty,
            "values": _describe_values(hints[name]),
        }
        for name, parameter in inspect.signature(method).parameters.items()
    }


def _describe_values(hint: Any) -> Any:
    """The values that a parameter may have: a list of them, or what kind they are."""
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
    if inspect.isclass(kinds[0]) and issubclass(kinds[0], Enum):
        return [member.value for member in kinds[0]]
    return WORDS.get(kinds[0], "any")


def describe_model(model: Any) -> Any:
    """The shape of an answer: an object's fields, ["list", shape], ["one of", shapes...], or the kind of a value."""
    if not (inspect.isclass(model) and issubclass(model, BaseModel)):
        return "any"
    if utils.is_one_of_model(model):
        validators = [field for name, field in model.model_fields.items() if name.startswith("oneof_schema_")]
        return ["one of", *(_describe_type(field.annotation) for field in validators)]
    fields = {
        field.alias or name: _describe_type(field.annotation)
        for name, field in model.model_fields.items()
        if name not in OWN
    }
    shape: Any = fields or "any"
    return ["list", shape] if getattr(model, "is_array", bool)() else shape


def _describe_type(hint: Any) -> Any:
    origin, inner = get_origin(hint), [kind for kind in get_args(hint) if kind is not type(None)]
    if inspect.isclass(hint) and issubclass(hint, BaseModel):
        return describe_model(hint)
    if origin in (Union, UnionType):
        return _describe_type(inner[0]) if len(inner) == 1 else ["one of", *map(_describe_type, inner)]
    if origin is list:
        return ["list", _describe_type(inner[0])]
    if origin is dict:
        return ["map", _describe_type(inner[1])]
    if origin is not None:  # Annotated
        return _describe_type(inner[0])
    return WORDS.get(hint, "any")


def ask(address: str, now: int, calls: list[dict[str, Any]]) -> dict[str, Any]:
    """What `address` answers to each call (key, secret, name, parameters), and what the client logs about it."""
    methods = describe()
    utils.get_timestamp = lambda: now
    utils.relax_model_strictness = lambda model: None  # a text is a text, a number is a number
    clients: dict[str, dict[str, Any]] = {}
    for call in calls:
        if call["key"] not in clients:
            configuration = ConfigurationRestAPI(call["key"], call["secret"], address, timeout=10_000, retries=0)
            clients[call["key"]] = {_name(_learn(method)): method for _, method in find_methods(configuration)}
    answers: list[dict[str, Any]] = []
    for call in calls:
        told = call | {"parameters": fill_in(call["parameters"], answers)}
        answers.append(_ask(clients[call["key"]][call["name"]], told))
    return {"methods": methods, "answers": answers}


def fill_in(parameters: dict[str, Any], answers: list[dict[str, Any]]) -> dict[str, Any]:
    """Parameters of which some, like {"of_last": "orderId"}, are fields of the last answer."""
    return {
        name: answers[-1]["answer"][value["of_last"]] if isinstance(value, dict) else value
        for name, value in parameters.items()
    }


def _ask(method: Any, call: dict[str, Any]) -> dict[str, Any]:
    answers: list[Any] = []
    complaints: list[str] = []
    signed = {"is_signed": _is_signed(method, _learn(method))}
    module: Any = sys.modules[method.__module__]
    module.send_request = lambda *one, **sent: utils.send_request(*one, **sent | signed)
    method.__self__._session.hooks["response"] = [lambda response, *_, **__: answers.append(response.json())]
    logging.warning = lambda text, *_: complaints.append(text)
    names = {utils.snake_to_camel(name): name for name in inspect.signature(method).parameters}
    try:
        method(**{names[name]: value for name, value in call["parameters"].items() if name in names})
    except Error as refusal:
        complaints.append(f"refused: {refusal!r}")
    return {"name": call["name"], "answer": answers[-1], "complaints": complaints}


if __name__ == "__main__":
    told = ask(**json.load(sys.stdin)) if sys.argv[1:] == ["ask"] else describe()
    json.dump(told, sys.stdout)

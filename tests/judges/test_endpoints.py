"""Everything that the worker may call exists in the exchange's own clients, and takes the parameters that are sent.

The worker's endpoints are found in its code, their parameters by looking at what arrives. An endpoint of which no
request arrives is as wrong as one that does not exist: nobody would know what is sent to it.
"""

import ast
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from monitor.exchanges import binance
from monitor.exchanges.binance import futures_income
from monitor.exchanges.http.ccxt_alone import load_client
from monitor.exchanges.http.connection import Endpoint
from paper.wire.binance.routes import ROUTES
from tests.judges.everything import Request, observe, open_everything
from tests.judges.official import describe

# What the clients lack, and why it is called all the same. A line that is no longer true fails.
NOT_DOCUMENTED = (
    "ccxt 4.5.90 says that it answers as the one of USD-M does, with the weights seen live; the documentation lacks it"
)
ABSENT: dict[str, str] = {
    "GET /dapi/v1/openAlgoOrders": NOT_DOCUMENTED,
    "GET /dapi/v1/allAlgoOrders": NOT_DOCUMENTED,
}
# "The value of recvWindow may be sent with every signed request", by the exchange's general information.
GENERAL = {"recvWindow"}
ADDRESSES = {family: urlsplit(address).path for family, address in load_client("binance")().urls["api"].items()}
KINDS = {"whole": str.isdigit, "flag": ("true", "false").__contains__}


def modules() -> Iterator[Any]:
    for module in pkgutil.walk_packages(binance.__path__, "monitor.exchanges.binance."):
        yield import_module(module.name)


def name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {ADDRESSES[endpoint.family]}/{endpoint.path}"


CONSTANTS = [value for module in modules() for value in vars(module).values() if isinstance(value, Endpoint)]
ENDPOINTS = {name(endpoint) for endpoint in CONSTANTS}


@pytest.fixture(scope="module")
def requests() -> Iterator[list[Request]]:
    """What the worker sends when it reads everything."""
    venue = open_everything()
    yield observe(venue)
    venue.stop()


def test_an_endpoint_is_always_a_constant() -> None:
    made = [
        node
        for module in modules()
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Endpoint"
    ]

    assert len(made) == len({id(endpoint) for endpoint in CONSTANTS})


def test_the_reading_of_everything_asks_every_endpoint_and_nothing_else(requests: list[Request]) -> None:
    assert {request.name for request in requests} == ENDPOINTS


def test_every_endpoint_exists_in_the_exchanges_own_clients() -> None:
    assert ENDPOINTS - describe().keys() == ABSENT.keys()


def faults(request: Request) -> Iterator[str]:
    """What the client of the exchange would not have sent."""
    known = describe()[request.name]["parameters"]
    for parameter, value in request.parameters.items():
        if parameter in known:
            values = known[parameter]["values"]
            is_right = value in values if isinstance(values, list) else KINDS.get(values, bool)(value)
            yield from () if is_right else [f"{request.name}: {parameter}={value} is none of {values}"]
        elif parameter not in GENERAL:
            yield f"{request.name} has no {parameter}"
    for parameter, told in known.items():
        if told["is_required"] and parameter not in request.parameters:
            yield f"{request.name} needs {parameter}"


def test_every_parameter_has_the_name_and_a_value_that_the_clients_know(requests: list[Request]) -> None:
    assert {fault for request in requests if request.name in describe() for fault in faults(request)} == set()


def test_what_is_sent_is_written_as_the_clients_write_it(requests: list[Request]) -> None:
    assert [request.text for request in requests if request.text != urlencode(request.sent)] == []


def test_whether_a_request_is_signed_is_what_the_clients_say(requests: list[Request]) -> None:
    known = describe()

    assert [
        request.name
        for request in requests
        if request.name in known and ("signature" in request.sent) != known[request.name]["is_signed"]
    ] == []


def has_weight(told: list[str], weight: int, *, per_account: bool) -> bool:
    """Whether a call weighs what its client says, on whom it says; what is said in words depends on the parameters."""
    words = told[1].split()
    is_on_whom = told[0] == ("UID" if per_account else "IP")
    return not words[0].isdigit() or (is_on_whom and str(weight) in words)  # with a symbol 6, "80 when ... omitted"


def test_a_call_weighs_what_the_clients_say_for_the_worker_and_at_the_paper_exchange() -> None:
    known = describe()
    heavy = [
        name(endpoint)
        for endpoint in CONSTANTS
        if name(endpoint) in known
        if not has_weight(known[name(endpoint)]["weight"], endpoint.weight, per_account=endpoint.per_account)
    ]
    paper = [
        path
        for path, route in ROUTES.items()
        if f"{route.method} {path.rpartition(' ')[2]}" not in ABSENT
        for told in [known[f"{route.method} {path.rpartition(' ')[2]}"]["weight"]]
        if not has_weight(told, route.weight, per_account=route.bucket.startswith("uid"))
    ]

    assert (heavy, paper) == ([], [])
    assert sum(known[endpoint]["weight"][1][:1].isdigit() for endpoint in ENDPOINTS - ABSENT.keys()) > 50


INCOME = ("GET /fapi/v1/income", "GET /dapi/v1/income", "GET /papi/v1/um/income", "GET /papi/v1/cm/income")


@pytest.mark.parametrize("income", INCOME)
def test_every_kind_of_futures_income_that_the_clients_know_has_its_meaning(income: str) -> None:
    kinds = describe()[income]["parameters"]["incomeType"]["values"]

    assert len(kinds) > 5 and set(kinds) <= {*futures_income.KINDS, *futures_income.INTERNAL}

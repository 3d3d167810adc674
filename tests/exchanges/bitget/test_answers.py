"""What each endpoint of Bitget rests on, and what is read of it: every published answer goes through the worker's reader."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import ExchangeError
from monitor.exchanges.bitget.dialect import LIMITS
from tests.exchanges.bitget.answering import Answering, envelope
from tests.exchanges.bitget.readers import KLINES, LATER, READERS
from tests.exchanges.sample import SAMPLES
from tests.judges.readers import say

HERE = Path(__file__).parent
README = HERE.parents[2] / "monitor" / "exchanges" / "bitget" / "README.md"
TOLD = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (*(SAMPLES / "bitget").glob("*.json"), *(HERE / "samples").glob("*.json"))
}
READ_AS = json.loads((HERE / "read_as.json").read_text(encoding="utf-8"))
# What the reader believes beyond its samples. Everything else is in them.
BELIEVED = {
    "v2/spot/wallet/withdrawal-records": "the fee is inside `size`",
    "v3/account/withdrawal-records": "the fee is inside `size`",
    "v2/spot/account/assets": "`limitAvailable`, of spot copy trading, is inside `available`",
    "v2/mix/account/accounts": "`accountEquity` has no trial money in it; other margin coins lie beside it",
    "v2/mix/order/fill-history": "of a hedged position `side` is the position's, also when it is closed",
    "v2/convert/bgb-convert-records": "`toAmount` has the fee taken off",
    "v2/earn/loan/debts": "the collateral is in no other wallet",
    "v3/loan/debts": "the collateral is in no other wallet",
    "v3/account/assets": "equity = balance - debt + what is unrealised, also of isolated positions",
    "v3/account/financial-records": "the balance is the coin's in the pool, over all categories",
    "v3/account/deposit-records": "a full answer names no cursor: it is asked for in halves",
    "v3/trade/fills": "`side` is what was done",
}


EMPTY = {  # ledgers in which a flow is looked for, without it
    "v2/spot/account/bills": envelope([]),
    "v3/account/financial-records": envelope({"list": None, "cursor": None}),
}


def path_of(sample: dict[str, Any]) -> str:
    """The path as the adapter writes it."""
    return str(sample["path"]).removeprefix("/api/")


def read(path: str, sample: dict[str, Any]) -> Any:
    """What the worker makes of a sample."""
    body = json.dumps(sample["answer"])
    if path in READERS:
        return say(asyncio.run(READERS[path](Answering(lambda asked, _: body if asked == path else EMPTY[asked]))))
    opened = datetime.fromtimestamp(int(sample["answer"]["data"][0][0]) // 1000, UTC)
    now = opened + (LATER if "history" in path else timedelta(hours=1))
    return say(list(asyncio.run(KLINES[path](Answering(lambda *_: body, now), opened)).values()))


USED = {name: sample for name, sample in TOLD.items() if path_of(sample) in LIMITS}


@pytest.mark.parametrize("name", sorted(USED))
def test_a_published_answer_is_read_as_what_it_says(name: str) -> None:
    assert read(path_of(USED[name]), USED[name]) == READ_AS[name]


def test_every_endpoint_that_is_read_has_an_answer_and_a_reader() -> None:
    assert {path_of(sample) for sample in USED.values()} == LIMITS.keys() == READERS.keys() | KLINES.keys()
    assert READ_AS.keys() == USED.keys()
    assert BELIEVED.keys() <= LIMITS.keys()


def test_the_readme_lists_every_endpoint_with_its_limit() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    for path, limit in LIMITS.items():
        line = [line for line in lines if f"`{path}`" in line][-1]
        assert str(limit) in line.split("|")[3].replace(" ", "").split(","), path


BODIES = {
    "nothing": "",
    "a page": "<html><body>Down for maintenance</body></html>",
    "an object": "{}",
    "a list": "[]",
    "null": "null",
    "no success": '{"code": "00001", "msg": "no", "data": []}',
    "success as a number": '{"code": 0, "msg": "success", "data": []}',
    "no code": '{"data": []}',
    "no data": '{"code": "00000", "msg": "success"}',
    "data null": envelope(None),
    "data a text": envelope("success"),
    "data of texts": envelope(["a", "b"]),
    "data of nothing": envelope({}),
    "an empty row": envelope([{}]),
    "cut": envelope([{"coin": "USDT"}])[:-4],
    "not a number": '{"code": "00000", "data": NaN}',
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", sorted(READERS))
def test_a_broken_answer_is_never_an_empty_one(path: str, body: str) -> None:
    with pytest.raises(ExchangeError):
        asyncio.run(READERS[path](Answering(lambda *_: BODIES[body])))


def _numbers(value: Any, broken: Any) -> Any:
    """An answer whose every figure is `broken`."""
    if isinstance(value, dict):
        return {name: _numbers(one, broken) for name, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one, broken) for one in value]
    is_figure = isinstance(value, str) and value.replace(".", "", 1).replace("-", "", 1).isdigit()
    return broken if is_figure else value


OPTIONAL_FIGURES = {"v3/account/settings", "v2/spot/account/info", "v3/account/info"}  # they have none that counts


@pytest.mark.parametrize("broken", ["", "1,234.5", "abc", True, None, [], "1e99"], ids=repr)
@pytest.mark.parametrize("name", sorted(name for name, one in USED.items() if path_of(one) not in OPTIONAL_FIGURES))
def test_a_figure_that_is_none_is_no_zero(name: str, broken: Any) -> None:
    sample = USED[name] | {"answer": USED[name]["answer"] | {"data": _numbers(USED[name]["answer"]["data"], broken)}}
    if path_of(sample) in KLINES:
        sample["answer"]["data"][0][0] = USED[name]["answer"]["data"][0][0]
    with pytest.raises(ExchangeError):
        read(path_of(sample), sample)

"""Gate's answers, recorded or documented, through the readers that the worker uses; and what is no answer, through the same."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.exchanges.gate import endpoints
from monitor.exchanges.http.dialect import Endpoint
from monitor.exchanges.http.fields import FAULTS, read_json
from tests.exchanges.gate.readers import READERS, say

SAMPLES = Path(__file__).parent / "samples"
README = Path(__file__).parents[3] / "monitor" / "exchanges" / "gate" / "README.md"
RECORDED, DOCUMENTED = "recorded answer", "documentation sample"
TOLD: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(SAMPLES.glob("*.json"))
}
# The endpoints of which somebody published what the exchange really answered. The others rest on the documentation's example.
ARE_RECORDED = {
    "/spot/accounts",
    "/futures/usdt/positions",
    "/wallet/deposits",
    "/wallet/withdrawals",
    "/wallet/sub_account_transfers",
    "/spot/account_book",
    "/spot/my_trades",
    "/spot/open_orders",
    "/spot/orders",
    "/futures/usdt/my_trades_timerange",
    "/futures/usdt/position_close",
    "/futures/usdt/orders",
    "/futures/usdt/orders_timerange",
    "/futures/usdt/price_orders",
    "/spot/price_orders",
}
OF_ONE_THING = {
    "/account/detail",
    "/unified/unified_mode",
    "/unified/accounts",
    "/wallet/total_balance",
    "/margin/cross/accounts",
    "/futures/usdt/accounts",
    "/options/accounts",
    "/futures/usdt/contracts/LTC_USDT",
}
NEVER_EMPTY = {*OF_ONE_THING, "/account/main_keys"}  # no answer of these has nothing in it
NO_ANSWERS = [
    "", "<html>maintenance</html>", "{}", "null", '{"data": null}', '{"success": false}', '"fine"', "5", "[null]", "[[]]",
    "[{}]", '{"label": "INTERNAL", "message": "try again"}', '{"balances": null, "details": []}', "[NaN]",
]  # fmt: skip
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@pytest.mark.parametrize("name", TOLD)
def test_of_a_sample_the_worker_reads(name: str) -> None:
    sample = TOLD[name]

    assert say(READERS[sample["path"]](read_json(json.dumps(sample["answer"])))) == sample["read_as"]


def test_every_reader_has_a_sample_that_says_where_it_is_from() -> None:
    assert {sample["path"] for sample in TOLD.values()} == READERS.keys()
    assert {sample["path"] for sample in TOLD.values() if sample["rests_on"] == RECORDED} == ARE_RECORDED
    for name, sample in TOLD.items():
        assert name.startswith(sample["path"].strip("/").replace("/", "."))
        assert sample["rests_on"] in (RECORDED, DOCUMENTED) and len(sample["source"]) > 20


@pytest.mark.parametrize("path", READERS)
def test_what_is_no_answer_is_never_read(path: str) -> None:
    cut = json.dumps(next(sample["answer"] for sample in TOLD.values() if sample["path"] == path))[:-1]
    for body in (*NO_ANSWERS, cut, *(["[]"] if path in NEVER_EMPTY else [])):
        with pytest.raises(FAULTS):
            pytest.fail(f"{body} was read as {READERS[path](read_json(body))}")


def emptied(value: Any) -> Any:
    """An answer in which no number says anything."""
    if isinstance(value, dict):
        return {name: emptied(one) for name, one in value.items()}
    if isinstance(value, list):
        return [emptied(one) for one in value]
    is_number = (isinstance(value, (int, float)) and not isinstance(value, bool)) or (
        isinstance(value, str) and NUMBER.fullmatch(value)
    )
    return "" if is_number else value


@pytest.mark.parametrize("path", sorted(READERS.keys() - {"/account/detail", "/unified/unified_mode"}))
def test_an_empty_text_is_no_number(path: str) -> None:
    sample = next(sample["answer"] for sample in TOLD.values() if sample["path"] == path)

    with pytest.raises(FAULTS):
        READERS[path](emptied(sample))


def test_numbers_that_are_no_texts_arrive_to_the_digit() -> None:
    body = '[{"currency": "USDT", "available": 0.1, "locked": 1234567.123456789012345678}]'

    assert say(READERS["/spot/accounts"](read_json(body))) == [
        {"asset": "USDT", "free": "0.1", "locked": "1234567.123456789012345678"}
    ]


AT = datetime(2026, 3, 1, 12, 34, 56, 789012, tzinfo=UTC)
SECONDS, MS = int(AT.timestamp()), int(AT.timestamp()) * 1000 + 789
TO_THE_SECOND, TO_THE_MS = AT.replace(microsecond=0), AT.replace(microsecond=789000)
UNITS: list[tuple[str, str, str, Any, datetime]] = [
    ("/account/main_keys", "update_at", "expires_at", SECONDS, datetime(2026, 5, 30, 12, 34, 56, tzinfo=UTC)),
    ("/earn/dual/orders", "complete_time", "occurred_at", SECONDS, TO_THE_SECOND),
    ("/wallet/deposits", "timestamp", "requested_at", str(SECONDS), TO_THE_SECOND),
    ("/wallet/withdrawals", "timestamp", "requested_at", str(SECONDS), TO_THE_SECOND),
    ("/wallet/push", "create_time", "requested_at", SECONDS, TO_THE_SECOND),
    ("/wallet/sub_account_transfers", "timest", "requested_at", str(SECONDS), TO_THE_SECOND),
    ("/wallet/small_balance_history", "create_time", "occurred_at", SECONDS, TO_THE_SECOND),
    ("/spot/account_book", "time", "occurred_at", MS, TO_THE_MS),
    ("/flash_swap/orders", "create_time", "occurred_at", MS, TO_THE_MS),
    ("/earn/uni/interest_records", "create_time", "occurred_at", MS, TO_THE_MS),
    ("/margin/uni/interest_records", "create_time", "occurred_at", MS, TO_THE_MS),
    ("/unified/interest_records", "create_time", "occurred_at", MS, TO_THE_MS),
    ("/spot/my_trades", "create_time_ms", "occurred_at", f"{MS}.012000", AT),
    ("/spot/orders", "create_time_ms", "ordered_at", MS, TO_THE_MS),
    ("/futures/usdt/account_book", "time", "occurred_at", f"{SECONDS}.789012", AT),
    ("/options/account_book", "time", "occurred_at", f"{SECONDS}.789012", AT),
    ("/futures/usdt/my_trades_timerange", "create_time", "occurred_at", f"{SECONDS}.789012", AT),
]


@pytest.mark.parametrize(("path", "field", "name", "written", "moment"), UNITS, ids=[path for path, *_ in UNITS])
def test_a_moment_arrives_to_the_digit_and_in_no_other_unit(
    path: str, field: str, name: str, written: Any, moment: datetime
) -> None:
    sample = next(sample["answer"] for sample in TOLD.values() if sample["path"] == path)
    at = [{**row, field: written} for row in sample]

    assert f'"{name}": "{moment.isoformat()}"' in json.dumps(say(READERS[path](at)))
    factor = 1000 if str(written).startswith(f"{SECONDS}.") or len(str(written)) == len(str(SECONDS)) else 0.001
    other = [{**row, field: f"{float(written) * factor:.6f}"} for row in sample]
    with pytest.raises(FAULTS):
        READERS[path](other)


def test_the_readme_lists_every_endpoint_with_the_unit_of_its_times() -> None:
    text = README.read_text(encoding="utf-8")
    paths = {
        f"{one.family.partition('/')[2]}/{one.path}" for one in vars(endpoints).values() if isinstance(one, Endpoint)
    }
    assert {path for path in paths if f"`{path}`" not in text} == set()
    for path, _, _, written, _ in UNITS:
        unit = "milliseconds" if str(written).startswith(str(MS)) else "seconds"
        lines = [line.split("|") for line in text.splitlines() if f"`{path[1:]}`" in line]
        assert any(len(line) > 3 and line[3].strip().startswith(unit) for line in lines), path

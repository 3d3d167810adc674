"""Numbers, addresses, waits and pages."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.exchanges.binance.dialect import DIALECT
from monitor.exchanges.http.capture import Response
from monitor.exchanges.http.connection import redirect_addresses
from monitor.exchanges.http.failures import clean, read_wait
from monitor.exchanges.http.fields import Malformed, amount, an_object, moment, read_json
from tests.venue import RunningVenue
from tests.worker import Worker

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@given(st.decimals("0", "9e19", places=18))
def test_every_amount_arrives_exactly(value: Decimal) -> None:
    assert amount({"free": f"{value:f}"}, "free") == value


@pytest.mark.parametrize("text", ["1e-8", "1E-8", "0.00000001", "1.0E-8"])
def test_exponents_are_numbers(text: str) -> None:
    assert amount({"x": text}, "x") == Decimal("0.00000001")


@pytest.mark.parametrize(
    "value", ["", "abc", "1,000.5", "NaN", "Infinity", "-1", "1_000", "١٢", " 1", "1e99", None, True, [], {}]
)
def test_what_is_no_amount_is_refused(value: object) -> None:
    with pytest.raises(Malformed):
        amount({"x": value}, "x")


def test_json_numbers_never_become_floats() -> None:
    assert read_json('{"a": 0.1}') == {"a": Decimal("0.1")}
    with pytest.raises(Malformed):
        read_json('{"a": NaN}')


def test_a_withdrawals_time_is_utc_text() -> None:
    assert moment({"t": "2017-10-17 00:02:12"}, "t") == datetime(2017, 10, 17, 0, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("body", ["{}", '{"t": null}', '{"t": ""}', '{"t": 0}'])
def test_a_row_may_have_no_time(body: str) -> None:
    assert moment(an_object(read_json(body)), "t") is None


@pytest.mark.parametrize("body", ['{"t": -0.0}', '{"t": 0.0}', '{"t": false}', '{"t": "0"}', '{"t": -1}'])
def test_what_is_no_time_is_refused(body: str) -> None:
    with pytest.raises(Malformed):
        moment(an_object(read_json(body)), "t")


@pytest.mark.parametrize(
    ("status", "after", "body", "seconds"),
    [
        (429, "7", "", 7),
        (429, "0", "", 1),
        (429, "", "", 1),
        (429, "-5", "", 1),
        (418, "0", "", 120),
        (418, "", "IP banned until 1777597200000", 3600),
        (429, "Fri, 01 May 2026 00:01:00 GMT", "", 60),
        (429, "99999999999", "", 3 * 86400),
    ],
)
def test_a_wait_has_a_floor_and_a_cap(status: int, after: str, body: str, seconds: int) -> None:
    assert read_wait(Response(status=status, headers={"Retry-After": after}, body=body), DIALECT, NOW) == timedelta(
        seconds=seconds
    )


def test_a_strangers_text_can_hold_neither_keys_nor_control_characters() -> None:
    assert clean("bad\x1b[31m key " + "A" * 64) == "bad  31m key …"


def test_every_address_is_replaced_or_nothing_is_sent() -> None:
    moved = redirect_addresses(
        {"sapi": "https://api.binance.com/sapi/v1", "fapi": "https://f.x/fapi"}, "http://127.0.0.1:1"
    )

    assert moved == {"sapi": "http://127.0.0.1:1/sapi/v1", "fapi": "http://127.0.0.1:1/fapi"}


@pytest.mark.parametrize("rows", [999, 1000, 1001])
def test_all_pages_of_deposits_are_read(rows: int, worker: Worker, venue: RunningVenue) -> None:
    account = venue.exchange.venue.accounts["test"]
    template = account.deposits[0]
    for number in range(rows - 1):
        venue.exchange.venue.ledger.move("USDT", Decimal(1), ("outside", ""), ("test", "spot"))
        account.deposits.append(type(template)(
            id=f"X{number}", asset="USDT", amount=Decimal(1), inserted_at=template.inserted_at,
            shown_at=template.shown_at, status="credited", completed_at=template.completed_at))  # fmt: skip
    worker.run(venue.now())

    assert worker.rows("select count(*) n from processed_transactions where kind = 'deposit'") == [{"n": rows}]

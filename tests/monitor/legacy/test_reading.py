"""What can stand in old files and fields: it is read, or named with what is wrong, and never guessed."""

from pathlib import Path
from typing import Any

import pytest

from monitor.accounts.registry import StoredAccount
from monitor.errors import LegacyError
from monitor.legacy.fields import OrderNumber, Unreadable, read_amount, read_moment, read_order_number
from monitor.legacy.orders import OldOrder, name_exchange, name_symbol, read_orders
from monitor.legacy.owners import assign, choose_owners
from monitor.legacy.tables import Row, read_folder
from tests.monitor.legacy.old_database import COLUMNS, order, write_folder
from tests.monitor.notation import D, at

HEAD = ",".join(COLUMNS["orders"])


def row(**fields: str) -> Row:
    return Row(table="orders", number=1, fields=fields)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("123", OrderNumber("123")),
        ("123.0", OrderNumber("123")),
        ("1.5e3", OrderNumber("1500")),
        ("1176934567890123777", OrderNumber("1176934567890123777")),
        ("1176934567890123776", OrderNumber("1176934567890123776", is_doubtful=True)),
        ("9007199254740993", OrderNumber("9007199254740993")),
        ("9007199254740994", OrderNumber("9007199254740994", is_doubtful=True)),
        ("a1b2-c3", OrderNumber("a1b2-c3")),
        ("NaN", None),
    ],
)
def test_a_number_that_a_float_may_have_rounded_is_doubtful(text: str, number: OrderNumber | None) -> None:
    assert read_order_number(row(order_id=text), "order_id") == number


@pytest.mark.parametrize("text", ["1.1769345678901238e+18", "1176934567890123776.0", "12 34", "1.5", "=1+1"])
def test_a_number_of_which_digits_are_lost_is_none(text: str) -> None:
    with pytest.raises(Unreadable, match="order_id '"):
        read_order_number(row(order_id=text), "order_id")


@pytest.mark.parametrize("text", ["1,5", "1e30", "Infinity", "0.0000000000000000001", "12 USDT"])
def test_what_is_no_amount_is_said(text: str) -> None:
    with pytest.raises(Unreadable, match=f"price '{text}'"):
        read_amount(row(price=text), "price")


def test_times_without_a_zone_are_utc() -> None:
    assert read_moment(row(x="2025-01-10 10:00:00"), "x") == at("2025-01-10 10:00")
    assert read_moment(row(x="2025-01-10T12:00:00+02:00"), "x") == at("2025-01-10 10:00")
    assert read_moment(row(x="\\N"), "x") is None
    assert read_amount(row(x="0.10"), "x") == D("0.1")


@pytest.mark.parametrize("text", ["btc_usdt", "BTC-USDT", "BTC/USDT", "BTCUSDT_SPBL", "BTCUSDT_UMCBL", "BTCUSDT"])
def test_a_pair_has_one_name(text: str) -> None:
    assert name_symbol(text) == "BTCUSDT"
    assert {name_exchange(one) for one in ("gate", "Gate.io", "GATEIO")} == {"gate"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,order_id\n1,2\n", "has no column exchange, symbol, side"),
        (f'{HEAD}\n1,"never ends\n', "can't be read as CSV, in line"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "orders.csv").write_text(text)
    with pytest.raises(LegacyError, match=message):
        read_folder(tmp_path)


def test_a_folder_without_orders_and_a_file_in_another_coding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LegacyError, match=r"like orders\.csv"):
        read_folder(tmp_path)
    (tmp_path / "orders.csv").write_bytes(b"id\xff")
    with pytest.raises(LegacyError, match="no UTF-8"):
        read_folder(tmp_path)


def test_a_spreadsheets_file_is_read_and_rows_that_are_none_are_named(tmp_path: Path) -> None:
    lines = [HEAD.replace(",", ";"), "1;2", ";".join("x\0" for _ in COLUMNS["orders"])]
    (tmp_path / "orders.csv").write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    (tmp_path / "users.csv").write_text("id\n1\n")
    found = read_folder(tmp_path)
    assert [one.row for one in found.faults] == ["orders row 1", "orders row 2"]
    assert "zero byte" in found.faults[1].reason
    assert (found["orders"], found.unread) == ((), ["users.csv"])


def read(folder: Path, *rows: dict[str, Any]) -> list[OldOrder]:
    write_folder(folder, {"orders": rows})
    return read_orders(read_folder(folder), "bitget")[0]


def account(label: str, exchange: str = "binance") -> StoredAccount:
    return StoredAccount(
        id=1,
        label=label,
        exchange=exchange,
        uid=None,
        enabled=True,
        sub_email=None,
        key_state="",
        hours=0,
        last_hour=None,
    )


def test_what_fails_beside_an_order_leaves_the_order(tmp_path: Path) -> None:
    write_folder(
        tmp_path,
        {
            "orders": [
                order(1, 5, quantity="1", parent_order_id="1e19", order_role="HEDGE", tp_levels="{", sl_price="-1")
            ]
        },
    )
    [found], faults = read_orders(read_folder(tmp_path), "bitget")
    assert (found.order_id, found.links.parent_id, found.links.role, found.links.sl_price) == ("5", "", "", None)
    assert len(faults) == 4 and all(one.reason.endswith("the order comes without it") for one in faults)


def test_orders_are_somebodys_for_certain_or_left_out(tmp_path: Path) -> None:
    orders = read(
        tmp_path, order(1, 1, quantity="1"), order(2, 2, quantity="1", user_id=8), order(3, 3, quantity="1", user_id="")
    )
    main = account("main")
    one = choose_owners([main], None)
    _, faults = assign(orders, one, None)
    assert len(faults) == 3 and "several users ('7', '8'): say whose with --user" in faults[0].reason
    assigned, faults = assign(orders, one, "8")
    assert [found.order_id for found in assigned["binance"]] == ["2", "3"] and len(faults) == 1
    two = choose_owners([main, account("other")], None)
    assert "may be of main, other: say which with --account" in assign(orders, two, None)[1][0].reason
    assert choose_owners([main, account("other")], "other")["binance"] != main

"""Whose key it is and what it may do: only what is known to read is harmless, in either account system."""

import asyncio
import json
from typing import Any

import pytest

from monitor.errors import ExchangeError, ExchangePaused, ExchangeUnavailable, KeyRejected, OtherAccountSystem
from monitor.exchanges.bitget.adapter import BitgetAccount
from monitor.exchanges.bitget.key import System, read_info, read_unified_info
from monitor.exchanges.bitget.spot import fetch_spot
from tests.exchanges.bitget.answering import Answering, envelope

READS = ["coor", "cpor", "stor", "smor", "ttor", "wtor", "taxr", "chor", "p2pr", "pllr"]


@pytest.mark.parametrize(
    ("authorities", "dangerous", "may_read"),
    [
        (READS, (), True),
        (["readonly"], (), True),
        (["readonly", "trade"], ("trade",), True),
        (["stor", "wtow"], ("wtow",), True),
        (["coow", "cpow", "stow"], ("coow", "cpow", "stow"), False),
        (["stor", "a code nobody knows"], ("a code nobody knows",), True),
        ([], (), False),
    ],
)
def test_a_classic_key_is_harmless_by_a_list_of_what_reads(
    authorities: list[str], dangerous: tuple[str, ...], may_read: bool
) -> None:
    found = read_info({"userId": "1234567", "authorities": authorities, "ips": ""}).permissions

    assert (found.dangerous, found.may_read, found.ip_restricted) == (dangerous, may_read, False)


@pytest.mark.parametrize(
    ("kind", "permissions", "dangerous"),
    [
        ("read-only", ["uta_mgt", "uta_trade"], ()),
        ("read-only", ["uta_mgt", "withdraw"], ("withdraw",)),
        ("read-only", ["uta_mgt", "a name nobody knows"], ("a name nobody knows",)),
        ("read-and-write", ["uta_mgt"], ("read-and-write", "uta_mgt")),
        ("a kind nobody knows", [], ("a kind nobody knows",)),
    ],
)
def test_a_unified_key_is_harmless_if_it_is_for_reading(
    kind: str, permissions: list[str], dangerous: tuple[str, ...]
) -> None:
    found = read_unified_info({"uid": "1", "permType": kind, "permissions": permissions, "ips": "192.0.2.1"})

    assert (found.permissions.dangerous, found.permissions.ip_restricted) == (dangerous, True)


def refused(code: str) -> str:
    """An answer in the exchange's own words."""
    return json.dumps({"code": code, "msg": "You are in another mode", "requestTime": 1772330400000, "data": None})


@pytest.mark.parametrize(
    ("body", "system"),
    [
        (envelope({"accountMode": "unified"}), System.UNIFIED),
        (envelope({"accountMode": "hybrid"}), System.CHANGING),
        (envelope({"accountMode": "upgrading"}), System.CHANGING),
        (envelope({"accountMode": "switching"}), System.CHANGING),
        (refused("40084"), System.CLASSIC),
    ],
)
def test_the_exchange_says_which_system_an_account_is_of(body: str, system: System) -> None:
    account = BitgetAccount(Answering(lambda *_: body))  # type: ignore[arg-type]

    assert asyncio.run(account.fetch_system()) is system


@pytest.mark.parametrize(
    "body",
    ["", "<html>", "{}", envelope(None), envelope({}), envelope({"accountMode": "new"}), refused("429"),
     refused("40037"), refused("40015"), refused("40404")],
    ids=str,
)  # fmt: skip
def test_an_answer_that_says_nothing_makes_no_account_classic(body: str) -> None:
    account = BitgetAccount(Answering(lambda *_: body))  # type: ignore[arg-type]

    with pytest.raises(ExchangeError):
        asyncio.run(account.fetch_system())


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("40006", 400, KeyRejected),
        ("40009", 400, KeyRejected),
        ("40012", 400, KeyRejected),
        ("40037", 401, KeyRejected),
        ("40014", 403, KeyRejected),
        ("40018", 403, KeyRejected),
        ("40085", 400, OtherAccountSystem),
        ("429", 429, ExchangePaused),
        ("429", 200, ExchangePaused),
        ("40200", 200, ExchangePaused),
        ("40725", 500, ExchangeUnavailable),
        ("40010", 200, ExchangeUnavailable),
        ("40015", 200, ExchangeUnavailable),
        ("99999", 200, ExchangeError),
    ],
)
def test_what_the_exchange_says_is_judged_by_its_code(code: str, status: int, error: Any) -> None:
    connection = Answering(lambda *_: refused(code), status=status)

    with pytest.raises(error):
        asyncio.run(fetch_spot(connection))  # type: ignore[arg-type]

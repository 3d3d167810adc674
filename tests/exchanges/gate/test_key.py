"""What a key at Gate may do: only what is known, and said to be for reading, is harmless."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.errors import ExchangeUnavailable, KeyRejected
from monitor.exchanges.contract import Permissions
from monitor.exchanges.gate.adapter import UNNAMED, UNPROVEN
from tests.exchanges.gate.account import ask, fill
from tests.exchanges.gate.readers import KEY
from tests.exchanges.gate.server import GateServer, serve

READING = {"wallet": True, "spot": True, "account": True}


def entry(key: Any, rights: dict[str, Any], **more: Any) -> dict[str, Any]:
    perms = [{"name": name, "read_only": read_only} for name, read_only in rights.items()]
    return {"key": key, "state": 1, "perms": perms, "ip_whitelist": ["203.0.113.7"], "created_at": 1753030929, **more}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GateServer]:
    """A running server."""
    monkeypatch.setattr("monitor.exchanges.http.connection.FIRST_PAUSE_SECONDS", 0)
    with serve() as running:
        fill(running)
        yield running


def permissions(server: GateServer, answer: Any) -> Permissions:
    server.answer("/account/main_keys", answer)
    return ask(server, lambda account: account.fetch_permissions())


@pytest.mark.parametrize(
    ("rights", "dangerous"),
    [
        (READING, ()),
        ({**READING, "futures": False}, ("futures",)),
        ({**READING, "futures": None}, ("futures",)),
        ({**READING, "futures": "true"}, ("futures",)),
        ({**READING, "teleport": True}, ("teleport",)),
    ],
)
def test_what_is_not_known_to_read_only_is_dangerous(
    rights: dict[str, Any], dangerous: tuple[str, ...], server: GateServer
) -> None:
    other = entry("52fd0035f665*****", {"spot": False})
    found = permissions(server, [other, entry(f"{KEY[:12]}*****", rights)])

    assert (found.may_read, found.dangerous, found.ip_restricted, found.expires_at) == (True, dangerous, True, None)


@pytest.mark.parametrize(
    "own", [entry(KEY, READING), entry({"mode": 1}, READING), entry(f"{KEY[:8]}***{KEY[-4:]}", READING)]
)
def test_one_key_may_be_answered_alone_and_be_named_in_other_ways(own: dict[str, Any], server: GateServer) -> None:
    assert permissions(server, own).dangerous == ()


@pytest.mark.parametrize(
    "keys",
    [
        [entry("52fd0035f665*****", READING)],
        [entry("c5*****", READING)],
        [entry(f"{KEY[:12]}*****", READING), entry(f"{KEY[:11]}*****", {"spot": False})],
    ],
    ids=["another", "too short a beginning", "two that it may be"],
)
def test_a_key_that_the_list_does_not_name_is_not_proven(keys: list[dict[str, Any]], server: GateServer) -> None:
    assert permissions(server, keys).dangerous == (UNNAMED,)


def test_without_the_right_to_ask_it_is_not_proven_and_the_page_says_what_to_do(server: GateServer) -> None:
    server.refuse("/account/main_keys", 403, "FORBIDDEN")

    found = ask(server, lambda account: account.fetch_permissions())

    assert found == Permissions(may_read=True, dangerous=(UNPROVEN,), ip_restricted=False)


def test_a_key_that_reads_nothing_at_all_is_rejected(server: GateServer) -> None:
    server.refuse("/account/main_keys", 403, "FORBIDDEN")
    server.refuse("/spot/accounts", 401, "INVALID_KEY")

    with pytest.raises(KeyRejected):
        ask(server, lambda account: account.fetch_permissions())


def test_a_key_without_an_address_lives_ninety_days_after_its_last_change(server: GateServer) -> None:
    found = permissions(server, [entry(KEY, READING, ip_whitelist=[], update_at=1756300567)])

    assert (found.ip_restricted, found.expires_at) == (False, datetime(2025, 11, 25, 13, 16, 7, tzinfo=UTC))


@pytest.mark.parametrize("answer", [[], {}, None, [{}], [entry(KEY, {})], [entry(KEY, READING, state=2)]])
def test_a_broken_answer_is_no_proof(answer: Any, server: GateServer) -> None:
    try:
        assert not permissions(server, answer).may_read
    except ExchangeUnavailable:
        pass


def test_no_answer_names_key_or_secret(server: GateServer) -> None:
    server.answer("/spot/accounts", lambda _: (400, {}, f'{{"label": "INVALID_KEY", "message": "no key {KEY}"}}'))

    with pytest.raises(KeyRejected) as rejected:
        ask(server, lambda account: account.fetch_wallets())
    assert KEY not in str(rejected.value)

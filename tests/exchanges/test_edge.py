"""The neutral edge: addresses of every client, envelopes, codes that are text, times in seconds, keys that show nowhere."""

import asyncio
import logging
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.observed import RefusalReason
from monitor.errors import ExchangeError
from monitor.exchanges import EXCHANGES
from monitor.exchanges.adapters import load_adapter
from monitor.exchanges.binance.dialect import DIALECT
from monitor.exchanges.http.capture import Response
from monitor.exchanges.http.ccxt_alone import load_client
from monitor.exchanges.http.connection import Connection, complete_addresses, redirect_addresses
from monitor.exchanges.http.dialect import Dialect, Endpoint, ErrorAnswer
from monitor.exchanges.http.failures import Reaction, judge_answer
from monitor.exchanges.http.fields import EPOCH, Malformed, seconds
from monitor.exchanges.http.network import Network
from sql.vault import Credentials, Secret
from tests.venue import RunningVenue

BASE = "http://127.0.0.1:8110"
NOW = datetime(2026, 5, 1, tzinfo=UTC)


TAKEN_AWAY = """
import sys
from importlib.abc import MetaPathFinder

class Gone(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.startswith("monitor.exchanges.mexc"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Gone())
from monitor import exchanges
left = exchanges.EXCHANGES = tuple(name for name in exchanges.EXCHANGES if name != "mexc")
from monitor.commands import run
from monitor.exchanges.adapters import load_adapter
from monitor.settings import read_settings
assert "mexc" in read_settings({}).exchanges
print(run.__name__, *(load_adapter(name).dialect.client for name in left))
"""


def test_a_folder_and_its_line_taken_away_leave_the_others_as_they_are() -> None:
    ran = subprocess.run([sys.executable, "-c", TAKEN_AWAY], capture_output=True, text=True)

    assert (ran.returncode, ran.stdout.split()) == (0, ["monitor.commands.run", "binance", "bitget", "gate"]), (
        ran.stderr
    )


def leaves(addresses: Any) -> list[str]:
    return [leaf for one in addresses.values() for leaf in (leaves(one) if isinstance(one, dict) else [one])]


@pytest.mark.parametrize("name", EXCHANGES)
def test_after_a_redirect_no_address_of_any_family_leads_elsewhere(name: str) -> None:
    addresses = load_client(load_adapter(name).dialect.client)().urls["api"]
    moved = leaves(redirect_addresses(addresses, BASE))

    assert len(moved) == len(leaves(addresses)) > 2
    assert all(address.startswith(f"{BASE}/") or address == BASE for address in moved)


def test_an_address_that_the_client_lacks_is_added_and_moved_with_the_others() -> None:
    added = {"private/flash_swap": "private/spot", "public/unified": "public/spot"}
    addresses = load_client("gate")().urls["api"]
    assert "flash_swap" not in addresses["private"]
    completed = complete_addresses(addresses, replace(DIALECT, added_addresses=added), BASE)

    assert completed["private"]["flash_swap"] == completed["private"]["spot"] == f"{BASE}/api/v4"
    assert completed["public"]["unified"] == f"{BASE}/api/v4"
    assert "flash_swap" not in addresses["private"]  # what all clients share is as it was


def test_what_can_not_be_moved_ends_the_start() -> None:
    with pytest.raises(ValueError, match="can't be replaced"):
        redirect_addresses({"spot": "https://api.example.com/{version}"}, BASE)


def in_words(**changes: Any) -> Dialect:
    """A dialect whose answers have a text code, and refuse with HTTP 200 and 403."""

    def read_error(answer: object) -> ErrorAnswer | None:
        if not isinstance(answer, dict) or answer.get("code") in (None, "00000"):
            return None
        reasons = {"40085": RefusalReason.OTHER_SYSTEM, "40037": RefusalReason.KEY, "40008": RefusalReason.CLOCK}
        code = str(answer["code"])
        return ErrorAnswer(code=code, message=str(answer.get("msg")), reason=reasons.get(code), fails_always=True)

    return replace(DIALECT, read_error=read_error, own_statuses=(200, 403), **changes)


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason"),
    [
        (400, "40037", Reaction.STOP, RefusalReason.KEY),
        (200, "40085", Reaction.REFUSED, RefusalReason.OTHER_SYSTEM),
        (401, "40008", Reaction.FIX, RefusalReason.CLOCK),
        (200, "40001", Reaction.REFUSED, None),
    ],
)
def test_a_code_may_be_text_and_a_refusal_come_with_http_200(
    status: int, code: str, kind: Reaction, reason: RefusalReason | None
) -> None:
    failed = judge_answer(Response(status=status, body=f'{{"code": "{code}", "msg": "no"}}'), in_words(), NOW)

    assert failed and (failed.kind, failed.reason) == (kind, reason)
    assert failed.refusal and failed.refusal.code == code
    assert failed.refusal.is_own == (status in (200, 403))
    assert judge_answer(Response(status=200, body='{"code": "00000", "data": []}'), in_words(), NOW) is None


def test_a_refusal_says_in_a_header_when_calls_are_answered_again() -> None:
    dialect = in_words(budgets=replace(DIALECT.budgets, reset_header="x-reset"))
    headers = {"X-Reset": str(int(NOW.timestamp()) + 7)}
    failed = judge_answer(Response(status=429, headers=headers, body="{}"), dialect, NOW)

    assert failed and failed.until == NOW + timedelta(seconds=7)


@given(st.integers(1_300_000_000_000_000, 4_000_000_000_000_000))
def test_times_in_seconds_arrive_to_the_microsecond(since: int) -> None:
    at, written = EPOCH + timedelta(microseconds=since), Decimal(since) / 1_000_000

    assert seconds({"t": written}, "t") == seconds({"t": str(written)}, "t") == at
    assert seconds({"t": since // 1_000_000}, "t") == at.replace(microsecond=0)


@pytest.mark.parametrize("value", [True, None, "", "soon", 1_700_000_000_000, 0, -1, "1e400", 1.5, [1]])
def test_what_is_no_time_in_seconds_is_malformed(value: object) -> None:
    with pytest.raises(Malformed):
        seconds({"t": value}, "t")


SECRETS = ("key-of-mine-0123456789", "secret-of-mine-0123456789", "passphrase-of-mine-01")


def test_credentials_show_in_no_log_error_or_representation(
    venue: RunningVenue, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key, secret, passphrase = map(Secret, SECRETS)
    credentials = Credentials(key=key, secret=secret, passphrase=passphrase)
    said = [repr(credentials), str(credentials)]

    async def ask() -> None:
        network = Network(DIALECT)
        connection = Connection(credentials, base_url=venue.url, timeout_seconds=5, network=network)
        endpoint = Endpoint(family="private", path="account", weight=20, bucket="api", tries=1)
        lacking = replace(endpoint, family="nowhere/at/all")
        for one in (endpoint, lacking):
            try:
                await connection.call(one, "Asking", lambda answer: answer, accessKey=key.value)
            except (ExchangeError, RuntimeError) as failure:
                said.extend((str(failure), repr(failure), repr(failure.__context__)))
        await connection.close()
        await network.close()

    asyncio.run(ask())
    shown = " ".join([*said, caplog.text])
    assert not [one for one in SECRETS if one in shown]
    assert len(said) == 8

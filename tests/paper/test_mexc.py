"""MEXC's dialect as unmodified ccxt reads it, and what it refuses."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import ccxt.async_support as ccxt
import pytest

from tests.venue import Opener, RunningVenue

KEY, SECRET = "mx0-key-of-the-mexc-account", "secret-of-the-mexc-account"
STORY = f"""
+0m account test on mexc key {KEY} secret {SECRET}
+0m deposit 1000 USDT tx 0xabc
+1m buy for 400 BTCUSDT
+2m transfer 300 USDT from spot to futures
+3m long 0.01 BTCUSDT
+4m withdraw 50 USDT fee 1
+5m lock 20 USDT
+6m funding pay 0.25 USDT BTCUSDT
+7m pay receive 5 USDT
"""


@pytest.fixture
def venue(open_venue: Opener) -> RunningVenue:
    venue = open_venue(STORY)
    venue.advance(minutes=10)
    return venue


def ask(venue: RunningVenue, act: Callable[[Any], Awaitable[Any]], **more: Any) -> Any:
    """What plain ccxt answers, told only where to ask and what time it is there."""

    async def asked() -> Any:
        client = ccxt.mexc({"apiKey": KEY, "secret": SECRET, "number": str, "enableRateLimit": False, **more})
        try:
            client.urls["api"] = redirected(client.urls["api"], venue.urls["mexc"])
            now = int(venue.now().timestamp() * 1000)
            client.options["timeDifference"] = client.milliseconds() - now + 8_000  # the venue's clock stands
            client.options["recvWindow"] = 60_000
            return await act(client)
        finally:
            await client.close()

    return asyncio.run(asked())


def redirected(addresses: Any, base: str) -> Any:
    if isinstance(addresses, str):
        return base + "/" + addresses.partition("//")[2].partition("/")[2] if addresses.count("/") > 2 else base
    return {name: redirected(address, base) for name, address in addresses.items()}


def test_ccxt_reads_the_spot_account(venue: RunningVenue) -> None:
    async def read(client: Any) -> Any:
        return await client.fetch_balance(), await client.fetch_my_trades("BTC/USDT"), await client.fetch_time()

    balance, trades, now = ask(venue, read)
    held = venue.truth()["wallets"]
    bought = Decimal(held["spot"]["BTC"])
    assert (Decimal(balance["BTC"]["total"]), Decimal(balance["USDT"]["used"])) == (bought, 20)
    assert Decimal(balance["USDT"]["free"]) == Decimal(held["spot"]["USDT"]) + 5  # what another user sent
    assert [trade["side"] for trade in trades] == ["buy"]
    assert now == int(venue.now().timestamp() * 1000)


def test_ccxt_reads_orders_in_spot(venue: RunningVenue) -> None:
    venue.do("limit buy 0.001 BTCUSDT at 20000")
    venue.do("fill 0.0004 BTCUSDT")

    async def read(client: Any) -> Any:
        waiting = await client.fetch_open_orders("BTC/USDT")
        return waiting, await client.fetch_orders("BTC/USDT"), await client.fetch_order(waiting[0]["id"], "BTC/USDT")

    (waits,), orders, one = ask(venue, read)
    assert (waits["status"], waits["side"], waits["price"], waits["filled"]) == ("open", "buy", "20000", "0.0004")
    assert [order["status"] for order in orders] == ["closed", "open"]
    assert (one["id"], one["remaining"], one["cost"]) == (waits["id"], "0.0006", "8")


def test_ccxt_reads_deposits_and_withdrawals(venue: RunningVenue) -> None:
    async def read(client: Any) -> Any:
        since = int(venue.now().timestamp() * 1000) - 86_400_000
        return await client.fetch_deposits(None, since), await client.fetch_withdrawals(None, since)

    deposits, withdrawals = ask(venue, read)
    assert [(d["amount"], d["status"], d["txid"]) for d in deposits] == [("1000", "ok", "0xabc:0")]
    assert [(w["info"]["amount"], w["info"]["transactionFee"], w["status"]) for w in withdrawals] == [("51", "1", "ok")]


def test_ccxt_reads_the_futures_account_to_the_last_digit(venue: RunningVenue) -> None:
    async def read(client: Any) -> Any:
        return (
            await client.fetch_balance({"type": "swap"}),
            await client.fetch_positions(),
            await client.fetch_funding_history("BTC/USDT:USDT"),
        )

    balance, positions, funding = ask(venue, read)
    wallet = Decimal(venue.truth()["wallets"]["futures"]["USDT"])
    (row,) = balance["info"]["data"]
    assert Decimal(str(row["cashBalance"])) == wallet
    assert Decimal(str(row["equity"])) == wallet + Decimal(str(row["unrealized"]))
    assert [(p["side"], Decimal(str(p["contracts"]))) for p in positions] == [("long", 100)]
    assert [Decimal(str(one["amount"])) for one in funding] == [Decimal("-0.25")]


def test_ccxt_reads_the_market(venue: RunningVenue) -> None:
    async def read(client: Any) -> Any:
        since = int(venue.now().timestamp() * 1000) - 600_000
        return await client.fetch_ohlcv("BTC/USDT", "1m", since), await client.fetch_ohlcv("BTC/USDT:USDT", "1m", since)

    spot, contract = ask(venue, read)
    assert [row[:5] for row in spot] == [row[:5] for row in contract]
    assert len(spot) >= 10


def raw(venue: RunningVenue, query: str, key: str = KEY, secret: str = SECRET, path: str = "/api/v3/account") -> Any:
    """Status and answer of a call that is signed by hand."""
    sign = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
    request = Request(f"{venue.urls['mexc']}{path}?{query}&signature={sign}", headers={"X-MEXC-APIKEY": key})
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)


def stamp(venue: RunningVenue, off: int = 0) -> str:
    return f"timestamp={int(venue.now().timestamp() * 1000) + off}&recvWindow=5000"


def test_what_is_signed_wrong_late_or_by_nobody_is_refused_in_its_own_words(venue: RunningVenue) -> None:
    assert raw(venue, stamp(venue))[0] == 200
    assert raw(venue, stamp(venue), secret="secret-of-the-mexc-accounT")[1]["code"] == 700002
    assert raw(venue, stamp(venue, off=-6_000))[1]["code"] == 700003
    assert raw(venue, stamp(venue, off=1_000))[1]["code"] == 700003
    assert raw(venue, stamp(venue), key="mx0-other")[1] == {"code": 10072, "msg": "Api key info invalid"}
    venue.do("forbid SPOT_ACCOUNT_READ")
    assert raw(venue, stamp(venue))[1]["code"] == 700007


def contract(venue: RunningVenue, secret: str = SECRET, off: int = 0) -> Any:
    at = str(int(venue.now().timestamp() * 1000) + off)
    sign = hmac.new(secret.encode(), f"{KEY}{at}".encode(), hashlib.sha256).hexdigest()
    headers = {"ApiKey": KEY, "Request-Time": at, "Signature": sign}
    with urlopen(Request(f"{venue.urls['mexc']}/api/v1/private/account/assets", headers=headers)) as answer:
        return json.load(answer)


def test_contracts_refuse_with_http_200(venue: RunningVenue) -> None:
    assert contract(venue)["success"] is True
    assert (contract(venue, secret="x")["success"], contract(venue, secret="x")["code"]) == (False, 602)
    assert contract(venue, off=-11_000)["code"] == 513
    venue.do("forbid CONTRACT_ACCOUNT_READ")
    assert contract(venue)["code"] == 701


@pytest.mark.parametrize(("days", "code"), [(7, 200), (8, 400), (91, 400)])
def test_histories_are_read_a_week_at_a_time_and_ninety_days_back(venue: RunningVenue, days: int, code: int) -> None:
    end = int(venue.now().timestamp() * 1000)
    query = f"startTime={end - days * 86_400_000}&endTime={end}&{stamp(venue)}"

    assert raw(venue, query, path="/api/v3/capital/deposit/hisrec")[0] == code


def test_the_key_says_what_it_may_and_how_long_it_lives(venue: RunningVenue) -> None:
    venue.do("permit SPOT_DEAL_WRITE")

    status, told = raw(venue, f"accessKey={KEY}&{stamp(venue)}", path="/api/v3/apiKeyInfo")
    assert status == 200
    assert told["permissions"].split(",")[-1] == "SPOT_DEAL_WRITE"
    assert told["remainingValidity"] == "89"


def test_too_many_calls_are_refused(venue: RunningVenue) -> None:
    answers = [raw(venue, stamp(venue))[0] for _ in range(52)]

    assert answers.count(429) == 2


def test_ccxt_reads_what_was_traded_of_a_contract_from_flat_to_flat(venue: RunningVenue) -> None:
    venue.do("short 0.03 BTCUSDT")

    async def read(client: Any) -> Any:
        whole = await client.fetch_positions_history(["BTC/USDT:USDT"])
        with pytest.raises(ccxt.BaseError, match="Parameter error"):
            await client.fetch_positions_history(["BTC/USDT:USDT"], limit=101)
        return whole, await client.fetch_my_trades("BTC/USDT:USDT")

    [told], trades = ask(venue, read)
    row, fills = told["info"], venue.exchange.venue.accounts["test"].contract_fills
    assert (told["side"], row["state"], Decimal(str(row["closeVol"]))) == ("long", 3, 100)
    assert Decimal(str(row["closeProfitLoss"])) == sum(fill.profit for fill in fills)
    assert Decimal(str(row["realised"])) == sum(
        Decimal(str(row[name])) for name in ("closeProfitLoss", "holdFee")
    ) - Decimal(str(row["fee"]))
    assert sorted(one["info"]["side"] for one in trades) == [1, 3, 4]  # what leads through zero closes, then opens

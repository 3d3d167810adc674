"""Gate's dialect as unmodified ccxt reads it, its books, and what it refuses."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote_plus
from urllib.request import Request, urlopen

import ccxt.async_support as ccxt
import pytest

from tests.venue import Opener, RunningVenue

KEY, SECRET = "key-of-the-gate-account", "secret-of-the-gate-account"
LIFE = """
+0m deposit 1000 USDT tx 0xabc
+1m buy for 400 BTCUSDT
+2m transfer 300 USDT from spot to futures
+3m long 0.01 BTCUSDT
+4m withdraw 50 USDT fee 1
+5m lock 20 USDT
+6m funding pay 0.25 USDT BTCUSDT
+7m convert 30 USDT to ETH
+8m transfer 40 USDT from spot to earn_flexible
+9m transfer 0.001 BTC from spot to isolated_margin
+10m borrow 0.0005 BTC on isolated_margin
+11m pay receive 5 USDT
"""


def story(system: str = "") -> str:
    return f"+0m account test on gate {system} key {KEY} secret {SECRET}\n{LIFE}"


@pytest.fixture
def venue(open_venue: Opener) -> RunningVenue:
    venue = open_venue(story())
    venue.advance(minutes=15)
    return venue


def ask(venue: RunningVenue, act: Callable[[Any], Awaitable[Any]]) -> Any:
    """What plain ccxt answers, told only where to ask and what time it is there."""

    async def asked() -> Any:
        client = ccxt.gate({"apiKey": KEY, "secret": SECRET, "number": str})
        try:
            client.urls["api"] = redirected(client.urls["api"], venue.urls["gate"])
            client.options["timeDifference"] = client.milliseconds() - int(venue.now().timestamp() * 1000)
            return await act(client)
        finally:
            await client.close()

    return asyncio.run(asked())


def redirected(addresses: Any, base: str) -> Any:
    if isinstance(addresses, str):
        return f"{base}/api/v4"
    return {name: redirected(address, base) for name, address in addresses.items()}


def held(venue: RunningVenue, *wallets: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for wallet in wallets:
        for asset, amount in venue.truth()["wallets"].get(wallet, {}).items():
            found[asset] = found.get(asset, Decimal(0)) + Decimal(amount)
    return found


SPOT = ("spot", "locked", "funding", "withdrawing")


def test_ccxt_reads_the_wallets_of_a_classic_account(venue: RunningVenue) -> None:
    async def read(client: Any) -> Any:
        return [await client.fetch_balance({"type": kind}) for kind in ("spot", "swap")]

    spot, swap = ask(venue, read)
    truth = held(venue, *SPOT)
    assert {asset: Decimal(spot[asset]["total"]) for asset in truth} == truth
    assert Decimal(swap["USDT"]["total"]) == held(venue, "futures")["USDT"]
    (pair,) = raw(venue, "/margin/accounts")[1]
    assert Decimal(pair["base"]["available"]) == held(venue, "isolated_margin")["BTC"]
    assert pair["base"]["borrowed"] == "0.0005"


def test_ccxt_reads_flows_trades_positions_and_candles(venue: RunningVenue) -> None:
    async def read(client: Any) -> Any:
        return (
            await client.fetch_deposits(),
            await client.fetch_withdrawals(),
            await client.fetch_my_trades("BTC/USDT"),
            await client.fetch_positions(),
            await client.fetch_ohlcv("BTC/USDT", "1m", None, 10),
            await client.fetch_time(),
        )

    deposits, withdrawals, trades, positions, candles, now = ask(venue, read)
    assert [(d["amount"], d["status"], d["txid"]) for d in deposits] == [("1000", "ok", "0xabc")]
    assert [(w["info"]["amount"], w["info"]["fee"], w["status"]) for w in withdrawals] == [("51", "1", "ok")]
    assert [trade["side"] for trade in trades] == ["buy"]
    assert [(p["side"], Decimal(str(p["contracts"]))) for p in positions] == [("long", 100)]
    assert len(candles) == 10
    assert now == int(venue.now().timestamp() * 1000)


def test_ccxt_reads_a_stop_before_and_after_its_trigger(venue: RunningVenue) -> None:
    async def read(client: Any) -> Any:
        asked = {"trigger": True}
        return (
            await client.fetch_open_orders("BTC/USDT", params=asked),
            await client.fetch_closed_orders("BTC/USDT", params=asked),
            await client.fetch_open_orders("BTC/USDT"),
            await client.fetch_closed_orders("BTC/USDT"),
        )

    venue.do("stop sell 50% BTCUSDT at -10%")
    waiting, ended, plain, _ = ask(venue, read)
    assert ([one["side"] for one in waiting], ended, plain) == (["sell"], [], [])
    assert Decimal(str(waiting[0]["triggerPrice"])) > 0
    venue.do("fill BTCUSDT")
    waiting, ended, _, orders = ask(venue, read)
    assert (waiting, [one["info"]["status"] for one in ended]) == ([], ["finish"])
    assert orders[-1]["id"] == str(ended[0]["info"]["fired_order_id"]) != ended[0]["id"]
    assert (orders[-1]["type"], orders[-1]["side"]) == ("market", "sell")
    _, book = raw(venue, "/spot/account_book", "limit=3")
    assert {row["type"] for row in book} == {"order_sell", "order_fee"}


def raw(venue: RunningVenue, path: str, query: str = "", **signing: Any) -> tuple[int, Any]:
    """Status and answer of a call that is signed by hand, by the documentation's words."""
    key, secret, off = signing.get("key", KEY), signing.get("secret", SECRET), signing.get("off", 0)
    at = str(int(venue.now().timestamp()) + off)
    empty = hashlib.sha512(b"").hexdigest()
    text = f"GET\n/api/v4{path}\n{unquote_plus(query)}\n{empty}\n{at}"
    sign = hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()
    address = f"{venue.urls['gate']}/api/v4{path}{'?' + query if query else ''}"
    request = Request(address, headers={"KEY": key, "SIGN": sign, "Timestamp": at})
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)


def chains(rows: Iterable[Any], start: Decimal = Decimal(0)) -> Decimal:
    """The last balance of rows that are oldest first, each of which follows from the one before."""
    balance = start
    for row in rows:
        balance += Decimal(row["change"])
        assert Decimal(row["balance"]) == balance
    return balance


def test_ccxt_reads_orders_of_contracts(venue: RunningVenue) -> None:
    for line in ("await short 0.01 BTCUSDT at 900000", "trigger short 0.01 BTCUSDT at 20000"):
        venue.do(line)
    asked = {"trigger": True}

    async def read(client: Any) -> Any:
        return (
            await client.fetch_open_orders("BTC/USDT:USDT"),
            await client.fetch_open_orders("BTC/USDT:USDT", params=asked),
            await client.fetch_closed_orders("BTC/USDT:USDT"),
        )

    (waits,), (stop,), closed = ask(venue, read)
    assert (waits["side"], waits["price"], waits["amount"], waits["status"]) == ("sell", "900000", "100", "open")
    assert (stop["side"], stop["triggerPrice"], stop["reduceOnly"]) == ("sell", "20000", True)
    assert {order["status"] for order in closed} == {"closed"}


def test_the_books_chain_to_what_the_wallets_hold(venue: RunningVenue) -> None:
    _, rows = raw(venue, "/spot/account_book", "limit=1000")
    truth = held(venue, *SPOT)
    for asset, amount in truth.items():
        assert chains([row for row in rows[::-1] if row["currency"] == asset]) == amount
    assert {"deposit", "order_buy", "order_fee", "perp_in", "withdraw", "cv_buy", "cv_sell"} <= {
        r["type"] for r in rows
    }
    assert not [row["type"] for row in rows if row["type"] == "other"]
    assert all(first["time"] >= second["time"] for first, second in pairwise(rows))
    _, book = raw(venue, "/futures/usdt/account_book", "limit=1000")
    assert chains(book[::-1]) == held(venue, "futures")["USDT"]
    assert [row["type"] for row in book] == ["fund", "fee", "dnw"]


def test_the_total_is_the_sum_of_its_parts_and_leaves_open_profit_out(venue: RunningVenue) -> None:
    _, told = raw(venue, "/wallet/total_balance", "currency=USDT")

    parts = {name: Decimal(part["amount"]) for name, part in told["details"].items()}
    assert sum(parts.values()) == Decimal(told["total"]["amount"])
    assert parts["futures"] == held(venue, "futures")["USDT"]
    assert Decimal(told["details"]["futures"]["unrealised_pnl"]) == Decimal(venue.truth()["unrealised"]).quantize(
        Decimal("1e-8")
    )


@pytest.mark.parametrize("system", ["single_currency", "multi_currency", "portfolio"])
def test_a_unified_account_has_one_pool_whose_equity_counts_all_of_it_once(open_venue: Opener, system: str) -> None:
    venue = open_venue(story(system))
    venue.advance(minutes=15)
    _, pool = raw(venue, "/unified/accounts")
    _, futures = raw(venue, "/futures/usdt/accounts")
    truth = held(venue, *SPOT, "futures", "cross_margin")
    truth["USDT"] += Decimal(venue.truth()["unrealised"])

    assert raw(venue, "/unified/unified_mode")[1]["mode"] == system
    assert {asset: Decimal(row["equity"]) for asset, row in pool["balances"].items()} == truth
    assert (futures["total"], futures["enable_credit"]) == ("0", True)
    _, rows = raw(venue, "/spot/account_book", "limit=1000")
    assert chains([row for row in rows[::-1] if row["currency"] == "BTC"]) == truth["BTC"]


def test_what_is_signed_wrong_late_or_by_nobody_is_refused_by_its_label(venue: RunningVenue) -> None:
    def label(**signing: Any) -> tuple[int, str]:
        status, told = raw(venue, "/spot/accounts", **signing)
        return status, told["label"] if isinstance(told, dict) else ""

    assert label() == (200, "")
    assert label(secret="secret-of-the-gate-accounT") == (401, "INVALID_SIGNATURE")
    assert label(off=-61) == (403, "REQUEST_EXPIRED")
    assert label(key="other") == (401, "INVALID_KEY")
    venue.do("forbid spot")
    assert label() == (403, "FORBIDDEN")
    venue.do("revoke")
    assert label() == (401, "INVALID_KEY")


def test_the_key_says_what_it_may_and_hides_its_end(venue: RunningVenue) -> None:
    venue.do("permit spot_write")
    (told,) = raw(venue, "/account/main_keys")[1]

    assert [right["name"] for right in told["perms"] if not right["read_only"]] == ["spot"]
    assert KEY.startswith(told["key"].rstrip("*")) and told["key"] != KEY


@pytest.mark.parametrize(("days", "status"), [(30, 200), (31, 400)])
def test_histories_are_read_thirty_days_at_a_time(venue: RunningVenue, days: int, status: int) -> None:
    end = int(venue.now().timestamp())

    assert raw(venue, "/wallet/deposits", f"from={end - days * 86_400}&to={end}")[0] == status


def test_too_many_calls_are_refused_and_headers_say_until_when(venue: RunningVenue) -> None:
    answers = [raw(venue, "/account/detail")[0] for _ in range(201)]

    assert answers.count(429) == 1


def test_ccxt_reads_what_was_traded_of_a_contract_from_flat_to_flat(venue: RunningVenue) -> None:
    venue.do("liquidate BTCUSDT")

    async def read(client: Any) -> Any:
        return await client.fetch_positions_history(["BTC/USDT:USDT"]), await client.fetch_my_trades("BTC/USDT:USDT")

    [told], trades = ask(venue, read)
    row, fills = told["info"], venue.exchange.venue.accounts["test"].contract_fills
    assert (told["side"], row["text"], row["accum_size"]) == ("long", "liquidation", "100")
    assert Decimal(row["pnl_pnl"]) == sum(fill.profit for fill in fills)
    assert Decimal(row["pnl"]) == sum(Decimal(row[name]) for name in ("pnl_pnl", "pnl_fee", "pnl_fund"))
    assert [(one["side"], one["info"]["close_size"]) for one in trades] == [("buy", 0), ("sell", -100)]

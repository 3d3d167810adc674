"""Bitget's dialect is read by plain ccxt, whichever system the account is of."""

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

import ccxt.async_support
import pytest

from tests.paper.bitget import KEY, PASSPHRASE, SECRET, ms
from tests.venue import RunningVenue

D = Decimal


def with_ccxt(venue: RunningVenue, act: Callable[[Any], Coroutine[Any, Any, Any]]) -> Any:
    """What `act` returns of a plain ccxt object, changed in nothing but its addresses."""

    async def run() -> Any:
        made = ccxt.async_support.bitget({"apiKey": KEY, "secret": SECRET, "password": PASSPHRASE})
        made.urls["api"] = dict.fromkeys(made.urls["api"], venue.urls["bitget"])
        try:
            return await act(made)
        finally:
            await made.close()

    return asyncio.run(run())


def test_plain_ccxt_reads_a_classic_account(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("classic")

    async def look(exchange: Any) -> dict[str, Any]:
        return {
            "time": await exchange.fetch_time(),
            "spot": (await exchange.fetch_balance())["total"],
            "swap": (await exchange.fetch_balance({"type": "swap"}))["total"],
            "cross": (await exchange.fetch_balance({"marginMode": "cross"}))["debt"],
            "isolated": (await exchange.fetch_balance({"marginMode": "isolated"}))["total"]["BTC"],
            "deposits": await exchange.fetch_deposits(),
            "withdrawals": await exchange.fetch_withdrawals(),
            "fills": await exchange.fetch_my_trades("BTC/USDT"),
            "contract fills": await exchange.fetch_my_trades("BTC/USDT:USDT"),
            "margin fills": await exchange.fetch_my_trades("ETH/USDT", params={"marginMode": "cross"}),
            "ledger": await exchange.fetch_ledger(),
            "contract ledger": await exchange.fetch_ledger(params={"type": "swap"}),
            "positions": await exchange.fetch_positions(),
            "tickers": await exchange.fetch_tickers(),
            "candles": await exchange.fetch_ohlcv("BTC/USDT", "1m", limit=3),
            "contract candles": await exchange.fetch_ohlcv("BTC/USDT:USDT", "1h", limit=2),
        }

    seen, held = with_ccxt(venue, look), venue.truth("Ann")["wallets"]
    assert seen["time"] == ms(venue.now())
    assert D(str(seen["spot"]["USDT"])) == D(held["spot"]["USDT"]) + D(held["locked"]["USDT"])
    assert seen["spot"]["BTC"] == float(held["spot"]["BTC"]) and seen["spot"]["ETH"] == 0.5
    assert seen["swap"]["USDT"] == pytest.approx(float(held["futures"]["USDT"]), rel=1e-2)  # without the open profit
    assert (seen["cross"]["ETH"], seen["isolated"]) == (0.2001, 0.01)
    assert [(d["currency"], d["amount"], d["status"]) for d in seen["deposits"]] == [
        ("USDT", 20000.0, "ok"), ("ETH", 0.5, "ok"),
    ]  # fmt: skip
    assert [w["fee"]["cost"] for w in seen["withdrawals"]] == [1.5, 1.0]
    assert [fill["side"] for fill in seen["fills"]] == ["buy", "sell"]
    assert [fill["side"] for fill in seen["contract fills"]] == ["buy", "sell"]
    assert [fill["side"] for fill in seen["margin fills"]] == ["sell"]
    assert len(seen["ledger"]) > 10 and len(seen["contract ledger"]) == 4
    assert [(p["symbol"], p["contracts"], p["side"]) for p in seen["positions"]] == [("BTC/USDT:USDT", 0.01, "long")]
    assert seen["tickers"]["BTC/USDT"]["last"] == float(venue.exchange.venue.price("BTCUSDT", venue.now()))
    assert len(seen["candles"]) == 3 and len(seen["contract candles"]) == 2
    assert seen["candles"][-1][0] == ms(venue.now().replace(second=0))


def test_plain_ccxt_finds_a_unified_account_and_reads_it(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("unified")

    async def look(exchange: Any) -> dict[str, Any]:
        return {
            "pool": (await exchange.fetch_balance())["total"],
            "swap": (await exchange.fetch_balance({"type": "swap"}))["total"],
            "funding": (await exchange.fetch_balance({"type": "funding"}))["total"],
            "deposits": await exchange.fetch_deposits(),
            "withdrawals": await exchange.fetch_withdrawals(),
            "fills": await exchange.fetch_my_trades("BTC/USDT"),
            "ledger": await exchange.fetch_ledger(),
            "positions": await exchange.fetch_positions(),
            "tickers": await exchange.fetch_tickers(params={"category": "SPOT"}),
            "candles": await exchange.fetch_ohlcv("BTC/USDT", "1m", limit=3),
            "uta": exchange.options["uta"],
        }

    seen = with_ccxt(venue, look)
    assert seen["uta"] is True and seen["pool"] == seen["swap"]
    assert seen["funding"] == {"USDT": 500.0}
    assert [d["amount"] for d in seen["deposits"]] == [20000.0, 0.5]
    assert [w["fee"]["cost"] for w in seen["withdrawals"]] == [1.5, 1.0]
    assert len(seen["fills"]) == 4  # of the pair and of the contract of its name
    assert len(seen["ledger"]) == 4
    assert [p["symbol"] for p in seen["positions"]] == ["BTC/USDT:USDT"]
    assert seen["tickers"]["BTC/USDT"]["last"] > 0 and len(seen["candles"]) == 3


@pytest.mark.parametrize("system", ["classic", "unified"])
def test_plain_ccxt_reads_what_was_traded_of_a_contract_from_flat_to_flat(
    system: str, open_bitget: Callable[[str], RunningVenue]
) -> None:
    venue = open_bitget(system)
    venue.do("close BTCUSDT", "Ann")

    [told] = with_ccxt(venue, lambda exchange: exchange.fetch_positions_history(["BTC/USDT:USDT"]))
    fills = venue.exchange.venue.accounts["Ann"].contract_fills
    assert (told["side"], told["contracts"], told["entryPrice"]) == ("long", 0.02, float(fills[0].price))
    row = told["info"]
    profit, fees = ("pnl", "openFee", "closeFee"), ("cumRealisedPnl", "openFeeTotal", "closeFeeTotal")
    gained, opened, closed = (D(row[name]) for name in (profit if system == "classic" else fees))
    assert gained == sum(fill.profit for fill in fills if fill.symbol == "BTCUSDT") != 0
    assert gained + opened + closed + D(row["totalFunding"]) == D(row["netProfit"])

"""Bitget's ledgers chain to what its wallets hold, its totals are their worth, and pages have every row once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.paper.bitget import AGE, ms, read
from tests.venue import RunningVenue

D = Decimal


def chain(rows: list[dict[str, Any]], amount: str, fee: str, coin: str = "coin") -> dict[str, Decimal]:
    """What a ledger ends with, by coin, after every step of it was found to be right."""
    last: dict[str, Decimal] = {}
    for row in reversed(rows):
        assert D(row["balance"]) == last.get(row[coin], D(0)) + D(row[amount]) + D(row[fee]), row
        last[row[coin]] = D(row["balance"])
    return {asset: balance for asset, balance in last.items() if balance}


def test_every_ledger_of_a_classic_account_chains_to_its_wallet(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("classic")
    since = {"startTime": ms(venue.now() - AGE), "endTime": ms(venue.now())}

    spot = chain(read(venue, "/api/v2/spot/account/bills", **since, limit=500), "size", "fees")
    wallet = read(venue, "/api/v2/spot/account/assets")
    assert spot == {row["coin"]: D(row["available"]) + D(row["frozen"]) + D(row["locked"]) for row in wallet}
    for product in ("USDT-FUTURES", "COIN-FUTURES", "USDC-FUTURES"):
        rows = read(venue, "/api/v2/mix/account/bill", productType=product, **since)["bills"]
        accounts = read(venue, "/api/v2/mix/account/accounts", productType=product)
        held = {row["marginCoin"]: D(row["accountEquity"]) - D(row["unrealizedPL"]) for row in accounts}
        assert chain(rows, "amount", "fee") == {coin: amount for coin, amount in held.items() if amount}
    crossed = read(venue, "/api/v2/margin/crossed/financial-records", **since)["resultList"]
    assets = read(venue, "/api/v2/margin/crossed/account/assets")
    assert chain(crossed, "amount", "fee") == {
        row["coin"]: D(row["available"]) for row in assets if D(row["available"])
    }
    assert {row["marginType"] for row in crossed} == {"transfer_in", "borrow", "deal_out", "deal_in"}
    isolated = read(venue, "/api/v2/margin/isolated/financial-records", symbol="BTCUSDT", **since)["resultList"]
    assert chain(isolated, "amount", "fee") == {"BTC": D("0.01")}


def test_a_unified_accounts_pool_is_the_sum_of_its_ledger_less_debt_plus_open_profit(
    open_bitget: Callable[[str], RunningVenue],
) -> None:
    venue = open_bitget("unified")
    rows = []
    for category in ("SPOT", "MARGIN", "USDT-FUTURES", "COIN-FUTURES", "USDC-FUTURES", "OTHER"):
        rows += read(venue, "/api/v3/account/financial-records", category=category)["list"]
    pool = read(venue, "/api/v3/account/assets")
    rows.sort(key=lambda row: -int(row["id"]))

    assert chain(rows, "amount", "fee") == {
        row["coin"]: D(row["balance"]) for row in pool["assets"] if D(row["balance"])
    }
    ann, books = venue.truth("Ann"), {row["coin"]: row for row in pool["assets"]}
    assert D(books["ETH"]["equity"]) == D(books["ETH"]["balance"]) - D("0.2") == D("0.3999")
    assert D(books["USDT"]["equity"]) - D(books["USDT"]["balance"]) == D(ann["unrealised"])
    assert D(books["USDT"]["locked"]) == 50
    assert {row["type"] for row in rows} >= {
        "BUY_DEAL", "SELL_DEAL", "CONTRACT_MAIN_SETTLE_FEE_USER_OUT", "ORDER_DEALT_IN", "BORROW", "TRANSFER_OUT",
        "INTEREST_SETTLEMENT_OUT",
    }  # fmt: skip


def test_a_change_of_the_account_system_moves_no_coin(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("classic")
    held: dict[str, Decimal] = {}
    wallets = [
        (read(venue, "/api/v2/spot/account/assets"), ("available", "frozen")),
        (read(venue, "/api/v2/margin/crossed/account/assets"), ("net",)),
        (read(venue, "/api/v2/margin/isolated/account/assets"), ("net",)),
        *(
            (read(venue, "/api/v2/mix/account/accounts", productType=product), ("accountEquity",))
            for product in ("USDT-FUTURES", "COIN-FUTURES", "USDC-FUTURES")
        ),
    ]
    for rows, columns in wallets:
        for row in rows:
            coin = row.get("coin") or row["marginCoin"]
            held[coin] = held.get(coin, D(0)) + sum((D(row[column]) for column in columns), D(0))
    earn = read(venue, "/api/v2/earn/account/assets")
    venue.do("unify", "Ann")

    pool = {row["coin"]: D(row["equity"]) for row in read(venue, "/api/v3/account/assets")["assets"]}
    assert pool == {coin: amount for coin, amount in held.items() if amount}
    assert read(venue, "/api/v2/earn/account/assets") == earn
    assert read(venue, "/api/v3/account/funding-assets")[0]["balance"] == "500"


def test_the_exchanges_totals_are_its_wallets_at_the_tickers_prices(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("classic")
    totals = {row["accountType"]: D(row["usdtBalance"]) for row in read(venue, "/api/v2/account/all-account-balance")}
    prices = {row["symbol"]: D(row["lastPr"]) for row in read(venue, "/api/v2/spot/market/tickers")}

    def worth(rows: list[dict[str, str]], *columns: str) -> Decimal:
        priced = ((sum((D(row[column]) for column in columns), D(0)), row["coin"]) for row in rows)
        return sum((amount * (1 if coin == "USDT" else prices[f"{coin}USDT"]) for amount, coin in priced), D(0))

    spot = worth(read(venue, "/api/v2/spot/account/assets"), "available", "frozen")
    margin = worth(read(venue, "/api/v2/margin/crossed/account/assets"), "net")
    margin += worth(read(venue, "/api/v2/margin/isolated/account/assets"), "net")
    futures = sum(
        (
            worth([{"coin": row["marginCoin"], "equity": row["accountEquity"]} for row in rows], "equity")
            for product in ("USDT-FUTURES", "COIN-FUTURES", "USDC-FUTURES")
            if (rows := read(venue, "/api/v2/mix/account/accounts", productType=product))
        ),
        D(0),
    )
    found = {"spot": spot, "margin": margin, "futures": futures, "funding": D(500), "earn": D(700), "bots": D(300)}
    assert {name: round(amount, 6) for name, amount in totals.items()} == {n: round(a, 6) for n, a in found.items()}


@pytest.mark.parametrize(
    ("path", "rows", "before", "number", "more"),
    [
        ("/api/v2/spot/account/bills", None, "idLessThan", "billId", {}),
        ("/api/v2/spot/wallet/withdrawal-records", None, "idLessThan", "orderId", {}),
        ("/api/v2/spot/trade/fills", None, "idLessThan", "tradeId", {}),
        ("/api/v2/mix/account/bill", "bills", "idLessThan", "billId", {"productType": "USDT-FUTURES"}),
    ],
)
def test_pages_have_every_row_once(
    path: str, rows: str | None, before: str, number: str, more: dict[str, str],
    open_bitget: Callable[[str], RunningVenue],
) -> None:  # fmt: skip
    venue = open_bitget("classic")
    asked = more | {"startTime": ms(venue.now() - AGE), "endTime": ms(venue.now())}

    def ids(**page: Any) -> list[str]:
        found = read(venue, path, **asked, **page)
        venue.control("/weights", method="DELETE")
        return [row[number] for row in (found[rows] if rows else found)]

    whole, paged = ids(limit=100), ids(limit=1)
    while page := ids(limit=1, **{before: paged[-1]}):
        paged += page
    assert paged == whole and len(set(whole)) == len(whole) > 1


def test_a_withdrawals_fee_is_inside_or_on_top_as_the_story_says(open_bitget: Callable[[str], RunningVenue]) -> None:
    venue = open_bitget("classic")
    asked = {"startTime": ms(venue.now() - AGE), "endTime": ms(venue.now())}
    sizes = {}
    for told in ("", "fees on_top", "fees inside"):
        venue.do(told, "Ann") if told else None
        sizes[told] = [D(row["size"]) for row in read(venue, "/api/v2/spot/wallet/withdrawal-records", **asked)]

    assert sizes == {"": [251, D("101.5")], "fees on_top": [250, 100], "fees inside": [251, D("101.5")]}
    venue.do("deposit 5 USDT tx none", "Ann")
    inside = read(venue, "/api/v2/spot/wallet/deposit-records", **asked)[0]
    assert (inside["tradeId"], inside["dest"]) == (inside["orderId"], "internal_transfer")
    sent, got = (venue.exchange.venue.accounts[name] for name in ("Ann", "Bob"))
    rows = read(venue, "/api/v2/spot/wallet/withdrawal-records", **asked)
    assert rows[0]["tradeId"] == got.deposits[-1].transaction == sent.withdrawals[-1].transaction

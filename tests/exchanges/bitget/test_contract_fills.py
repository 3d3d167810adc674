"""What was done by a trade of a contract, in each word that Bitget has for it; and what a row of a ledger is about."""

from typing import Any

import pytest

from finance.records import ContractQuery, FillReason
from monitor.exchanges.bitget.contract_fills import read_contract_fill, read_unified_contract_fill
from monitor.exchanges.bitget.futures import product_of, settled_in
from monitor.exchanges.bitget.words import find_side
from tests.exchanges.bitget.test_pages import NOW, fill

QUERY = ContractQuery(wallet="unified", symbol="BTCUSDT", since=NOW, until=NOW)
BY_FORCE = FillReason.LIQUIDATION
HEDGED = [  # side and word as they are told; of which position, and which way
    ("buy", "open", "long", 1, None),
    ("sell", "open", "short", -1, None),
    ("buy", "close", "long", -1, None),  # of a hedged position its side is told, also when it is closed
    ("sell", "close", "short", 1, None),
    ("buy", "burst_close_long", "long", -1, BY_FORCE),
    ("sell", "reduce_close_short", "short", 1, BY_FORCE),
    ("buy", "offset_close_long", "long", -1, BY_FORCE),
    ("sell", "dte_sys_adl_close_short", "short", 1, FillReason.ADL),
    ("buy", "delivery_close_long", "long", -1, FillReason.DELIVERY),
]
ONE_WAY = [
    ("buy", "buy_single", "both", 1, None),
    ("sell", "sell_single", "both", -1, None),
    ("sell", "burst_sell_single", "both", -1, BY_FORCE),
    ("buy", "dte_sys_adl_buy_in_single_side_mode", "both", 1, FillReason.ADL),
]
UNIFIED = [
    ("sell", "", "", "both", -1, None),
    ("sell", "close", "", "long", -1, None),  # side is what was done
    ("buy", "close", "", "short", 1, None),
    ("sell", "open", "short", "short", -1, None),
    ("sell", "burst_close_long", "", "long", -1, BY_FORCE),
    ("buy", "buy_single", "", "both", 1, None),
]


def told(row: dict[str, Any], **said: str) -> dict[str, Any]:
    return row | said


@pytest.mark.parametrize(("side", "word", "held", "sign", "reason"), HEDGED + ONE_WAY)
def test_each_word_of_the_classic_system(side: str, word: str, held: str, sign: int, reason: FillReason | None) -> None:
    mode = "one_way_mode" if held == "both" else "hedge_mode"
    found = read_contract_fill(told(fill(1, NOW), side=side, tradeSide=word, posMode=mode), query=QUERY)

    assert (found.side, found.quantity, found.reason, found.settle) == (held, sign, reason, "USDT")


@pytest.mark.parametrize(("side", "word", "position", "held", "sign", "reason"), UNIFIED)
def test_each_word_of_the_unified_system(
    side: str, word: str, position: str, held: str, sign: int, reason: FillReason | None
) -> None:
    found = read_unified_contract_fill(told(fill(1, NOW), side=side, tradeSide=word, posSide=position), query=QUERY)

    assert (found.side, found.quantity, found.reason) == (held, sign, reason)


def test_what_a_contract_is_settled_in_follows_from_its_name() -> None:
    names = ("BTCUSDT", "BTCPERP", "ETHUSD", "BTCUSDZ26", "BTCUSDTZ26")

    assert [product_of(name) for name in names] == [
        "USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES", "COIN-FUTURES", "USDT-FUTURES",
    ]  # fmt: skip
    assert [settled_in(name) for name in names] == ["USDT", "USDC", "", "", "USDT"]


def test_a_row_of_a_ledger_is_of_one_side_where_its_type_says_it() -> None:
    words = ("open_long", "CLOSE_SHORT", "burst_long_loss_query", "buy", "BURST_SELL_SSM")

    assert [find_side(word) for word in words] == ["long", "short", "long", "both", "both"]

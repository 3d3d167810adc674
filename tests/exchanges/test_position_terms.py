"""On what terms positions are held, by each exchange's words; what is no number, zero or not there is not said."""

from decimal import Decimal as D

import pytest

from finance.observed import Terms
from monitor.exchanges.binance import futures as binance
from monitor.exchanges.bitget import futures as bitget
from monitor.exchanges.gate import futures as gate
from monitor.exchanges.mexc import futures as mexc
from monitor.exchanges.position_terms import read_terms

SAID = [
    (binance.TERMS, {"leverage": "10", "marginType": "isolated", "liquidationPrice": "64846.9", "positionInitialMargin": "7.5"},
     Terms(leverage=D(10), margin_mode="isolated", liquidation_price=D("64846.9"), margin=D("7.5"))),
    (bitget.TERMS, {"leverage": "20", "marginMode": "crossed", "liquidationPrice": "31725.02", "marginSize": "32.445"},
     Terms(leverage=D(20), margin_mode="cross", liquidation_price=D("31725.02"), margin=D("32.445"))),
    (mexc.TERMS, {"leverage": 5, "openType": 1, "liquidatePrice": D("0.5"), "im": D(3)},
     Terms(leverage=D(5), margin_mode="isolated", liquidation_price=D("0.5"), margin=D(3))),
    (gate.TERMS, {"leverage": "5", "liq_price": "60.07"}, Terms(leverage=D(5), liquidation_price=D("60.07"))),
]  # fmt: skip


@pytest.mark.parametrize(("names", "row", "terms"), SAID)
def test_each_exchange_says_it_in_its_words(names: object, row: dict[str, object], terms: Terms) -> None:
    assert read_terms(row, names) == terms  # type: ignore[arg-type]


@pytest.mark.parametrize("broken", ["", "0", None, "abc", "-1", "NaN", "1e40", [], {}])
def test_what_is_not_said_is_not_known_and_breaks_no_reading(broken: object) -> None:
    row = dict.fromkeys(("leverage", "marginType", "liquidationPrice", "positionInitialMargin"), broken)
    assert read_terms(row, binance.TERMS) == Terms()

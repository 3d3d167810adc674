"""Fills matched with what they sell: our inventories by every method, and rp2's FIFO on the same fills."""

import importlib
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.budgets import Line, measure_seconds
from finance.inventory import Inventory, Method

FILLS, ASSETS = 100_000, 20
SECONDS = 0.5
SAMPLES = 5
PEER_FILLS = 3_000  # rp2 takes more than a second for them
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
Fill = tuple[int, Decimal, Decimal]  # asset, units (signed), price
SETTINGS = """
[general]
assets = BTC
exchanges = Binance
holders = Ann
[in_header]
timestamp = 0
exchange = 1
holder = 2
transaction_type = 5
asset = 6
crypto_in = 7
spot_price = 8
[out_header]
timestamp = 0
exchange = 1
holder = 2
transaction_type = 5
asset = 6
crypto_out_no_fee = 7
spot_price = 8
crypto_fee = 9
[intra_header]
timestamp = 0
from_exchange = 1
from_holder = 2
to_exchange = 3
to_holder = 4
asset = 6
crypto_sent = 7
crypto_received = 8
spot_price = 9
"""


def measure_matching() -> Iterator[Line]:
    """Each method over many fills of many assets, and FIFO beside the peer over fewer of one."""
    fills = draw_fills(FILLS, ASSETS, 1)
    for method in Method:
        seconds = measure_seconds(partial(match, fills, method), SAMPLES)
        what = f"{FILLS:,} fills of {ASSETS} assets by {method}"
        yield Line(what=what, value=seconds, unit="s", samples=SAMPLES, budget=SECONDS)
    few = draw_fills(PEER_FILLS, 1, 2)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):  # where it is imported, it makes a folder of logs
        theirs = _find_rp2(few)
    if theirs is None:
        print("  rp2 is not installed; make bench installs it")
        return
    ours = partial(match, few, Method.FIFO)
    if (gains := (ours(), theirs()))[0] != gains[1]:
        print(f"  The gains differ: {gains[0]} here, {gains[1]} by rp2")
    yield Line(
        what=f"{PEER_FILLS:,} fills of one asset by rp2's FIFO", value=measure_seconds(theirs, 3), unit="s", samples=3
    )
    ratio = median(measure_seconds(ours, 1) / measure_seconds(theirs, 1) for _ in range(3))
    yield Line(what="  ours beside rp2's, by turns", value=ratio, unit="x", samples=3, budget=1.0)


def draw_fills(count: int, assets: int, seed: int) -> list[Fill]:
    """Purchases, and sales of what is held, in the order of time."""
    dice, held, fills = random.Random(seed), [Decimal(0)] * assets, []
    for _ in range(count):
        asset, units = dice.randrange(assets), Decimal(dice.randint(1, 1000)) / 100
        if dice.random() < 0.5 and units <= held[asset]:
            units = -units
        held[asset] += units
        fills.append((asset, units, Decimal(dice.randint(100, 200_000)) / 100))
    return fills


def match(fills: list[Fill], method: Method) -> Decimal:
    """What the sales gained."""
    inventories: dict[int, Inventory] = {}
    gain = Decimal(0)
    for asset, units, price in fills:
        if asset not in inventories:
            inventories[asset] = Inventory(method)
        gain += inventories[asset].book(units, units * price)
    return gain


def _find_rp2(fills: list[Fill]) -> Callable[[], Decimal] | None:
    """rp2's whole computation of the gains; None where it is not installed."""
    try:
        trees, engine, fifo, taxes = (
            importlib.import_module(name)
            for name in (
                "prezzemolo.avl_tree",
                "rp2.accounting_engine",
                "rp2.plugin.accounting_method.fifo",
                "rp2.tax_engine",
            )
        )
    except ImportError:
        return None
    configuration, data = _give_rp2(fills)

    def compute() -> Decimal:
        methods = trees.AVLTree()
        methods.insert_node(FIRST.year, fifo.AccountingMethod())
        computed = taxes.compute_tax(configuration, engine.AccountingEngine(years_2_methods=methods), data)
        return sum((Decimal(str(one.fiat_gain)) for one in computed.gain_loss_set), Decimal(0))

    return compute


def _give_rp2(fills: list[Fill]) -> tuple[Any, Any]:
    """The same fills as rp2 takes them, a minute apart."""
    number_of = importlib.import_module("rp2.rp2_decimal").RP2Decimal
    buy, sell = (
        importlib.import_module("rp2.in_transaction").InTransaction,
        importlib.import_module("rp2.out_transaction").OutTransaction,
    )
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        Path(file.name).write_text(SETTINGS, encoding="utf-8")
        country = importlib.import_module("rp2.plugin.country.us").US()
        configuration = importlib.import_module("rp2.configuration").Configuration(file.name, country)
    make_set = importlib.import_module("rp2.transaction_set").TransactionSet
    bought, sold, moved = (make_set(configuration, kind, "BTC") for kind in ("IN", "OUT", "INTRA"))
    for row, (_, units, price) in enumerate(fills, 1):
        at = f"{FIRST + timedelta(minutes=row):%Y-%m-%dT%H:%MZ}"
        place, paid, size = (
            (configuration, at, "BTC", "Binance", "Ann"),
            number_of(str(price)),
            number_of(str(abs(units))),
        )
        if units > 0:
            bought.add_entry(buy(*place, "BUY", paid, size, row=row))
        else:
            sold.add_entry(sell(*place, "SELL", paid, size, number_of(0), row=row))
    return configuration, importlib.import_module("rp2.input_data").InputData("BTC", bought, sold, moved)

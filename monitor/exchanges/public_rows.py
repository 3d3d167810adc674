"""Rows of public answers: last prices and klines, read and judged in one way for every adapter."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from monitor.exchanges.http.gate import Malformed, Row, a_moment, amount, an_object, text
from monitor.exchanges.public import Kline


def read_last_prices(answer: object, symbol: str, price: str) -> dict[str, Decimal]:
    """Prices by the exchange's name of the pair, from rows that call these two `symbol` and `price`.

    A row that can't be read, a price of zero or a pair that is listed twice costs that pair and no other. Raises Malformed
    where no row can be read; what no rows at all mean is the adapter's to say.
    """
    if not isinstance(answer, list):
        raise Malformed("the answer is not a list of rows")
    rows = [row for row in (_read_price(row, symbol, price) for row in answer) if row]
    times = Counter(name for name, _ in rows)
    if not times:
        raise Malformed("no price that can be read")
    return {name: value for name, value in rows if value > 0 and times[name] == 1}


def _read_price(row: object, symbol: str, price: str) -> tuple[str, Decimal] | None:
    try:
        found = an_object(row)
        return text(found, symbol), amount(found, price)
    except Malformed:
        return None


def read_kline(answer: object, columns: int, taker_buy: int | None = None) -> Kline:
    """A kline of at least `columns` figures: when it opened, open, high, low, close, volume, and more.

    `taker_buy` is the column of what buyers took, where the exchange says it. Raises Malformed.
    """
    if not isinstance(answer, list) or len(answer) < columns:
        raise Malformed("a kline is not a list of figures")
    row = {"opened": answer[0], "open": answer[1], "close": answer[4], "volume": answer[5]}
    kline = make_kline(row, a_moment, amount(row, "volume"))
    if taker_buy is None:
        return kline
    bought = amount({"taker_buy": answer[taker_buy]}, "taker_buy")
    if bought > kline.volume:
        raise Malformed("a kline with more bought than traded")
    return replace(kline, taker_buy=bought)


def make_kline(row: Row, when: Callable[[Row, str], datetime], volume: Decimal) -> Kline:
    """The kline of a row with `opened`, `open` and `close`. Raises Malformed at a price of zero."""
    kline = Kline(
        opened=when(row, "opened"),
        open=amount(row, "open"),
        close=amount(row, "close"),
        volume=volume,
        taker_buy=None,
    )
    if kline.open <= 0 or kline.close <= 0:
        raise Malformed("a kline with a price of zero")
    return kline


def refuse_disorder(klines: Sequence[Kline]) -> None:
    """Raises Malformed unless each of `klines` opened after the one before it."""
    if any(later.opened <= earlier.opened for earlier, later in pairwise(klines)):
        raise Malformed("klines out of order")

"""How far a trade in a contract went, a second time: in fractions, at every mark price of every one of its minutes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from paper.stories.futures import mark, pair_of

MINUTE = timedelta(minutes=1)


def find_points(
    market: Any, symbol: str, trade: dict[str, Any], moves: Sequence[Any], fees: Sequence[Any]
) -> list[Fraction]:
    """Everything that the trade ever stood at; `moves` and `fees` are rows as they are stored, `symbol` is the venue's name."""
    points = [_stand(symbol, trade, moves[: n + 1], [f for f in fees if f["at"] < one["at"]], _price(symbol, one))
              for n, one in enumerate(moves)]  # fmt: skip
    minute = trade["opened_at"].replace(second=0, microsecond=0)
    while minute < trade["closed_at"]:
        end = minute + MINUTE
        before, paid = [m for m in moves if m["at"] < end], [f for f in fees if f["at"] < end]
        if end <= trade["closed_at"]:
            has_fill = any(minute <= m["at"] for m in before)
            points += [_stand(symbol, trade, before, paid, p) for p in _list_prices(market, symbol, minute, has_fill)]
        minute = end
    return [*points, Fraction(trade["net"])]


def _list_prices(market: Any, symbol: str, minute: datetime, has_fill: bool) -> Iterator[Fraction]:
    kline = market.minute(pair_of(symbol), minute)
    for text in (kline.close,) if has_fill else (kline.low, kline.high):
        yield Fraction(mark(Decimal(text), minute))


def _price(symbol: str, move: Any) -> Fraction:
    units, settled = Fraction(move["quantity"]), Fraction(move["settled_value"])
    return units / settled if symbol.endswith("_PERP") else settled / units


def _stand(symbol: str, trade: dict[str, Any], moves: Sequence[Any], fees: Sequence[Any], price: Fraction) -> Fraction:
    """What it stands at once these have happened: what is open of it came in at the average of its entries."""
    sign = -1 if trade["side"] == "SHORT" else 1
    units = cost = Fraction(0)
    for move in moves:
        quantity, settled = Fraction(move["quantity"]), Fraction(move["settled_value"])
        if move["effect"] == "entry":
            units, cost = units + quantity, cost + settled
        else:
            units, cost = units - quantity, cost * (units - quantity) / units
    realised = sum((Fraction(m["gain"]) for m in moves if m["effect"] == "exit"), Fraction(0))
    open_gain = cost * price - units if symbol.endswith("_PERP") else units * price - cost
    return realised + sign * open_gain - sum((Fraction(f["value"]) for f in fees), Fraction(0))

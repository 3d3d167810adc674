"""What each pair of the venue accepts from those who trade on it."""

from decimal import Decimal

from paper.market.klines import Symbol
from paper.trading.filters import Filters, Range

HIGHEST = Decimal(1_000_000)
MOST = Decimal(9_000_000)
SHARES = Range(least=Decimal("0.2"), most=Decimal(5))
DELTAS = Range(least=Decimal(10), most=Decimal(2000))


def filters_of(symbol: Symbol) -> Filters:
    """The filters of a pair, which its tick and its quote coin decide."""
    tick = symbol.tick
    return Filters(
        price=Range(least=tick, most=HIGHEST, step=tick),
        quantity=Range(least=symbol.step, most=MOST, step=symbol.step),
        market_quantity=Range(most=MOST),
        notional=Range(least=symbol.least_value, most=MOST),
        bid_share=SHARES,
        ask_share=SHARES,
        trailing_above=DELTAS,
        trailing_below=DELTAS,
    )

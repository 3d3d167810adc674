"""Trades in contracts of what was open when a history began: each begins with its first reading, at the mark of that.

What its units had cost before is not known to us: so it is with coins that were there. The exchange's own entry price, from which
it counts its profits, stands beside them with each reading.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, localcontext
from itertools import accumulate

from finance.cash import USUAL
from finance.contract_hours import NEAR, ContractHour, Held, Reading, Side
from finance.contract_trades import Contract, ContractMove, ContractTrade
from finance.contracts import InverseSizes, is_inverse
from finance.decimals import UNROUNDED, ZERO
from finance.trades import Effect, MoveKind, OpenedBy

Opening = tuple[ContractTrade, ContractMove]


def find_openings(
    start: Reading, hour: ContractHour, sizes: InverseSizes, prices: Mapping[str, Decimal]
) -> Iterator[Opening]:
    """The trades that were open at `start`, the first reading, and what of them was there; `hour` follows it.

    `prices` are those of then, of what contracts settle in. Without one, without a mark, and of a contract that settles neither
    in a stablecoin or bank money nor in the coin that it is about, there is none: what is open of that stays of no trade.
    """
    with localcontext(UNROUNDED):
        for side, held in sorted(start.positions.items()):
            quantity, price = _find_begun(start, side, held.quantity, hour), prices.get(held.settle, ZERO)
            is_known = held.settle in USUAL or is_inverse(side[0], held.settle)
            if quantity and held.mark and price and is_known:
                yield _open(Contract.of(side, held.settle, sizes), held, quantity, price, start)


def _find_begun(start: Reading, side: Side, held: Decimal, hour: ContractHour) -> Decimal:
    """How much of it was open before the fills of the hour: reading takes seconds, so the first of these may be in it already.

    As many of them are as the next reading says.
    """
    fills = [
        one
        for one in hour.fills
        if (one.symbol, one.side) == side and start.through <= one.occurred_at < hour.reading.through
    ]
    early = accumulate(one.quantity for one in fills if one.occurred_at < start.taken_at + NEAR)
    later = hour.reading.positions.get(side)
    begun = (later.quantity if later else ZERO) - sum((one.quantity for one in fills), ZERO)
    return begun if held - begun in early else held


def _open(contract: Contract, held: Held, quantity: Decimal, price: Decimal, start: Reading) -> Opening:
    units, value = contract.settle_fill(quantity, held.mark)
    name = ".".join(("o", *(part for part in contract.key if part != "both")))
    move = ContractMove(
        trade=name,
        at=start.taken_at,
        effect=Effect.ENTRY,
        kind=MoveKind.HELD,
        row="",
        order="",
        quantity=abs(units),
        value=abs(value) * price,
        gain=ZERO,
        worth=abs(value) * price,
        settled_value=abs(value),
        settled_gain=ZERO,
    )
    trade = ContractTrade(
        id=name,
        asset=contract.symbol,
        contract=contract,
        market=held.wallet,
        is_short=quantity < 0,
        opened_by=OpenedBy.OPENING,
        opened_at=start.taken_at,
    )
    return trade.with_settled(move), move
